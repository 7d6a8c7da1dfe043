"""Where `require` finds a project's own Lua files: the folders and patterns that are searched.

LuaJIT puts a module's name, its dots made slashes, into each pattern in order (`?` stands for the name).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from snippet2wasm.frontend import files
from snippet2wasm.source import Source

_MOST_FILES = 10_000  # that are looked at in one folder
_LONGEST_CHUNK_NAME = 60  # LuaJIT's LUA_IDSIZE, with the byte that ends it


@dataclass(frozen=True)
class Pattern:
    """One place that is searched.

    Attributes:
        path: where the file is on this machine, with `?` for the module's name.
        shown: what nginx's messages call it: where nginx finds it if that is known, else its path below the
            folder that is searched.
    """

    path: str
    shown: str


@dataclass(frozen=True)
class Found:
    """A module's file, and nginx's name for the code in it."""

    source: Source
    chunk: str


class SearchPath:
    """The places that are searched, in order."""

    def __init__(self, patterns: Iterable[Pattern], folder: Path) -> None:
        self.patterns = tuple(dict.fromkeys(patterns))
        self._folder = folder

    def extend(self, text: str) -> None:
        """Adds patterns that Lua code adds to package.path."""
        if text:
            self.patterns = tuple(dict.fromkeys((*self.patterns, *of_nginx(text, self._folder))))

    def find(self, name: str) -> Found | None:
        """The file of a module, None if there is none.

        Raises:
            Refusal: it is too large.
        """
        for pattern, path in zip(self.patterns, self.candidates(name), strict=True):
            try:
                return Found(files.read(path, shown_path(path)), _chunk(_filled(pattern.shown, name)))
            except files.Unreadable:
                continue
        return None

    def names(self, before: str, after: str) -> list[str]:
        """The names, in order, of all modules that begin and end with these texts."""
        found = set()
        for pattern in self.patterns:
            base, _, suffix = pattern.path.partition("?")
            folder = Path(base.rpartition("/")[0].replace("\0", "?") or ".")
            head = before.replace(".", "/").rpartition("/")[0]
            for path in islice(sorted((folder / head).rglob(f"*{suffix}")), _MOST_FILES):
                name = str(path)[len(base) :] if base else str(path)
                name = name.removesuffix(suffix).replace("/", ".")
                if path.is_file() and name.startswith(before) and name.endswith(after):
                    found.add(name)
        return sorted(name for name in found if len(name) >= len(before) + len(after))

    def candidates(self, name: str) -> list[Path]:
        """The paths that a module can have."""
        return [Path(_filled(pattern.path, name)) for pattern in self.patterns]

    def shown(self) -> list[str]:
        """The patterns as nginx's messages name them."""
        return list(dict.fromkeys(pattern.shown for pattern in self.patterns))

    def not_found(self, name: str) -> bytes:
        """The text of Lua's error for a module that is not there."""
        places = [f"\n\tno field package.preload['{name}']"]
        places += [f"\n\tno file '{_filled(shown, name)}'" for shown in self.shown()]
        return f"module '{name}' not found:{''.join(places)}".encode("utf-8", "surrogateescape")


def shown_path(path: Path) -> str:
    """What the compiler's messages call a file."""
    try:
        return str(path.relative_to(Path.cwd()))
    except ValueError:
        return str(path)


def below(folder: Path) -> tuple[Pattern, ...]:
    """The patterns of a folder with modules."""
    base = _literal(folder)
    return Pattern(f"{base}/?.lua", "?.lua"), Pattern(f"{base}/?/init.lua", "?/init.lua")


def given(text: str, folder: Path = Path()) -> tuple[Pattern, ...]:
    """The patterns of a `--lua-path`: a folder, or patterns with `?`, separated by `;`."""
    if "?" not in text:
        return below(folder / text)
    found = []
    for part in filter(None, text.split(";")):
        before, _, after = part.partition("?")
        head, slash, stem = before.rpartition("/")
        base = _literal(folder / (head or slash or "."))
        found.append(Pattern(f"{base}/{stem}?{after}", f"{stem}?{after}"))
    return tuple(found)


def of_nginx(text: str, folder: Path) -> tuple[Pattern, ...]:
    """The patterns of nginx's lua_package_path. Its folders are those of the server; here they are looked
    for below `folder`, by their whole path and then by ever less of its beginning.
    """
    found = []
    for part in filter(None, text.split(";")):
        if "?" not in part:
            continue
        shown = part.replace("${prefix}", "$prefix").removeprefix("$prefix/").removeprefix("./")
        before, _, after = shown.partition("?")
        head, _, stem = before.rpartition("/")
        words = [word for word in head.split("/") if word not in ("", ".")]
        for skipped in range(len(words) + 1):
            if ".." not in words:
                base = "/".join([_literal(folder), *words[skipped:]])
                found.append(Pattern(f"{base}/{stem}?{after}", shown))
    return tuple(found)


def defaults(folder: Path) -> tuple[Pattern, ...]:
    """What is searched beside an input: its folder, and `lua` in it; of `conf` and its like, the folder
    above, too.
    """
    found = (*below(folder), *below(folder / "lua"))
    return (*found, *defaults(folder.parent)) if folder.absolute().name in files.INNER else found


def _literal(folder: Path) -> str:
    """A folder as part of a pattern: a `?` in its own name is kept out of the module's way."""
    return str(folder).replace("?", "\0")


def _filled(pattern: str, name: str) -> str:
    return pattern.replace("?", name.replace(".", "/")).replace("\0", "?")


def _chunk(path: str) -> str:
    """A path as LuaJIT shows it: of a long one the end."""
    data = path.encode("utf-8", "surrogateescape")
    if len(data) < _LONGEST_CHUNK_NAME:
        return path
    return "..." + data[-(_LONGEST_CHUNK_NAME - 4) :].decode("utf-8", "surrogateescape")
