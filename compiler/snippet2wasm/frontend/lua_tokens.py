"""Splits Lua text into tokens exactly as LuaJIT's lexer does.

Bytes in, byte offsets out. The differences from luaparser's own lexer, all of them observable, are the
reason why this exists: LuaJIT takes bytes from 0x80 on as letters, refuses unknown escapes, knows `\\z`,
`\\x`, `\\u` and `0b1`, `0x1p4`, reads a number as far as letters and digits go and only then judges it,
counts `\\r\\n` as one line end and turns it into `\\n` inside strings, skips a byte order mark and a first
line that starts with `#`.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.source import Source

NAME, STRING, NUMBER, END_OF_FILE, ERROR = "<name>", "<string>", "<number>", "<eof>", "<error>"

KEYWORDS = frozenset(
    b"and break do else elseif end false for function goto if in local nil not or repeat return then true "
    b"until while".split()
)

_LINE_END = re.compile(rb"\r\n|\n\r|[\r\n]")
_BLANK = re.compile(rb"[ \t\v\f\r\n]+")
_WORD = re.compile(rb"[A-Za-z_\x80-\xff][A-Za-z0-9_\x80-\xff]*")
_LONG_OPEN = re.compile(rb"\[(=*)\[")
_HALF_OPEN = re.compile(rb"\[=+")
_SYMBOL = re.compile(rb"\.\.\.|\.\.|==|~=|<=|>=|::|[\s\S]")
_REST_OF_LINE = re.compile(rb"[^\r\n]*")
# A sign belongs to a number only right behind its exponent letter.
_HEX_LIKE = re.compile(rb"\.?0[xX](?:[pP][+-]|[0-9A-Za-z_.\x80-\xff])*")
_NUMBER_LIKE = re.compile(rb"\.?[0-9](?:[eE][+-]|[0-9A-Za-z_.\x80-\xff])*")

_DECIMAL = re.compile(rb"(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE]([+-]?[0-9]+))?")
_HEX = re.compile(rb"0[xX]([0-9A-Fa-f]+\.?[0-9A-Fa-f]*|\.[0-9A-Fa-f]+)(?:[pP]([+-]?[0-9]+))?")
_BINARY = re.compile(rb"0[bB]([01]+)")
_INTEGER = re.compile(rb"(?:[0-9]+|0[xX][0-9A-Fa-f]+|0[bB][01]+)[uU]?[lL][lL]")
_IMAGINARY = re.compile(rb"(.*)[iI]", re.DOTALL)
_MAX_EXPONENT = 1 << 20

_LONGEST_SHOWN = 80

_STRING_PART = re.compile(rb"[^\"'\\\r\n]+")
_DECIMAL_ESCAPE = re.compile(rb"[0-9]{1,3}")
_HEX_ESCAPE = re.compile(rb"[0-9A-Fa-f]{2}")
_UNICODE_ESCAPE = re.compile(rb"\{([0-9A-Fa-f]+)\}")
_WRONG_ESCAPE = re.compile(rb"\\(?:[0-9]{1,3}|x[^\"'\r\n]{0,2}|u(?:\{[0-9A-Fa-f]*\}?)?|[\x80-\xff]+|[\s\S])")
_SIMPLE_ESCAPES = {
    ord("a"): b"\a",
    ord("b"): b"\b",
    ord("f"): b"\f",
    ord("n"): b"\n",
    ord("r"): b"\r",
    ord("t"): b"\t",
    ord("v"): b"\v",
    ord("\\"): b"\\",
    ord('"'): b'"',
    ord("'"): b"'",
}


@dataclass(slots=True)
class Token:
    """One token.

    Attributes:
        kind: NAME, STRING, NUMBER, END_OF_FILE, ERROR, or the token's own text for keywords and symbols.
        start: offset of its first byte.
        end: offset behind its last byte.
        line: the line it ends on, counted as LuaJIT counts.
        value: what a string or number means.
        error: for ERROR, why the text can't be read from here on.
    """

    kind: str
    start: int
    end: int
    line: int
    value: bytes | float | None = None
    error: Diagnostic | None = None


def scan(source: Source) -> list[Token]:
    """All tokens, ending with END_OF_FILE, or with ERROR at the first place that LuaJIT's lexer refuses."""
    return _Scanner(source).run()


