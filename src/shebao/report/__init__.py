"""Pages to read: a month computed from a population file (``report``), and months of a province's books
(``months.demo``).

>>> from shebao.report import report
>>> report("out", people=20_000).page          # doctest: +SKIP
PosixPath('out/report.html')
>>> from shebao.report.months import demo
>>> demo("out/demo", people=20_000).report     # doctest: +SKIP
PosixPath('out/demo/report.html')
"""

from shebao.report.steps import Reported, report

__all__ = ["Reported", "report"]
