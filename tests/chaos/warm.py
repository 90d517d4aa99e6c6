"""What every child needs, read once before the first is made."""

from tests.chaos import kill, month

month.law().at(f"{month.SECOND:%Y-%m}")
month.law().at(f"{month.FIRST:%Y-%m}")
assert month.law().fingerprint  # read while the files of the rules are those that were loaded
__all__ = ["kill"]