class _Scanner:
    """One pass over a text."""

    def __init__(self, source: Source) -> None:
        self.source = source
        self.data = source.data
        self.position = 0
        self.line = 1
        self.tokens: list[Token] = []

    def run(self) -> list[Token]:
        try:
            self.skip_header()
            while self.skip_blanks():
                self.token()
            self.add(END_OF_FILE, self.position, self.position)
        except Refusal as refusal:
            [error] = refusal.diagnostics
            self.tokens.append(Token(ERROR, self.position, self.position, self.line, error=error))
        return self.tokens

    def skip_header(self) -> None:
        """Passes over a byte order mark and a first line that starts with `#`."""
        if self.data.startswith(b"\xef\xbb\xbf"):
            self.position = 3
        if self.data.startswith(b"#", self.position):
            self.position = _end(_REST_OF_LINE, self.data, self.position)
            self.pass_lines(_end(_LINE_END, self.data, self.position))
        if self.data.startswith(b"\x1b", self.position):
            raise self.refuse(
                "S2W104",
                "this is LuaJIT bytecode, not Lua text",
                self.position,
                self.position + 1,
                reason="bytecode holds no source to compile",
                help="give the .lua file that the bytecode was made from",
            )

    def skip_blanks(self) -> bool:
        """Moves to the next token; False at the end of the text."""
        data = self.data
        while True:
            blank = _BLANK.match(data, self.position)
            if blank is not None:
                self.pass_lines(blank.end())
            if not data.startswith(b"--", self.position):
                return self.position < len(data)
            bracket = _LONG_OPEN.match(data, self.position + 2)
            if bracket is not None:
                self.long_bracket(bracket, "unfinished long comment")
            else:
                self.position = _end(_REST_OF_LINE, data, self.position)

    def token(self) -> None:
        data, start = self.data, self.position
        word = _WORD.match(data, start)
        if word is not None:
            text = word[0]
            self.add(text.decode("ascii") if text in KEYWORDS else NAME, start, word.end())
            return
        number = _HEX_LIKE.match(data, start) or _NUMBER_LIKE.match(data, start)
        if number is not None:
            self.add(NUMBER, start, number.end(), self.number(number[0], start))
            return
        first = data[start : start + 1]
        if first in (b'"', b"'"):
            value = self.string()
            self.tokens.append(Token(STRING, start, self.position, self.line, value))
            return
        if first == b"[":
            bracket = _LONG_OPEN.match(data, start)
            if bracket is not None:
                value = self.long_bracket(bracket, "unfinished long string")
                self.tokens.append(Token(STRING, start, self.position, self.line, value))
                return
            if data.startswith(b"=", start + 1):
                end = _end(_HALF_OPEN, data, start)
                near = data[start:end].decode("ascii")
                raise self.refuse("S2W101", f"invalid long string delimiter near '{near}'", start, end)
        symbol = _SYMBOL.match(data, start)
        assert symbol is not None
        self.add(symbol[0].decode("latin-1"), start, symbol.end())

    def number(self, text: bytes, start: int) -> float:
        """The value of a number's text; refuses what is none and what is not a Lua number."""
        value = number_value(text)
        if value is not None:
            return value
        end = start + len(text)
        imaginary = _IMAGINARY.fullmatch(text)
        if _INTEGER.fullmatch(text) or (imaginary is not None and number_value(imaginary[1]) is not None):
            kind = "an imaginary number" if imaginary is not None else "a 64-bit integer"
            raise self.refuse(
                "S2W104",
                f"'{shown(text)}' is {kind} of LuaJIT's FFI, not a Lua number",
                start,
                end,
                reason="a gateway plugin has no FFI",
                help="write the number without the suffix, if a double is precise enough",
            )
        raise self.refuse("S2W101", f"malformed number near '{shown(text)}'", start, end)

    def string(self) -> bytes:
        """The value of the quoted string at the current position; moves behind it."""
        data, start = self.data, self.position
        quote = data[start]
        self.position += 1
        parts: list[bytes] = []
        while True:
            plain = _STRING_PART.match(data, self.position)
            if plain is not None:
                parts.append(plain[0])
                self.position = plain.end()
            if self.position >= len(data):
                raise self.refuse("S2W101", "unfinished string near '<eof>'", start, self.position)
            byte = data[self.position]
            if byte == quote:
                self.position += 1
                return b"".join(parts)
            if byte in b"\r\n":
                near = shown(data[start : self.position])
                raise self.refuse("S2W101", f"unfinished string near '{near}'", start, self.position)
            if byte == ord("\\"):
                parts.append(self.escape(start))
            else:  # the other quote
                parts.append(bytes((byte,)))
                self.position += 1

    def escape(self, string_start: int) -> bytes:
        """What the escape at the current position stands for; moves behind it."""
        data, start = self.data, self.position
        if start + 1 >= len(data):
            raise self.refuse("S2W101", "unfinished string near '<eof>'", string_start, start + 1)
        letter = data[start + 1]
        simple = _SIMPLE_ESCAPES.get(letter)
        if simple is not None:
            self.position += 2
            return simple
        if letter in b"\r\n":
            self.pass_lines(_end(_LINE_END, data, start + 1))
            return b"\n"
        if letter == ord("z"):
            self.pass_lines(_end(_BLANK, data, start + 2))
            return b""
        value, end = _numeric_escape(data, start + 1)
        if value is None:
            end = _end(_WRONG_ESCAPE, data, start)
            raise self.refuse(
                "S2W101",
                f"invalid escape sequence '{shown(data[start:end])}'",
                start,
                end,
                reason=r"LuaJIT knows \a \b \f \n \r \t \v \\ \" \' \z \ddd (to 255) \xhh \u{hhh} only",
                help=r"for a backslash itself write \\",
            )
        self.position = end
        return value

    def long_bracket(self, opening: re.Match[bytes], unfinished: str) -> bytes:
        """The text in the long brackets that open with `opening`; moves behind them."""
        closing = b"]" + opening[1] + b"]"
        first = opening.end()
        skipped = _LINE_END.match(self.data, first)
        if skipped is not None:
            first = skipped.end()
        last = self.data.find(closing, first)
        if last < 0:
            start = self.position
            self.pass_lines(len(self.data))
            raise self.refuse("S2W101", f"{unfinished} near '<eof>'", start, opening.end())
        self.pass_lines(last + len(closing))
        return _LINE_END.sub(b"\n", self.data[first:last])

    def pass_lines(self, end: int) -> None:
        """Moves to `end` and counts the line ends on the way."""
        self.line += len(_LINE_END.findall(self.data, self.position, end))
        self.position = end

    def add(self, kind: str, start: int, end: int, value: float | None = None) -> None:
        self.tokens.append(Token(kind, start, end, self.line, value))
        self.position = end

    def refuse(
        self, code: str, message: str, start: int, end: int, reason: str = "", help: str = ""
    ) -> Refusal:
        return Refusal(Diagnostic(code, message, self.source.span(start, end), reason, help))


