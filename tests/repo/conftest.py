"""A browser to look at the documentation site with."""

from tests.support.fixtures import browser

__all__ = ["browser"]
