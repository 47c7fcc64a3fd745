"""The whole reader's side as files, which any web server, CDN or bucket can give out.

A list in the folder says which version of each page its file holds: an export renders what changed and removes what is
no more. The list names a file before it is written and its version after, so that a run that was killed goes on.
"""

import fcntl
import json
import os
import re
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from django.contrib.staticfiles import finders
from django.contrib.staticfiles.storage import staticfiles_storage
from django.http import Http404, HttpRequest
from django.utils.translation import gettext as _

from . import addresses
from .processes import each_done
from .serving import Served, name_of
from .urls import urlpatterns
from .versions import Times, Version, changes_of_stories, of_nothing
from .views import not_found

LIST = ".factcheck-export.json"
BETWEEN_SAVES = 1000
ASSETS = "factcheck/"
PAGE_OF_CLAIM = re.compile("claims/[^/]+/index.html")


class ExportRefused(Exception):
    pass


@dataclass(frozen=True)
class Result:
    written: int
    unchanged: int
    removed: int


@dataclass(frozen=True)
class File:
    """`content` gives it with the name of the version that it is."""

    path: str
    name: str
    content: Callable[[], tuple[str, bytes]]


def export(
    folder: Path, *, processes: int = 1, progress: Callable[[int, int], None] = lambda done, total: None
) -> Result:
    folder = folder.resolve()
    with locked(folder):
        return Export(folder).run(processes, progress)


class Export:
    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.list = read_list(folder)

    def run(self, processes: int, progress: Callable[[int, int], None]) -> Result:
        files = list(every_file())
        changed = [file for file in files if not self.has(file)]
        gone = self.list.keys() - {file.path for file in files}
        self.refuse_to_lose(gone)
        for file in changed:
            self.list[file.path] = ("", 0)
        self.save()
        try:
            for done, (place, made) in enumerate(each_done(self.make, changed, processes), 1):
                if made:
                    self.list[changed[place].path] = made
                else:
                    gone.add(changed[place].path)
                progress(done, len(changed))
                if done % BETWEEN_SAVES == 0:
                    self.save()
            for path in gone:
                self.remove(path)
        finally:
            self.save()
        return Result(len(changed), len(files) - len(changed), len(gone))

    def refuse_to_lose(self, gone: Collection[str]) -> None:
        """The page of a claim never goes, withdrawn or not: where one does, this is another newsroom's database."""
        if lost := sorted(path for path in gone if PAGE_OF_CLAIM.fullmatch(path)):
            text = _("%(folder)s has %(page)s, which this database does not know: look at DATABASE_URL.")
            raise ExportRefused(text % {"folder": self.folder, "page": lost[0]})

    def at(self, path: str) -> Path:
        """Where it stands: in the folder, whatever became a link meanwhile."""
        target = self.folder / path
        if not target.parent.resolve().is_relative_to(self.folder):
            raise ExportRefused(_("%s leads outside of the directory: remove it.") % target.parent)
        return target

    def has(self, file: File) -> bool:
        name, size = self.list.get(file.path, ("", 0))
        try:
            return name == file.name and (self.folder / file.path).stat().st_size == size
        except FileNotFoundError:
            return False

    def make(self, file: File) -> tuple[str, int] | None:
        """Its version and size; None where it was withdrawn since it was listed."""
        try:
            name, content = file.content()
        except Http404:
            return None
        write(self.at(file.path), content)
        return name, len(content)

    def remove(self, path: str) -> None:
        target = self.at(path)
        target.unlink(missing_ok=True)
        for parent in target.relative_to(self.folder).parents[:-1]:
            with suppress(OSError):  # something else is in it
                (self.folder / parent).rmdir()
        del self.list[path]

    def save(self) -> None:
        """After the files that it tells of, through a loss of power too."""
        os.sync()
        write(self.folder / LIST, json.dumps({"files": self.list}).encode(), sync=True)


# What is exported.


def every_file() -> Iterator[File]:
    yield from assets()
    views: dict[str, Served] = {pattern.name: pattern.callback for pattern in urlpatterns}
    changes = changes_of_stories()
    times = cache(lambda slug: Times(changes[slug]))
    versions: dict[tuple, Version] = {}
    for name, names in addresses.named_all(changes):
        view = views[name]
        made_of = {key: value for key, value in names.items() if key != "number"}
        key = (view.version_of, *made_of.values())
        if key not in versions:
            read = {"times": times(names["slug"])} if "moment" in names else {}
            versions[key] = view.version(**made_of, **read)  # of all editions of a claim, of all pages of a list
        yield page_file(addresses.address_of(name, names), view, names, versions[key])
    yield error_page()


def page_file(address: str, view: Served, names: Mapping[str, Any], version: Version) -> File:
    def content() -> tuple[str, bytes]:
        name, rendered = view.render(request_for(address), version, **names)
        return name, rendered.content

    path = address.removeprefix("/") + ("index.html" if address.endswith("/") else "")
    return File(path, name_of(address, version), content)


def error_page() -> File:
    name = name_of("/404.html", of_nothing())
    return File("404.html", name, lambda: (name, not_found(request_for("/404.html"), Http404()).content))


def assets() -> Iterator[File]:
    for finder in finders.get_finders():
        for path, storage in finder.list([]):
            if path.startswith(ASSETS):
                yield asset(staticfiles_storage.url(path).removeprefix("/"), Path(storage.path(path)).read_bytes())


def asset(path: str, content: bytes) -> File:
    name = blake2b(content, digest_size=16).hexdigest()
    return File(path, name, lambda: (name, content))


def request_for(address: str) -> HttpRequest:
    request = HttpRequest()
    request.method, request.path, request.path_info = "GET", address, address
    return request


# The folder.


@contextmanager
def locked(folder: Path) -> Iterator[None]:
    """One export at a time writes there. The lock goes with the process, however that ends."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    except (FileExistsError, NotADirectoryError) as error:
        raise ExportRefused(_("%s is not a directory.") % folder) from error
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    except BlockingIOError as error:
        raise ExportRefused(_("Another export is writing to %s: wait for its end.") % folder) from error
    finally:
        os.close(descriptor)


def read_list(folder: Path) -> dict[str, tuple[str, int]]:
    """Of each file the version that it holds, none while it is being written, and its size."""
    try:
        files = json.loads((folder / LIST).read_bytes())["files"]
        listed = {path: (str(name), int(size)) for path, (name, size) in files.items()}
    except FileNotFoundError:
        if any(path != part_of(folder / LIST) for path in folder.iterdir()):  # a run may end before it has a list
            text = _("%s holds files that no export wrote: name a new or an empty directory.")
            raise ExportRefused(text % folder) from None
        return {}
    except (ValueError, KeyError, TypeError, AttributeError, OverflowError) as error:
        text = _("%s cannot be read: export to a new or an empty directory.")
        raise ExportRefused(text % (folder / LIST)) from error
    if any(Path(path).is_absolute() or ".." in Path(path).parts or "\0" in path for path in listed):
        raise ExportRefused(_("%s names files outside of its directory.") % (folder / LIST))
    return listed


def part_of(target: Path) -> Path:
    return target.with_name(f".{target.name}.part")


def write(target: Path, content: bytes, *, sync: bool = False) -> None:
    """Whole or not at all: whoever reads meanwhile gets the old file or the new one."""
    target.parent.mkdir(parents=True, exist_ok=True)
    part = part_of(target)
    part.unlink(missing_ok=True)  # of a run that was killed; were it a link, it would lead somewhere else
    with part.open("xb") as file:
        file.write(content)
        if sync:
            file.flush()
            os.fsync(file.fileno())
    part.replace(target)
