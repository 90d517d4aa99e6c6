"""What may be claimed: every benefit of the law for one person, and for a whole population.

The catalogue (``catalogue/*.yaml``) names the rules of each benefit; conditions and amounts stay in the law.
"""

from shebao.entitled.catalogue import Benefit, Catalogue, Exclusion, load_catalogue, unlisted
from shebao.entitled.person import Claims, Finding, entitled

__all__ = ["Benefit", "Catalogue", "Claims", "Exclusion", "Finding", "entitled", "load_catalogue", "unlisted"]
