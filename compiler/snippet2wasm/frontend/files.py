"""Reading input files, with bounds and clear words for what can't be read."""

from __future__ import annotations

from pathlib import Path

from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.source import Source

MAX_BYTES = 4 << 20


class Unreadable(Exception):
    """A file can't be read; the text says why."""


def read(path: Path, name: str | None = None, limit: int = MAX_BYTES) -> Source:
    """The text of a file; `name` is what messages call it, `limit` the number of bytes that it may have.

    Raises:
        Unreadable: it is missing, a folder, or not allowed.
        Refusal: S2W107, it is too large.
    """
    shown = name or str(path)
    try:
        if path.is_dir():
            raise Unreadable("it is a folder")
        with path.open("rb") as file:
            return bounded(file.read(limit + 1), shown, limit)
    except FileNotFoundError:
        raise Unreadable("there is no such file") from None
    except PermissionError:
        raise Unreadable("reading it is not allowed") from None
    except (OSError, ValueError) as error:
        raise Unreadable(str(getattr(error, "strerror", None) or error)) from None


def beside(folder: Path, name: str) -> Path:
    """The file that nginx text in `folder` means by a path. The path is the server's: it is looked for as it
    is, then below the folder with ever less of its beginning; of a folder `conf`, below the one above, too.
    """
    whole = Path(name) if Path(name).is_absolute() else folder / name
    if ".." in name.split("/") or whole.is_file():
        return whole
    return below(folder, name) or whole


def below(folder: Path, name: str) -> Path | None:
    """The file below `folder` that a path of the server means: by the whole path, or by ever less of its
    beginning; None if there is none.
    """
    parts = [part for part in name.split("/") if part not in ("", ".")]
    if ".." in parts:
        return None
    candidates = (root.joinpath(*parts[skipped:]) for root in roots(folder) for skipped in range(len(parts)))
    return next((each for each in candidates if each.is_file()), None)


def roots(folder: Path) -> list[Path]:
    """The folders in which the files of an input are: its own; of one for configurations (`conf`, `conf.d`),
    the one above, too.
    """
    return [folder, *([folder.parent] if folder.absolute().name in INNER else [])]


INNER = frozenset(("conf", "conf.d", "sites-available", "sites-enabled"))
"""The names of folders that hold configurations, and nothing else of a project."""


def bounded(data: bytes, name: str, limit: int = MAX_BYTES) -> Source:
    """A source of these bytes, at most `limit` of them.

    Raises:
        Refusal: S2W107, there are too many.
    """
    if len(data) > limit:
        source = Source(name, data[:200])
        raise Refusal(
            Diagnostic(
                "S2W107",
                f"the input has more than {limit >> 20} MiB",
                source.span(0, 0),
                reason="no snippet is that large; this is probably not the file that was meant",
            )
        )
    return Source(name, data)


def check(source: Source) -> None:
    """Checks a text that must hold a handler.

    Raises:
        Refusal: S2W105 not UTF-8, S2W106 nothing in it.
    """
    check_text(source)
    if not source.data.strip():
        raise Refusal(
            Diagnostic(
                "S2W106", "the input is empty", source.span(0, 0), help="give a handler's Lua or nginx text"
            )
        )


def check_text(source: Source) -> None:
    """Checks that a text is UTF-8.

    Raises:
        Refusal: S2W105.
    """
    try:
        source.data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise Refusal(
            Diagnostic(
                "S2W105",
                "the input is not UTF-8 text",
                source.span(error.start, error.start + 1),
                reason="the byte under the caret begins no UTF-8 character",
                help="convert the file (iconv -t UTF-8); inside a Lua string write such a byte as \\xNN",
            )
        ) from None
