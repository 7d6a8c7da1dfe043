"""The syntax of PCRE2's regular expressions: what it refuses, in its words.

nginx compiles every pattern when it reads its configuration, and refuses the configuration if one is wrong.
The plugin's engine would refuse it only when the plugin starts. Asked of PCRE2 10.42, in nginx.
"""

from __future__ import annotations

import re
from contextlib import suppress
from dataclasses import dataclass, field

_QUANTIFIER = re.compile(r"(?:[*+?]|\{\d+(?:,\d*)?\})[+?]?")
_COUNT = re.compile(r"\{(\d+)(?:,(\d*))?\}")
_NAME = re.compile(r"\w+", re.ASCII)
_POSIX = re.compile(r"\[([:.=])(\^?)(.*?)\1\]", re.DOTALL)
_POSIX_NAMES = frozenset(
    (
        *("alpha", "lower", "upper", "alnum", "ascii", "blank", "cntrl", "digit"),
        *("graph", "print", "punct", "space", "word", "xdigit"),
    )
)
_HEX = re.compile(r"x(?:\{([^}]*)\}|([0-9A-Fa-f]{0,2}))")
_ESCAPED_CLASS = frozenset("dDwWsShHvVNR")
_ASSERTIONS = frozenset("bBAZzG")
_FIXED = re.compile(r"\{\d+\}[+?]?")
_MOST = 65535


class Wrong(Exception):
    """PCRE2 refuses the pattern; the text is its message."""


@dataclass
class _Pattern:
    """A pattern while it is read."""

    text: str
    at: int = 0
    groups: int = 0
    names: dict[str, None] = field(default_factory=dict)
    references: list[int] = field(default_factory=list)
    named: list[str] = field(default_factory=list)
    extended: bool = False
    behind: bool = False  # inside of a lookbehind
    varying: bool = False  # one was found whose length is not fixed


def fault(pattern: str) -> str:
    """PCRE2's message about a pattern that it refuses; "" for one that it takes.

    Of what is rare (recursion, callouts, verbs, lookbehind of no fixed length) not everything is checked.
    """
    found = _Pattern(pattern)
    try:
        _alternatives(found, 0)
        if found.at < len(pattern):
            return "unmatched closing parenthesis"
    except Wrong as wrong:
        return str(wrong)
    if any(number > found.groups for number in found.references):
        return "reference to non-existent subpattern"
    if any(name not in found.names for name in found.named):
        return "reference to non-existent subpattern"
    return "lookbehind assertion is not fixed length" if found.varying else ""


def names(pattern: str) -> list[str]:
    """The names of a pattern's groups, in order, as far as it can be read."""
    found = _Pattern(pattern)
    with suppress(Wrong):
        _alternatives(found, 0)
    return list(found.names)


def _alternatives(p: _Pattern, depth: int) -> None:
    """Up to the end, or to a closing parenthesis."""
    if depth > 250:
        raise Wrong("parentheses are too deeply nested")
    repeatable = False
    extended = p.extended
    while p.at < len(p.text) and p.text[p.at] != ")":
        char = p.text[p.at]
        quantifier = _QUANTIFIER.match(p.text, p.at)
        if quantifier is not None:
            _check_count(quantifier[0])
            if not repeatable:
                raise Wrong("quantifier does not follow a repeatable item")
            p.varying = p.varying or (p.behind and not _FIXED.fullmatch(quantifier[0]))
            repeatable, p.at = False, quantifier.end()
        elif char == "(":
            repeatable = _group(p, depth)
        elif char == "[":
            _class(p)
            repeatable = True
        elif char == "\\":
            repeatable = _escape(p)
        elif p.extended and (char.isspace() or char == "#"):
            _skip_blank(p)
        else:
            repeatable = char not in "|^$"
            p.at += 1
    p.extended = extended


def _skip_blank(p: _Pattern) -> None:
    end = p.text.find("\n", p.at) if p.text[p.at] == "#" else p.at
    p.at = len(p.text) if end < 0 else end + 1


def _check_count(text: str) -> None:
    match = _COUNT.match(text)
    if match is None:
        return
    low, high = int(match[1]), int(match[2]) if match[2] else None
    if low > _MOST or (high is not None and high > _MOST):
        raise Wrong("number too big in {} quantifier")
    if high is not None and high < low:
        raise Wrong("numbers out of order in {} quantifier")


# --- groups ---


