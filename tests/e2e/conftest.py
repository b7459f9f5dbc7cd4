"""The browser for every test in this folder."""

from tests.e2e.browser import browser

__all__ = ["browser"]
