"""Requests that nginx and Envoy treat differently by themselves, with or without a plugin.

Each has a row of the same name in docs/differences.md. Generated requests leave them out; in a person's own
requests a report points at them.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable

from snippet2wasm.verify.client import Request
from snippet2wasm.verify.drafts import METHODS, unescaped

_KNOWN_METHODS = frozenset(
    (*METHODS, "TRACE", "CONNECT", "PROPFIND", "PROPPATCH", "MKCOL", "COPY", "MOVE", "LOCK", "UNLOCK")
)
_JOINED = frozenset(("accept", "user-agent", "x-forwarded-for"))


def _names(request: Request) -> list[str]:
    return [name.lower() for name, _ in request.headers]


def _has(*names: str) -> Callable[[Request], bool]:
    return lambda request: any(name in names for name in _names(request))


def refuses(path: str) -> bool:
    """Whether nginx refuses a path before any Lua runs; what a plugin with a location does, too."""
    depth = 0
    for segment in unescaped(re.sub(r"^\w+://[^/]*", "", path)).split("/"):
        depth += -1 if segment == ".." else segment not in ("", ".")
        if depth < 0:
            return True
    return re.search(r"%(?![0-9A-Fa-f]{2})|%00", path) is not None


_URL = re.compile(r"[a-z][a-z-]*://[a-z0-9.-]+(:\d+)?([/?][!-\"$-~]*)?", re.ASCII | re.IGNORECASE)
_REFERENCE = re.compile(r"[\w!$%&'()*+,;=?@.~-]*(/[\w!$%&'()*+,;=?@.~:/-]*)?", re.ASCII)


def keeps_referer(value: str) -> bool:
    """Whether Envoy leaves a `Referer` in the request: a URL or a path, without fragment or user."""
    return (_URL.fullmatch(value) or _REFERENCE.fullmatch(value)) is not None


DIFFERENCES: dict[str, Callable[[Request], bool]] = {
    "fragment in the request target": lambda request: "#" in request.target,
    "byte above 0x7f in the request target": lambda request: not request.target.isascii(),
    "unknown method": lambda request: request.method not in _KNOWN_METHODS,
    "TRACE": lambda request: request.method == "TRACE",
    "`%` without two digits, `%00` or `..` above the root in the path": (
        lambda request: refuses(request.target.partition("?")[0])
    ),
    "request target that begins neither with `/` nor with a scheme": (
        lambda request: re.match(r"/|\w+://", request.target) is None
    ),
    "`Referer` that is no URL and no path, or has a fragment or user information": (
        lambda request: any(
            name.lower() == "referer" and not keeps_referer(value) for name, value in request.headers
        )
    ),
    "two `Host` headers": lambda request: _names(request).count("host") > 1,
    "header name with a dot": lambda request: any("." in name for name in _names(request)),
    "header name with an underscore": lambda request: any("_" in name for name in _names(request)),
    "several lines of `Accept`, `User-Agent`, `X-Forwarded-For` or another header that Envoy knows": (
        lambda request: any(count > 1 for name, count in Counter(_names(request)).items() if name in _JOINED)
    ),
    "`Connection`, `Keep-Alive`, `Proxy-Connection`": _has("connection", "keep-alive", "proxy-connection"),
    "`TE: trailers`": _has("te"),
    "`Expect`, `Transfer-Encoding`": _has("expect", "transfer-encoding"),
}
"""The name of the row, and whether a request is of that kind."""


def known(request: Request) -> list[str]:
    """The rows that a request belongs to."""
    return [name for name, applies in DIFFERENCES.items() if applies(request)]
