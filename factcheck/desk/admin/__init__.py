"""The desk's pages. Importing them registers them."""

from . import claims, people, readers, record, reports, sources, texts

__all__ = ["claims", "people", "readers", "record", "reports", "sources", "texts"]
