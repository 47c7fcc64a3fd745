"""How it comes in: files that carry how a story developed are replayed act by act, and what sources say is captured."""

from .problems import ImportRefused, Problem
from .replay import import_files
from .result import Result

__all__ = ["ImportRefused", "Problem", "Result", "import_files"]