def _group(p: _Pattern, depth: int) -> bool:
    """At a `(`; whether what stands here can be repeated."""
    p.at += 1
    behind = p.behind
    if p.text.startswith("?", p.at):
        p.behind = p.text.startswith(("?<=", "?<!"), p.at) or (
            behind and not p.text.startswith(("?=", "?!"), p.at)
        )
        if not _special(p):
            p.behind = behind
            return False
    elif re.compile(r"\*[A-Za-z_]*:?").match(p.text, p.at) and p.text[p.at + 1 : p.at + 2].isalpha():
        end = p.text.find(")", p.at)
        if end < 0:
            raise Wrong("missing closing parenthesis")
        p.at = end + 1
        return False
    else:
        p.groups += 1
    extended = p.extended
    _alternatives(p, depth + 1)
    p.extended, p.behind = extended, behind
    if p.at >= len(p.text):
        raise Wrong("missing closing parenthesis")
    p.at += 1
    return True


def _special(p: _Pattern) -> bool:
    """At the `?` of a `(?`; whether a group begins that has to be read."""
    p.at += 1
    rest = p.text[p.at :]
    if rest.startswith("#"):
        return _comment(p)
    for opening in ("<=", "<!", ":", "=", "!", ">", "|"):
        if rest.startswith(opening):
            p.at += len(opening)
            return True
    for opening, closing in (("P<", ">"), ("<", ">"), ("'", "'")):
        if rest.startswith(opening):
            p.at += len(opening)
            _named_group(p, closing)
            return True
    if rest.startswith("("):  # a condition
        end = p.text.find(")", p.at)
        if re.match(r"\(\?[=!<]", rest):
            return True
        number = re.match(r"\((\d+)\)", rest)
        p.references += [int(number[1])] if number else []
        p.at = len(p.text) if end < 0 else end + 1
        return True
    return _reference_or_options(p, rest)


def _comment(p: _Pattern) -> bool:
    end = p.text.find(")", p.at)
    if end < 0:
        raise Wrong("missing ) after (?# comment")
    p.at = end + 1
    return False


def _named_group(p: _Pattern, closing: str) -> None:
    match = _NAME.match(p.text, p.at)
    if match is None:
        raise Wrong("subpattern name expected")
    if match[0][0].isdigit():
        raise Wrong("subpattern name must start with a non-digit")
    if not p.text.startswith(closing, match.end()):
        raise Wrong("syntax error in subpattern name (missing terminator?)")
    if len(match[0]) > 32:
        raise Wrong("subpattern name is too long (maximum 32 code units)")
    if match[0] in p.names:
        raise Wrong("two named subpatterns have the same name (PCRE2_DUPNAMES not set)")
    p.names[match[0]] = None
    p.groups += 1
    p.at = match.end() + 1


_CALL = re.compile(r"(?:R|[+-]?\d+|&\w+|P>\w+|P=\w+|C\d*)\)")
_OPTIONS = re.compile(r"\^?[imsxnJU]*(?:-[imsxnJU]*)?([:)])")


def _reference_or_options(p: _Pattern, rest: str) -> bool:
    call = _CALL.match(rest)
    if call is not None:
        name = re.match(r"(?:&|P>|P=)(\w+)", call[0])
        if name is not None:
            p.named.append(name[1])
        elif call[0][:-1].isdigit():
            p.references.append(int(call[0][:-1]))
        p.at += call.end()
        return False
    options = _OPTIONS.match(rest)
    if options is None:
        known = re.match(r"\^?[imsxnJU-]*", rest)
        assert known is not None
        ended = known.end() == len(rest)
        raise Wrong("missing closing parenthesis" if ended else "unrecognized character after (? or (?-")
    on = options[0].partition("-")[0]
    if "x" in on:
        p.extended = True
    p.at += options.end()
    return options[1] == ":"


# --- classes ---


def _class(p: _Pattern) -> None:
    """At a `[`."""
    posix = _POSIX.match(p.text, p.at)
    if posix is not None and "]" not in posix[3]:
        raise Wrong("POSIX named classes are supported only within a class")
    position = p.at + 1
    position += p.text.startswith("^", position)
    last: int | None = None  # the character that a range may start with
    first = True
    while True:
        if position >= len(p.text):
            raise Wrong("missing terminating ] for character class")
        if p.text[position] == "]" and not first:
            break
        first = False
        if (
            p.text[position] == "-"
            and last is not None
            and p.text[position + 1 : position + 2] not in ("]", "")
        ):
            position, high = _member(p, position + 1)
            if high is None:
                raise Wrong("invalid range in character class")
            if high < last:
                raise Wrong("range out of order in character class")
            last = None
            continue
        position, last = _member(p, position)
    p.at = position + 1


