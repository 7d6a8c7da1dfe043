"""What belongs to an input by its path: the plugin's name and the bindings file."""

from __future__ import annotations

import re
from pathlib import Path

BINDINGS = "snippet2wasm.yaml"
NAME_RULE = "lower-case letters, digits and dashes, at most 63 (it names Kubernetes objects)"

_GENERIC_STEMS = frozenset(
    ("snippet", "nginx", "handler", "access", "rewrite", "main", "index", "input", "conf", "default")
)


_INNER = frozenset(("conf", "conf.d", "sites-available", "sites-enabled"))


class NoInput(ValueError):
    """A folder does not tell which of its files holds the handlers; the text says why."""


_ENTRIES = (
    *("nginx.conf", "conf/nginx.conf"),
    *("snippet.lua", "access.lua", "handler.lua", "main.lua", "rewrite.lua"),
)


def input_of(path: Path) -> Path:
    """The file that is meant by a path: of a project's folder, the one with the handlers.

    Raises:
        NoInput: the folder has none, or several that might be it.
    """
    if not path.is_dir():
        return path
    for name in _ENTRIES:
        if (path / name).is_file():
            return path / name
    for pattern in ("*/nginx.conf", "*/conf/nginx.conf", "*.conf", "conf.d/*.conf", "*.lua"):
        found = sorted(path.glob(pattern))
        if len(found) == 1:
            return found[0]
        if found:
            what = f"{pattern} files" if "/" in pattern else f"{pattern[1:]} files"
            raise NoInput(f"{path} holds {len(found)} {what}: name the one that is meant")
    raise NoInput(f"{path} holds no nginx.conf and no .lua file")


def is_plugin_name(name: str) -> bool:
    """Whether a plugin can have this name; see NAME_RULE."""
    return re.fullmatch(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?", name) is not None


def slug(text: str) -> str:
    """A plugin's name that is like a text; "snippet" when nothing of the text can be kept."""
    return re.sub(r"[^a-z0-9]+", "-", text.lower()).strip("-")[:63].strip("-") or "snippet"


def plugin_name(path: Path) -> str:
    """The name of the plugin for an input file: the file's, or its folder's when the file's says nothing."""
    stem = path.stem
    if stem.lower() in _GENERIC_STEMS:
        folder = path.resolve().parent
        stem = (folder.parent if folder.name in _INNER else folder).name or stem
    return slug(stem)


def unique(name: str, taken: set[str]) -> str:
    """A name like `name` that nobody has yet; it is taken then."""
    found, number = name, 2
    while found in taken:
        suffix = f"-{number}"
        found, number = name[: 63 - len(suffix)].rstrip("-") + suffix, number + 1
    taken.add(found)
    return found


def bindings_candidates(path: Path) -> tuple[Path, ...]:
    """Where the bindings file of an input file is looked for; the first one counts."""
    return path.parent / f"{path.stem}.{BINDINGS}", path.parent / BINDINGS


def default_bindings(path: Path) -> Path | None:
    """The bindings file that belongs to an input file, if there is one: its own, or that of its folder."""
    return next((candidate for candidate in bindings_candidates(path) if candidate.is_file()), None)
