"""What `ngx.exit(code)` does, by its code: as nginx does it, and so the runtime."""

from __future__ import annotations

from snippet2wasm.explain.model import EndKind
from snippet2wasm.explain.words import Code, Words, say

PAGES = {
    301: "301 Moved Permanently",
    302: "302 Found",
    303: "303 See Other",
    307: "307 Temporary Redirect",
    308: "308 Permanent Redirect",
    400: "400 Bad Request",
    401: "401 Authorization Required",
    402: "402 Payment Required",
    403: "403 Forbidden",
    404: "404 Not Found",
    405: "405 Not Allowed",
    406: "406 Not Acceptable",
    409: "409 Conflict",
    410: "410 Gone",
    411: "411 Length Required",
    412: "412 Precondition Failed",
    413: "413 Request Entity Too Large",
    414: "414 Request-URI Too Large",
    415: "415 Unsupported Media Type",
    416: "416 Requested Range Not Satisfiable",
    421: "421 Misdirected Request",
    429: "429 Too Many Requests",
    494: "400 Request Header Or Cookie Too Large",
    495: "400 The SSL certificate error",
    496: "400 No required SSL certificate was sent",
    497: "400 The plain HTTP request was sent to HTTPS port",
    498: "404 Not Found",
    500: "500 Internal Server Error",
    501: "501 Not Implemented",
    502: "502 Bad Gateway",
    503: "503 Service Temporarily Unavailable",
    504: "504 Gateway Time-out",
    505: "505 HTTP Version Not Supported",
    507: "507 Insufficient Storage",
}
"""The titles of nginx's built-in pages (go_runtime/internal/errorpage has the pages)."""

_TOLD_AS_400 = range(494, 498)
_SILENT = frozenset((408, 444, 499))


def exit_code(code: int, access: bool) -> tuple[EndKind, int | None, Words]:
    """What ngx.exit does with a constant code: the kind of end, the status, and what happens in words (empty
    where the request goes on).
    """
    if code in (0, -5) or (access and (code == -3 or code <= -6)):
        return EndKind.PASS, None, say()
    if code in (-2, -4):
        return EndKind.ERROR, None, say("answers 500")
    if code < 200 or code >= 1000 or code in _SILENT:
        return EndKind.DROP, None, say("closes the connection without an answer")
    if code in PAGES:
        title = PAGES[code]
        if title.startswith(str(code)):
            return EndKind.ANSWER, code, say(f"answers {title}, with nginx's page")
        status = 400 if code in _TOLD_AS_400 else code
        return EndKind.ANSWER, status, say(f"answers {status}, with nginx's page ", Code(title))
    return EndKind.ANSWER, code, empty_answer(say(str(code)))


def empty_answer(status: Words) -> Words:
    """An answer without a page."""
    return say("answers ", status, ", with an empty body")
