"""Go names for Lua names."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager

from snippet2wasm.backend.packages import IMPORTS

_PLAIN = frozenset("_0123456789")
_INITIALISMS = frozenset(
    (
        *(
            "acl",
            "api",
            "ascii",
            "cpu",
            "css",
            "dns",
            "eof",
            "guid",
            "hmac",
            "html",
            "http",
            "https",
            "id",
            "ip",
            "json",
        ),
        *(
            "jwt",
            "qps",
            "ram",
            "rpc",
            "sla",
            "smtp",
            "sql",
            "ssh",
            "tcp",
            "tls",
            "ttl",
            "udp",
            "ui",
            "uid",
            "uri",
        ),
        *("url", "utf8", "uuid", "vm", "xml", "xmpp", "xsrf", "xss"),
    )
)
_KEYWORDS = (
    "break case chan const continue default defer else fallthrough for func go goto if import interface map"
    " package range return select struct switch type var"
)
KEYWORDS = frozenset(_KEYWORDS.split())
_PREDECLARED = (
    "any append bool byte cap clear close comparable complex complex64 complex128 copy delete error false"
    " float32 float64 imag int int8 int16 int32 int64 iota len make max min new nil panic print println real"
    " recover rune string true uint uint8 uint16 uint32 uint64 uintptr"
)
_OURS = "r cfg st Config State parseConfig main init"
RESERVED = frozenset(" ".join((_KEYWORDS, _PREDECLARED, *IMPORTS, _OURS)).split())


_WORDS = frozenset(f"{_KEYWORDS} {_PREDECLARED}".split())


def variable(name: str) -> str:
    """A Go name for a variable, from its Lua name: `type` is a word of Go's, so `typeValue`."""
    found = camel(name)
    return f"{found}Value" if found in _WORDS else found


def camel(name: str, exported: bool = False) -> str:
    """`device_id` → `deviceID`; `secretKey` stays; the first letter's case says whether it is exported."""
    letters = (
        char if unicodedata.category(char)[0] == "L" or char in _PLAIN else f"x{ord(char):x}" for char in name
    )
    words = [word for word in re.split(r"_+", "".join(letters)) if word] or ["x"]
    out = []
    for index, word in enumerate(words):
        first = index == 0 and not exported
        if word.lower() in _INITIALISMS and (word.islower() or word.isupper()):
            out.append(word.lower() if first else word.upper())
        elif first:
            out.append(word.lower() if word.isupper() else word[0].lower() + word[1:])
        else:
            out.append(word[0].upper() + (word[1:].lower() if word.isupper() and len(word) > 1 else word[1:]))
    found = "".join(out)
    if found[0].isdigit():
        found = ("N" if exported else "n") + found
    return found


class Names:
    """Unique Go names for a scope: a file or a function."""

    def __init__(self, taken: frozenset[str] = RESERVED, wished: set[str] | None = None) -> None:
        self._taken = set(taken)
        self.wished: set[str] = set() if wished is None else wished
        """The names of packages that were asked for, also in inner scopes."""

    def new(self, name: str) -> str:
        """A name like `name` that nobody has yet."""
        found, number = name, 2
        if name in IMPORTS:
            self.wished.add(name)
        while found in self._taken:
            found = f"{name}{number}"
            number += 1
        self._taken.add(found)
        return found

    @contextmanager
    def scope(self) -> Iterator[None]:
        """Names that are made inside of it are free again behind it."""
        before = set(self._taken)
        yield
        self._taken = before

    def free(self, names: list[str]) -> None:
        """Gives names back, whose scope has ended."""
        self._taken -= set(names)

    def child(self) -> Names:
        """The names of an inner scope: all of these are taken in it."""
        return Names(frozenset(self._taken), self.wished)


def shown_name(source_name: str) -> str:
    """A file's name for comments: a name can hold anything, a line feed too."""
    return re.sub(r"[^\w.+@ -]", "_", source_name.replace("\\", "/").rpartition("/")[2]) or "input"
