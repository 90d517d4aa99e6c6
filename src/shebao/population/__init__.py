"""Synthetic people, calibrated to the census and to the published tables of the pension schemes.

``make`` writes a population to a Parquet file whose columns are named as the law names its facts, so that
``shebao compute`` runs on it as it is; ``report`` sets the file's margins beside their targets. What is
published, what is assumed and how the citizen numbers are kept apart from real ones: ``README.md`` here.

>>> from shebao import population
>>> population.make("guangdong.parquet", 1_000_000, province=44)     # doctest: +SKIP
>>> print(population.report("guangdong.parquet").markdown())         # doctest: +SKIP
"""

from shebao.population.data import PopulationError
from shebao.population.margins import Margin, Report, report
from shebao.population.stream import Made, make

__all__ = ["Made", "Margin", "PopulationError", "Report", "make", "report"]
