"""The command ``shebao``: explain a person, compute files of people, read the law, make people, run the demo."""

from shebao.cli.app import main

__all__ = ["main"]
