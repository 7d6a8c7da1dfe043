"""`include`: the directives of the files that a configuration of nginx names.

nginx looks for files on its server. Here they are looked for below the input's folder: by their path there,
and by ever less of its beginning, as Lua files are. Files that come with nginx and say nothing that a plugin
does need not be there; `proxy_params` of Debian's nginx, which does, is known. `include mime.types` stays: a
plugin has nginx's types.
"""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend import files, nginx
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.source import Source

MAX_DEPTH = 16
"""How deep files may include each other."""

MAX_FILES = 500
"""How many files one input may have."""

_DATA = frozenset(("map", "geo", "types", "split_clients"))
"""Blocks whose entries are data; `include` is one in the first three."""

_MIME_TYPES = "mime.types"

_HARMLESS = re.compile(
    r"(?:.*/)?(?:(?:fastcgi|uwsgi|scgi)(?:_params|\.conf)|fastcgi-php\.conf|koi-(?:utf|win)|win-utf"
    r"|modules-enabled/\*\.conf|modules/\*\.conf|options-ssl-nginx\.conf"
    r"|(?:conf|default|http)\.d/\*[\w.]*|sites-enabled/\*[\w.]*)"
)
"""Files that need not be there: they come with nginx or certbot and are about FastCGI, modules and TLS, or
are nginx's usual folders for more, where nginx finds nothing wrong with an empty one.
"""

_KNOWN = {
    "proxy_params": b"""proxy_set_header Host $http_host;
proxy_set_header X-Real-IP $remote_addr;
proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
proxy_set_header X-Forwarded-Proto $scheme;
""",
}
"""Files of Debian's nginx that act, by name."""


def parse(source: Source, folder: Path) -> list[Directive]:
    """The directives of a text, with those of the files that it includes in their places.

    Args:
        source: the text.
        folder: that of the input.

    Raises:
        Refusal: as of `nginx.parse`, also about an included file; S2W244, a file that is not there, or that
            includes itself.
    """
    return _Includer(source, folder).expanded(nginx.parse(source), ())


def included(directives: Sequence[Directive]) -> list[Source]:
    """The texts that directives stand in, that of the first one and all that it includes."""
    found: dict[Source, None] = {}
    for each in directives:
        found[each.name_span.source] = None
        found |= dict.fromkeys(included(each.block or ()))
    return list(found)


class _Includer:
    def __init__(self, source: Source, folder: Path) -> None:
        self.folder = folder
        self.prefix = source.name.replace("\\", "/").rpartition("/")[0]
        self.count = 0

    def expanded(self, directives: Sequence[Directive], chain: tuple[Path, ...]) -> list[Directive]:
        """Directives with what they include; `chain` is the files that led to them."""
        found: list[Directive] = []
        for each in directives:
            if each.name == "include" and each.block is None and len(each.args) == 1:
                found += self._included(each, chain, data=False)
            elif each.name in _DATA and each.block is not None:
                found.append(replace(each, block=self._data(each, chain)))
            elif each.block is not None:
                found.append(replace(each, block=self.expanded(each.block, chain)))
            else:
                found.append(each)
        return found

    def _data(self, block: Directive, chain: tuple[Path, ...]) -> list[Directive]:
        found: list[Directive] = []
        for each in block.block or []:
            if each.name == "include" and len(each.args) == 1 and block.name != "split_clients":
                found += self._included(each, chain, data=True)
            else:
                found.append(each)
        return found

    def _included(self, directive: Directive, chain: tuple[Path, ...], data: bool) -> list[Directive]:
        """The directives that stand for one `include`."""
        name = directive.args[0].value
        if name.rpartition("/")[2] == _MIME_TYPES:
            return [replace(directive, args=[replace(directive.args[0], value=_MIME_TYPES)])]
        paths = self._paths(name)
        if not paths:
            return self._missing(directive)
        found: list[Directive] = []
        for path in paths:
            real = path.resolve()
            self.count += 1
            if real in chain:
                raise _refused(directive, f"{name!r} includes itself", "nginx would not end reading it")
            if len(chain) >= MAX_DEPTH or self.count > MAX_FILES:
                raise _refused(
                    directive, "too many files include each other", "no configuration needs so many"
                )
            try:
                text = files.read(path, self._shown(path))
            except files.Unreadable as error:
                raise _refused(directive, f"can't read {name!r}: {error}") from None
            files.check_text(text)
            inner = nginx.parse(text, data=data)
            found += inner if data else self.expanded(inner, (*chain, real))
        return found

    def _missing(self, directive: Directive) -> list[Directive]:
        name = directive.args[0].value
        known = _KNOWN.get(name.rpartition("/")[2])
        if known is not None:
            return nginx.parse(Source(name, known))
        if _HARMLESS.fullmatch(name):
            return []
        raise _refused(
            directive,
            f"the project has no file {name!r}",
            "the path is one of nginx's server; it is looked for below the input's folder",
            "put the file there, or take the line out if it does nothing for requests",
        )

    def _paths(self, name: str) -> list[Path]:
        """The files that a path or a pattern means, in nginx's order."""
        if not re.search(r"[*?\[]", name):
            path = files.below(self.folder, name)
            return [path] if path is not None else []
        plain = re.sub(r"\*{2,}", "*", name)  # which means no more to nginx
        parts = [part for part in plain.split("/") if part not in ("", ".")]
        if ".." in parts or not parts:
            return []
        roots = files.roots(self.folder)
        kept = max(1, len(parts) - 1)  # the folder of the files stays: `*.conf` alone would be any files
        for skipped in range(kept):
            for root in roots:
                pattern = parts[skipped:]
                found = [each for each in root.glob("/".join(pattern)) if each.is_file()]
                shown = [each for each in found if not _is_hidden(each.relative_to(root).parts, pattern)]
                if shown:
                    return sorted(shown, key=os.fsencode)
        return []

    def _shown(self, path: Path) -> str:
        """A file's name in messages: as the input's is given."""
        base = self.folder
        try:
            inside = path.relative_to(base)
        except ValueError:
            return str(path)
        return f"{self.prefix}/{inside.as_posix()}" if self.prefix else inside.as_posix()


def _is_hidden(names: Sequence[str], pattern: Sequence[str]) -> bool:
    """Whether a path has a name with a dot in front, as of an editor's copy, where a pattern has none: nginx
    leaves it out.
    """
    return any(
        name.startswith(".") and not part.startswith(".") for name, part in zip(names, pattern, strict=False)
    )


def _refused(directive: Directive, message: str, reason: str = "", help_: str = "") -> Refusal:
    return Refusal(Diagnostic("S2W244", message, directive.span, reason, help_))