def number_value(text: bytes) -> float | None:
    """What LuaJIT reads a number's text as: a double, None if it is not a number (or not one of Lua's).

    LuaJIT refuses exponents from 2^20 on, and binary numbers beyond 64 bits.
    """
    decimal = _DECIMAL.fullmatch(text)
    if decimal is not None:
        return float(text) if _is_small_exponent(decimal[1]) else None
    hexadecimal = _HEX.fullmatch(text)
    if hexadecimal is not None:
        return _hex_value(hexadecimal) if _is_small_exponent(hexadecimal[2]) else None
    binary = _BINARY.fullmatch(text)
    if binary is not None and len(binary[1].lstrip(b"0")) <= 64:
        return float(int(binary[1], 2))
    return None


def _is_small_exponent(text: bytes | None) -> bool:
    digits = (text or b"0").lstrip(b"+-").lstrip(b"0") or b"0"
    return len(digits) <= 7 and int(digits) < _MAX_EXPONENT


def _hex_value(match: re.Match[bytes]) -> float:
    digits, exponent = match[1].decode("ascii"), (match[2] or b"0").decode("ascii")
    try:
        return float.fromhex(f"0x{digits}p{exponent}")
    except OverflowError:  # beyond the largest double: infinite in Lua
        return float("inf")


def _numeric_escape(data: bytes, position: int) -> tuple[bytes | None, int]:
    """The bytes of `ddd`, `xhh` or `u{h…}`, which follows a backslash, and its end; None if it is none."""
    decimal = _DECIMAL_ESCAPE.match(data, position)
    if decimal is not None:
        number = int(decimal[0])
        return (bytes((number,)) if number <= 0xFF else None), decimal.end()
    if data.startswith(b"x", position):
        pair = _HEX_ESCAPE.match(data, position + 1)
        if pair is not None:
            return bytes((int(pair[0], 16),)), pair.end()
    if data.startswith(b"u", position):
        braces = _UNICODE_ESCAPE.match(data, position + 1)
        if braces is not None:
            return _utf8(braces[1]), braces.end()
    return None, position


def _utf8(digits: bytes) -> bytes | None:
    """A code point in UTF-8; None beyond U+10FFFF and for surrogates, which LuaJIT refuses."""
    digits = digits.lstrip(b"0") or b"0"
    number = int(digits, 16) if len(digits) <= 6 else 0x110000
    if number >= 0x110000 or 0xD800 <= number < 0xE000:
        return None
    return chr(number).encode("utf-8")


def _end(pattern: re.Pattern[bytes], data: bytes, position: int) -> int:
    """Where a match at `position` ends; `position` itself if there is none."""
    match = pattern.match(data, position)
    return match.end() if match is not None else position


def shown(text: bytes) -> str:
    """Source text for a message: not too long, on one line."""
    line = _REST_OF_LINE.match(text[:_LONGEST_SHOWN])
    cut = line[0] if line is not None else b""
    return cut.decode("utf-8", "replace") + ("..." if len(cut) < len(text) else "")
