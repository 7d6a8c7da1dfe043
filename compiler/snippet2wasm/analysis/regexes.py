"""Constant regular expressions of ngx.re: what a plugin does not have of them, and what PCRE surely refuses.

The whole of PCRE's syntax is read where it is matched, in go_runtime/regex; here only what a look at
brackets, parentheses and backslashes tells.
"""

from __future__ import annotations

import re

_AT_START = re.compile(rb"\(\*(UCP|CR|CRLF|ANY|ANYCRLF|BSR_ANYCRLF|BSR_UNICODE|LIMIT_\w+=\d+)\)")
_VERB = re.compile(rb"\(\*(?:THEN|(?:MARK|PRUNE|SKIP|THEN)?:[^)]*)\)")
_CONTROL = (b"(*ACCEPT)", b"(*COMMIT)", b"(*PRUNE)", b"(*SKIP)")
_EXTENDED = re.compile(rb"\(\?[a-zA-Z]*x")
_CLASS = re.compile(rb"\[\^?\]?(?:\[[:.=][^\]]*[:.=]\]|\\Q.*?(?:\\E|$)|\\.|[^\]\\])*\]", re.DOTALL)


def unsupported(pattern: bytes) -> str:
    """What of a pattern the plugin's engine does not have; "" for nothing."""
    start = _AT_START.match(pattern)
    if start is not None:
        return start[0].decode()
    depth = 0
    for token in _tokens(pattern):
        if token == b"\\X":
            return "\\X"
        depth += (token == b"(") - (token == b")")
        verb = _VERB.fullmatch(token)
        if verb is not None:
            return verb[0].decode("utf-8", "replace")
        if depth > 0 and token in _CONTROL:
            return f"{token.decode()} inside of parentheses"
    return ""


def fault(pattern: bytes, options: bytes) -> str:
    """PCRE's message about a pattern that it certainly refuses; "" where it may take it."""
    if b"x" in options or b"J" in options or _EXTENDED.search(pattern) or b"\0" in pattern:
        return ""  # comments may hold anything
    depth = 0
    for token in _tokens(pattern):
        if token == b"[":
            return "missing terminating ] for character class"
        if token == b"\\":
            return "\\ at end of pattern"
        depth += (token == b"(") - (token == b")")
        if depth < 0:
            return "unmatched parentheses"
    return "missing )" if depth else ""


def _tokens(pattern: bytes) -> list[bytes]:
    """A pattern in pieces: escapes, quoted parts, classes, comments, verbs, and all else byte by byte."""
    found = []
    at = 0
    while at < len(pattern):
        end = at + 1
        if pattern.startswith(b"\\Q", at):
            end = pattern.find(b"\\E", at)
            end = len(pattern) if end < 0 else end + 2
        elif pattern.startswith(b"\\", at):
            end = at + (3 if pattern.startswith(b"\\c", at) else 2)
        elif pattern.startswith(b"(?#", at) or re.match(rb"\(\*[A-Z:]", pattern[at:]):
            end = pattern.find(b")", at) + 1 or at + 1
        elif pattern.startswith(b"[", at):
            whole = _CLASS.match(pattern, at)
            end = whole.end() if whole else at + 1
        found.append(pattern[at:end])
        at = end
    return found
