"""nginx text to directives. The only module that knows crossplane.

Words are split by nginx's own rules and blocks of Lua by ngx_lua's, which are neither nginx's nor quite
Lua's; both were found by experiment and are tested against the real nginx. What crossplane contributes is
what it knows about nginx's directives: which of them open a block, and how many arguments they take, so that
a forgotten `;` is found.

crossplane's lexer is not used. It says lines, not places; it drops a quote without an end and a directive
without a `;` at the end of the text in silence; it takes `a}` for a word and a brace, and `${a;` for one
word; it splits at what Unicode calls a space; and it closes a block of Lua at a brace in a long string.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from crossplane import analyzer
from crossplane.errors import NgxParserDirectiveArgumentsError

from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.source import Source, Span

MAX_DEPTH = 100
"""How deep blocks may nest; nginx's contexts allow fewer."""

_LONGEST_CHUNK_NAME = 59  # LUA_IDSIZE, without the NUL
_MAX_PARAMETER = 4095  # nginx's buffer holds 4096 bytes, and must not be full when an argument ends


@dataclass(frozen=True, slots=True, eq=False)
class Argument:
    """One argument of a directive.

    Attributes:
        value: what nginx passes on: without quotes, unescaped, variables not expanded; bytes that are not
            UTF-8 as surrogates (`surrogateescape`).
        span: as written, with its quotes.
        quoted: whether it is written in quotes.
    """

    value: str
    span: Span
    quoted: bool

    def text(self) -> Source:
        """The value as a source of its own, whose offsets map back to the file."""
        around = 1 if self.quoted else 0
        data, mapping = _unescape(self.span.source.data, self.span.start + around, self.span.end - around)
        return self.span.source.child(data, mapping)


@dataclass(frozen=True, slots=True, eq=False)
class Directive:
    """One directive.

    Attributes:
        name: unescaped, without quotes.
        args: its arguments; of a `*_by_lua_block` those in front of the block (`$res` of `set_by_lua_block`).
        block: the directives in its `{…}`; None if it ends with `;`, or if the block holds Lua.
        lua: the Lua text of a `*_by_lua_block` or a `*_by_lua`; its offsets map back to the file.
        chunk: what ngx_lua calls that text in messages, `access_by_lua(nginx.conf:12)`; "" without `lua`.
        span: from the name to the `;` or `}`, which is included.
        name_span: the name as written.
    """

    name: str
    args: list[Argument]
    block: list[Directive] | None
    lua: Source | None
    chunk: str
    span: Span
    name_span: Span


def parse(source: Source, data: bool = False) -> list[Directive]:
    """The directives of a text, which need not be a whole configuration; `include` is not followed.

    Args:
        source: the text.
        data: it stands in a block of data (`map`, `geo`, `types`), so that its words are no directives.

    Raises Refusal with one diagnostic, in nginx's words where it has some: S2W111 an unexpected character,
    S2W112 an unexpected end of the text, S2W113 a quote that is never closed or an argument that is too long,
    S2W114 arguments or an end that the directive can't have, S2W115 a Lua long bracket that is never closed,
    S2W102 blocks nested too deeply.
    """
    return _Parser(source, data).parse()


# --- nginx's words -----------------------------------------------------------------------------------------

_SPACE = re.compile(rb"[ \t\r\n]*")
_SPACES = frozenset((b" ", b"\t", b"\r", b"\n"))
_BEHIND_QUOTE = _SPACES | {b"", b";", b"{", b")"}
# White space, `;` and `{` end a word; not behind a backslash, and `{` not behind `$`.
_WORD = re.compile(rb"(?:\\[\s\S]|\$\{+|[^ \t\r\n;{\\])+")
_QUOTED = {
    b'"': re.compile(rb'"((?:\\[\s\S]|[^"\\])*)"'),
    b"'": re.compile(rb"'((?:\\[\s\S]|[^'\\])*)'"),
}
_ESCAPE = re.compile(rb"""\\(["'\\trn])""")
_UNESCAPED = {b"t": b"\t", b"r": b"\r", b"n": b"\n"}

# --- ngx_lua's tokens in a block of Lua --------------------------------------------------------------------

