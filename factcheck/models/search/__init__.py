"""Editions as they are searched: worked out of what is published, and written by nothing else."""

from .citations import Citation, CitationQuerySet
from .entries import MOST, Hit, SearchEntry, SearchEntryQuerySet

__all__ = ["MOST", "Citation", "CitationQuerySet", "Hit", "SearchEntry", "SearchEntryQuerySet"]