def _member(p: _Pattern, position: int) -> tuple[int, int | None]:
    """One member of a class: where it ends, and its character's number, if it is a single one."""
    char = p.text[position]
    if char == "[":
        posix = _POSIX.match(p.text, position)
        if posix is not None and "]" not in posix[3]:
            if posix[1] != ":":
                raise Wrong("POSIX collating elements are not supported")
            if posix[3] not in _POSIX_NAMES:
                raise Wrong("unknown POSIX class name")
            return posix.end(), None
        return position + 1, ord(char)
    if char != "\\":
        return position + 1, ord(char)
    following = p.text[position + 1 : position + 2]
    if not following:
        raise Wrong("\\ at end of pattern")
    if following in _ESCAPED_CLASS or following in "pP":
        if following in "NR":
            what = "escape sequence is invalid in character class"
            raise Wrong("\\N is not supported in a class" if following == "N" else what)
        end = _property(p.text, position + 2) if following in "pP" else position + 2
        return end, None
    if following in "QE":
        return position + 2, None
    hexadecimal = _HEX.match(p.text, position + 1)
    if hexadecimal is not None:
        return hexadecimal.end(), int(hexadecimal[1] or hexadecimal[2] or "0", 16)
    octal = re.compile(r"[0-7]{1,3}").match(p.text, position + 1)
    if octal is not None:
        return octal.end(), int(octal[0], 8)
    if following == "c":
        return position + 3, None
    codes = {"n": 10, "t": 9, "r": 13, "f": 12, "a": 7, "e": 27, "b": 8}
    if following not in codes and following.isascii() and following.isalpha():
        raise Wrong("unrecognized character follows \\")
    return position + 2, codes.get(following, ord(following))


# --- escapes ---

_SINGLE = frozenset("nrtfae")


def _escape(p: _Pattern) -> bool:
    """At a backslash outside of classes; whether what it stands for can be repeated."""
    p.at += 1
    char = p.text[p.at : p.at + 1]
    if not char:
        raise Wrong("\\ at end of pattern")
    p.at += 1
    if char in _ASSERTIONS:
        return False
    if char == "Q":
        end = p.text.find("\\E", p.at)
        p.at = len(p.text) if end < 0 else end + 2
        return True
    if char.isdigit():
        _number(p, char)
    elif char in "gk":
        _reference(p, char)
    elif char in "pP":
        p.at = _property(p.text, p.at)
    elif char == "x":
        match = _HEX.match(p.text, p.at - 1)
        assert match is not None
        if match[1] is not None and not re.fullmatch(r"[0-9A-Fa-f]+", match[1]):
            raise Wrong("non-hex character in \\x{} (closing brace missing?)")
        if match[1] is not None and int(match[1], 16) > 0xFF:
            raise Wrong("character code point value in \\x{} or \\o{} is too large")
        p.at = match.end()
    elif char in "co":
        p.at = _control_or_octal(p, char)
    elif char.isascii() and char.isalpha() and char not in _ESCAPED_CLASS | _SINGLE | set("KXCE"):
        raise Wrong("unrecognized character follows \\")
    return char not in "EK"


def _control_or_octal(p: _Pattern, char: str) -> int:
    r"""Behind `\c` or `\o`; where it ends."""
    if char == "c":
        if p.at >= len(p.text):
            raise Wrong("\\c at end of pattern")
        return p.at + 1
    match = re.compile(r"\{([0-7]+)\}").match(p.text, p.at)
    if match is None:
        raise Wrong("missing opening brace after \\o")
    return match.end()


def _number(p: _Pattern, char: str) -> None:
    """Behind the first digit of `\\1` or `\\012`."""
    digits = re.compile(r"\d*").match(p.text, p.at)
    assert digits is not None
    number = int(char + digits[0])
    if char != "0" and (number < 10 or number <= p.groups):
        p.references.append(number)
        p.at = digits.end()
    else:
        octal = re.compile(r"[0-7]{0,2}").match(p.text, p.at)
        assert octal is not None
        p.at = octal.end()


def _reference(p: _Pattern, char: str) -> None:
    r"""Behind `\g` or `\k`."""
    match = re.compile(r"\{([^}]*)\}|<([^>]*)>|'([^']*)'|([+-]?\d+)").match(p.text, p.at)
    if match is None or (char == "k" and match[4]):
        name = "\\k is not followed by a braced, angle-bracketed, or quoted name"
        raise Wrong(name if char == "k" else "a numbered reference must not be zero")
    what = next(each for each in match.groups() if each is not None)
    if re.fullmatch(r"\d+", what):
        p.references.append(int(what))
    elif re.fullmatch(r"[A-Za-z_]\w*", what):
        p.named.append(what)
    p.at = match.end()


def _property(text: str, at: int) -> int:
    r"""Behind `\p`; where the property ends."""
    match = re.compile(r"\{\^?([A-Za-z_&]+)\}|[A-Za-z]").match(text, at)
    if match is None:
        raise Wrong("malformed \\P or \\p sequence")
    if match[1] is None and match[0] not in "CLMNPSZ":
        raise Wrong("unknown property after \\P or \\p")
    return match.end()