_LUA_TOKEN = re.compile(rb"""(?:--)?\[(?P<equals>=*)\[|--[^\n]*|["'{}]""")
# A string ends on its line, or else its quote means nothing; a backslash before the line end changes nothing.
_REST_OF_LINE = re.compile(rb"[^\n]*")
_LUA_STRING = {
    b'"': re.compile(rb'"(?:\\[^\n]|[^"\\\n])*"'),
    b"'": re.compile(rb"'(?:\\[^\n]|[^'\\\n])*'"),
}

# --- what crossplane does not know -------------------------------------------------------------------------

_LUA = re.compile(r"(?P<hook>\w+)_by_lua(?P<form>|_block|_file)")
# Blocks whose entries look like directives but are data: any first word, any number of words.
_DATA_BLOCKS = frozenset(("map", "geo", "types", "split_clients", "charset_map", "match"))


def chunk_name(hook: str, end: Span) -> str:
    """ngx_lua's name for a Lua text: `access_by_lua(nginx.conf:12)`.

    Args:
        hook: what stands in front of `_by_lua`.
        end: the `{` of the block or the `;` of the directive, whose line it is. Line 1 of the chunk is what
            follows the `{` on its line, or the first line in the quotes.
    """
    place = end.outermost()
    file = re.split(r"[/\\]", place.source.name)[-1]
    before, behind = f"{hook}_by_lua(", f":{place.line})"
    room = _LONGEST_CHUNK_NAME - len(before) - len(behind)
    if len(file) > room:
        file = "..." + file[len(file) - (room - 3) :]
    return before + file + behind


@dataclass(slots=True)
class _Open:
    """A block that is being read: the directive that opened it, and what it holds so far."""

    name: Argument
    args: list[Argument]
    brace: int
    directives: list[Directive]


