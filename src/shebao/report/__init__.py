"""The demo's month: real award sheets, a province of people, what each pays, holds and draws, and a page to read.

>>> from shebao.report import demo
>>> demo("out", people=20_000).report          # doctest: +SKIP
PosixPath('out/report.html')
"""

from shebao.report.steps import DemoResult, demo

__all__ = ["DemoResult", "demo"]
