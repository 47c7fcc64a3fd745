from dataclasses import dataclass, field


@dataclass
class Result:
    created: int = 0
    updated: int = 0
    unchanged: int = 0
    editions: int = 0
    skipped: list[str] = field(default_factory=list)
    changes: list[str] = field(default_factory=list)
    """One line for each object that was, or on a dry run would be, made or changed."""
    notices: list[str] = field(default_factory=list)
    """What is allowed, and may not be meant."""
