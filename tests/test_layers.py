"""A module imports only from a row below its own; the rooms of one row do not know each other."""

import ast
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

PROJECT = Path(__file__).resolve().parent.parent
# From the ground up. A room is a module, or a package with all that is in it.
ROWS = [
    {"history", "figures", "origins", "text"},
    {"models", "migrations"},
    {"dossier", "indexing"},
    {"page"},
    {"standing"},
    {"desk.eyes", "desk.kinds"},
    {"desk.gate"},
    {"desk.review", "desk.retraction", "desk.queues", "desk.handling", "intake"},
    {"desk.admin", "public"},
    {"management"},
    {"urls", "wsgi", "apps", "headers"},
]
HEIGHT = {f"factcheck.{room}": height for height, row in enumerate(ROWS) for room in row}
# Only folders: they import nothing of ours, and to name them is to name nothing in them.
FOLDERS = {"factcheck", "factcheck.desk"}
# Code of ours reads it through django.conf.
SETTINGS = "factcheck.settings"
# Readers never reach the desk or the door, although some of their rows are lower.
NEVER = {"factcheck.public": ("factcheck.desk", "factcheck.intake")}


def module_name(path: Path, root: Path) -> str:
    parts = path.relative_to(root).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def room_of(module: str) -> str | None:
    """The longest name in HEIGHT that the module is, or stands in."""
    parts = module.split(".")
    prefixes = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((prefix for prefix in prefixes if prefix in HEIGHT), None)


def absolute(node: ast.ImportFrom, module: str, is_package: bool) -> str:
    """The whole name of what stands between `from` and `import`."""
    if not node.level:
        return node.module or ""
    parts = module.split(".") if is_package else module.split(".")[:-1]
    kept = parts[: len(parts) - node.level + 1]
    return ".".join(kept + ([node.module] if node.module else []))


def imports(path: Path, module: str, known: set[str]) -> Iterator[tuple[int, str]]:
    """Line and module of everything imported from factcheck, inside functions and `if TYPE_CHECKING` too."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            targets = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            base = absolute(node, module, path.name == "__init__.py")
            targets = [name if (name := f"{base}.{alias.name}") in known else base for alias in node.names]
        else:
            continue
        for target in targets:
            if target.split(".")[0] == "factcheck":
                yield node.lineno, target


def refusal(module: str, target: str) -> str | None:
    """Why this module may not import that one, or None."""
    room, other = room_of(module), room_of(target)
    if target == SETTINGS:
        return "settings are read through django.conf"
    if target.startswith(NEVER.get(room or "", ())):
        return "readers never reach it"
    if target in FOLDERS or (room == other and room):
        return None
    if other is None:
        return "that has no row"
    if room is None or HEIGHT[other] >= HEIGHT[room]:
        return "that is not below it"
    return None


def violations(root: Path) -> list[str]:
    paths = {module_name(path, root): path for path in sorted((root / "factcheck").rglob("*.py"))}
    known, found = set(paths), []
    for module, path in paths.items():
        if module.startswith("factcheck.migrations."):
            continue
        if room_of(module) is None and module not in FOLDERS | {SETTINGS}:
            found.append(f"{module} has no row: give it one in ROWS")
        for line, target in imports(path, module, known):
            if reason := refusal(module, target):
                found.append(f"{module}, line {line}, imports {target}: {reason}")
    return found


def test_every_import_goes_down() -> None:
    assert violations(PROJECT) == []


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A small house: a few modules, all empty."""
    for name in ["", "history.", "models.", "page.", "intake.", "desk.", "desk.admin.", "public.", "management."]:
        plant(tmp_path, f"factcheck.{name}__init__", "")
    for name in ["figures", "dossier", "urls", "settings", "history.guard", "desk.gate", "desk.review", "public.views"]:
        plant(tmp_path, f"factcheck.{name}", "")
    return tmp_path


def plant(root: Path, module: str, code: str) -> None:
    path = root.joinpath(*module.split(".")).with_suffix(".py")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(code)


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("models.claim", "from factcheck import figures\nfrom factcheck.history import Tracked"),
        ("models.claim", "from . import story\nfrom .story import Story\nimport factcheck.history.guard"),
        ("page.chart", "from factcheck.dossier import build"),
        ("desk.review", "from factcheck.desk import gate\nfrom .gate import check"),
        ("desk.admin.claims", "from ..review import publish"),
        ("intake.replay", "from factcheck.desk.gate import check\nfrom factcheck.models import Claim"),
        ("public.feeds", "from . import views\nfrom django.conf import settings"),
        ("urls", "from factcheck.public import views\nfrom .desk import admin"),
        ("migrations.0001_initial", "import factcheck.models.claim"),
    ],
)
def test_allowed(copy: Path, module: str, code: str) -> None:
    plant(copy, f"factcheck.{module}", code)
    assert violations(copy) == []


@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("models.claim", "from factcheck import dossier"),
        ("models.claim", "def late():\n    from factcheck.desk.review import publish"),
        ("history.guard", "from ..models import Claim"),
        ("history.guard", "from factcheck import figures"),
        ("figures", "import factcheck.history"),
        ("dossier", "from .page import chart"),
        ("desk.gate", "from . import review"),
        ("desk.__init__", "from . import review"),
        ("intake.replay", "from factcheck.desk import review"),
        ("desk.review", "import factcheck.intake"),
        ("desk.admin.claims", "from factcheck.public.views import home"),
        ("public.views", "from ..desk import gate"),
        ("public.views", "import factcheck.desk"),
        ("public.views", "if TYPE_CHECKING:\n    from factcheck.intake import replay"),
        ("public.views", "from factcheck import urls"),
        ("public.views", "from factcheck.settings import SITE_NAME"),
        ("management.commands.demo", "from factcheck import settings"),
        ("__init__", "from . import models"),
        ("utils", ""),
        ("desk.utils", ""),
        ("page.chart", "from factcheck.utils import lost"),
    ],
)
def test_refused(copy: Path, module: str, code: str) -> None:
    plant(copy, f"factcheck.{module}", code)
    assert len(violations(copy)) == 1


def test_a_forbidden_import_planted_in_the_real_house_is_seen(tmp_path: Path) -> None:
    shutil.copytree(PROJECT / "factcheck", tmp_path / "factcheck")
    plant(tmp_path, "factcheck.figures", "from factcheck.models import Claim\n")
    assert "factcheck.figures, line 1, imports factcheck.models: that is not below it" in violations(tmp_path)