class _Parser:
    """One pass over a text, a loop with a stack of open blocks."""

    def __init__(self, source: Source, is_data: bool = False) -> None:
        self.source = source
        self.is_data = is_data
        self.data = source.data
        self.position = 0
        self.directives: list[Directive] = []
        self.open: list[_Open] = []
        self.words: list[Argument] = []

    def parse(self) -> list[Directive]:
        if self.data.startswith(b"\xef\xbb\xbf"):
            raise self.refuse(
                "S2W111",
                "the text starts with a byte order mark",
                0,
                3,
                reason="nginx takes it for a part of the first directive's name",
                help="save the file as UTF-8 without a byte order mark",
            )
        while self.skip_blanks():
            byte = self.data[self.position : self.position + 1]
            if byte == b"}" and not self.words and self.open:
                self.close_block()
            elif byte == b"}" or (byte in (b";", b"{") and not self.words):
                raise self.unexpected()
            elif byte == b";":
                self.end_directive()
            elif byte == b"{":
                self.open_block()
            else:
                self.words.append(self.word())
        self.check_end()
        return self.directives

    def skip_blanks(self) -> bool:
        """Moves behind white space and comments; False at the end of the text."""
        while True:
            self.position = _end(_SPACE, self.data, self.position)
            if not self.data.startswith(b"#", self.position):
                return self.position < len(self.data)
            line_end = self.data.find(b"\n", self.position)
            self.position = len(self.data) if line_end < 0 else line_end

    # --- words ---

    def word(self) -> Argument:
        """The word or quoted argument at the current position."""
        start = self.position
        quote = self.data[start : start + 1]
        quoted = quote in _QUOTED
        if quoted:
            match = _QUOTED[quote].match(self.data, start)
            if match is None:
                raise self.refuse(
                    "S2W113",
                    'unexpected end of file, expecting ";" or "}"',
                    start,
                    start + 1,
                    reason="the quote that opens here is never closed",
                )
            first, last, self.position = match.start(1), match.end(1), match.end()
            self.check_behind_quote()
        else:
            first, last = start, _end(_WORD, self.data, start)
            if self.data.startswith(b"\\", last):  # a backslash at the end of the text
                raise self.unfinished(start, last + 1)
            self.position = last
        # nginx counts what it reads before it takes the word: the closing quote, and white space behind it.
        if self.position + (self.data[self.position : self.position + 1] in _SPACES) - first > _MAX_PARAMETER:
            raise self.refuse(
                "S2W113",
                "too long parameter",
                start,
                start + 1,
                reason=f"nginx takes {_MAX_PARAMETER} bytes at most; maybe a closing quote is missing",
                help="put Lua code into a *_by_lua_block or a file",
            )
        value = _unescape(self.data, first, last)[0].decode("utf-8", "surrogateescape")
        return Argument(value, self.source.span(start, self.position), quoted)

    def check_behind_quote(self) -> None:
        """Behind a closing quote nginx takes white space, `;`, `{`, `)` and nothing else."""
        if self.data[self.position : self.position + 1] not in _BEHIND_QUOTE:
            raise self.unexpected()

    # --- directives ---

    def end_directive(self) -> None:
        """At a `;`."""
        name, *args = self.words
        self.position += 1
        self.words = []
        lua, chunk = None, ""
        hook = _LUA.fullmatch(name.value)
        if hook is not None:
            self.check_lua(name, args, hook, ";")
            if hook["form"] == "":
                lua = args[1 if hook["hook"] == "set" else 0].text()
                chunk = chunk_name(hook["hook"], self.source.span(self.position - 1, self.position))
        else:
            self.check(name, args, ";")
        self.add(Directive(name.value, args, None, lua, chunk, self.from_name(name), name.span))

    def open_block(self) -> None:
        """At a `{`."""
        if self._in_data():
            raise self.unexpected()
        name, *args = self.words
        brace = self.position
        self.position += 1
        self.words = []
        hook = _LUA.fullmatch(name.value)
        if hook is not None:
            self.check_lua(name, args, hook, "{")
            self.lua_block(name, args, brace, hook["hook"])
            return
        self.check(name, args, "{")
        if len(self.open) >= MAX_DEPTH:
            raise self.refuse("S2W102", "nested too deeply: too many blocks in each other", brace, brace + 1)
        self.open.append(_Open(name, args, brace, []))

    def close_block(self) -> None:
        """At the `}` of a block."""
        self.position += 1
        block = self.open.pop()
        span = self.from_name(block.name)
        self.add(Directive(block.name.value, block.args, block.directives, None, "", span, block.name.span))

    def lua_block(self, name: Argument, args: list[Argument], brace: int, hook: str) -> None:
        """Behind the `{` of a `*_by_lua_block`."""
        start = brace + 1
        end = self.lua_end(brace)
        if end == start:
            raise self.refuse(
                "S2W114",
                "invalid location config: no runnable Lua code",
                brace,
                end + 1,
                reason="nginx refuses a Lua block with nothing in it",
            )
        self.position = end + 1
        lua = self.source.child(self.data[start:end], ((0, start),))
        chunk = chunk_name(hook, self.source.span(brace, start))
        self.add(Directive(name.value, args, None, lua, chunk, self.from_name(name), name.span))

    def lua_end(self, brace: int) -> int:
        """Where the `}` stands that closes the Lua block which opens at `brace`, as ngx_lua finds it."""
        depth = 0
        position = brace
        unpaired = {b'"': 0, b"'": 0}  # up to where a quote is known to have no partner on its line
        while True:
            token = _LUA_TOKEN.search(self.data, position)
            if token is None:
                raise self.unclosed(brace)
            position = token.end()
            if token[0] == b"{":
                depth += 1
            elif token[0] == b"}":
                depth -= 1
                if depth == 0:
                    return token.start()
            elif token["equals"] is not None:
                position = self.long_bracket_end(token, b"]" + token["equals"] + b"]")
            elif token[0] in unpaired and position > unpaired[token[0]]:
                end = _end(_LUA_STRING[token[0]], self.data, token.start())
                if end > position:
                    position = end
                else:
                    unpaired[token[0]] = _end(_REST_OF_LINE, self.data, position)

    def long_bracket_end(self, opening: re.Match[bytes], closing: bytes) -> int:
        last = self.data.find(closing, opening.end())
        if last < 0:
            bracket = closing.decode("ascii")
            raise self.refuse(
                "S2W115",
                f'Lua code block missing the closing long bracket "{bracket}"',
                opening.start(),
                opening.end(),
            )
        return last + len(closing)

    def _in_data(self) -> bool:
        """Whether the words here are data."""
        return self.open[-1].name.value in _DATA_BLOCKS if self.open else self.is_data

    def add(self, directive: Directive) -> None:
        (self.open[-1].directives if self.open else self.directives).append(directive)

    def from_name(self, name: Argument) -> Span:
        """From a directive's name to the current position."""
        return self.source.span(name.span.start, self.position)

    # --- what a directive takes ---

    def check(self, name: Argument, args: list[Argument], end: str) -> None:
        """Refuses arguments, or an end, that crossplane knows a directive of nginx itself can't have."""
        if self._in_data():
            return
        values = [argument.value for argument in args]
        statement = {"directive": name.value, "line": 0, "args": values}
        try:
            analyzer.analyze("", statement, end, ctx=(), check_ctx=False)
        except NgxParserDirectiveArgumentsError as error:
            raise self.misused(name, args, error.strerror, end) from None

    def check_lua(self, name: Argument, args: list[Argument], hook: re.Match[str], end: str) -> None:
        """The same for the directives of ngx_lua."""
        is_block = hook["form"] == "_block"
        if is_block and end != "{":
            raise self.misused(name, args, f'directive "{name.value}" has no opening "{{"', end)
        if not is_block and end != ";":
            raise self.misused(name, args, f'directive "{name.value}" is not terminated by ";"', end)
        wanted = 0 if is_block else 1
        if hook["hook"] == "set":  # takes the variable to set, too, and (not a block) arguments for the code
            wrong = len(args) != 1 if is_block else len(args) < 2
        else:
            wrong = len(args) != wanted
        if wrong:
            raise self.misused(name, args, f'invalid number of arguments in "{name.value}" directive', end)

    def misused(self, name: Argument, args: list[Argument], message: str, end: str) -> Refusal:
        line = name.span.line
        later = next((argument for argument in args if argument.span.line != line), None)
        help_ = ""
        if later is not None and end == ";":
            help_ = f"maybe a `;` is missing in front of {later.span.text[:40]!r}"
        last = args[-1].span if args else name.span
        return Refusal(Diagnostic("S2W114", message, name.span.to(last), help=help_))

    # --- refusals ---

    def check_end(self) -> None:
        """At the end of the text."""
        if self.words:
            first, last = self.words[0].span, self.words[-1].span
            raise self.unfinished(first.start, last.end)
        if self.open:
            raise self.unclosed(self.open[-1].brace)

    def unfinished(self, start: int, end: int) -> Refusal:
        return self.refuse(
            "S2W112",
            'unexpected end of file, expecting ";" or "}"',
            start,
            end,
            reason="this directive is not terminated",
        )

    def unclosed(self, brace: int) -> Refusal:
        return self.refuse(
            "S2W112",
            'unexpected end of file, expecting "}"',
            brace,
            brace + 1,
            reason="the block that opens here is never closed",
        )

    def unexpected(self) -> Refusal:
        position = self.position
        shown = self.data[position : position + 1].decode("ascii", "replace")
        reason = ""
        if shown == "}" and self.words:
            reason = f'directive "{self.words[0].value}" is not terminated by ";"'
        elif shown == "}":
            reason = "no block is open here"
        return self.refuse("S2W111", f'unexpected "{shown}"', position, position + 1, reason)

    def refuse(
        self, code: str, message: str, start: int, end: int, reason: str = "", help: str = ""
    ) -> Refusal:
        return Refusal(Diagnostic(code, message, self.source.span(start, end), reason, help))


def _unescape(data: bytes, first: int, last: int) -> tuple[bytes, tuple[tuple[int, int], ...]]:
    """The bytes from `first` to `last` as nginx unescapes them, and their mapping (`Source.mapping`).

    nginx knows `\\"`, `\\'`, `\\\\`, `\\t`, `\\r`, `\\n`; other backslashes stay.
    """
    parts = []
    mapping = [(0, first)]
    length = 0
    copied = first
    for match in _ESCAPE.finditer(data, first, last):
        plain = data[copied : match.start()]
        parts += [plain, _UNESCAPED.get(match[1], match[1])]
        length += len(plain)
        mapping.append((length, match.end() - 1))
        length += 1
        copied = match.end()
    parts.append(data[copied:last])
    return b"".join(parts), tuple(mapping)


def _end(pattern: re.Pattern[bytes], data: bytes, position: int) -> int:
    """Where a match at `position` ends; `position` itself if there is none."""
    match = pattern.match(data, position)
    return match.end() if match is not None else position
