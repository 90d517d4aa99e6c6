"""Shebao 社保: an open social security system."""

__version__ = "0.1.0"
