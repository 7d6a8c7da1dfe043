"""Which branches of a snippet requests reach, and what they are compared with: a copy of its Lua with marks.

The copy runs in an nginx of its own; the reference runs the text as it is. Into every block of the copy a
call is inserted that notes it, a comparison becomes a call that notes both operands, and functions of the
library note what went in or came out. Nothing is inserted that changes a line number or a value.
"""

from __future__ import annotations

import base64
from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass, field, fields, is_dataclass
from itertools import count
from typing import Literal

from snippet2wasm.frontend import deep, lua, lua_ast, lua_tokens
from snippet2wasm.source import Span
from snippet2wasm.verify import client
from snippet2wasm.verify.nginx import LuaBlock
from snippet2wasm.verify.process import LOOPBACK, Address, free_port
from snippet2wasm.verify.site import Text


@dataclass(frozen=True)
class Branch:
    """A block of the Lua text.

    Attributes:
        file, line: where it begins.
        what: "then", "else", "not taken" (of an `if` without `else`), "loop", "function", "location".
        reached: whether a request ran it.
    """

    file: str
    line: int
    what: str
    reached: bool

    def to_json(self) -> dict[str, object]:
        """The branch for programs."""
        return {"file": self.file, "line": self.line, "what": self.what}


@dataclass(frozen=True)
class Mark:
    """Where a mark stands and what it tells; `_OPERAND` is no branch, but shows how a condition went."""

    span: Span
    what: str


_OPERAND = "operand"
"""What a mark at the right operand of `and` and `or` tells: the left one did not decide."""

Value = bytes | float
NoteKind = Literal["compare", "replace", "value", "pattern", "base64", "number", "json", "variable"]


@dataclass(frozen=True)
class Note:
    """What the copy noted while it ran.

    Attributes:
        kind: "compare": the two operands of a comparison; "replace": in the place of the first the second
            would lead further; "value": a result; "pattern": a text and the pattern it is searched for;
            "base64", "number", "json": a text that is read as such; "variable": the name of an nginx
            variable.
        left, right: the values; right is b"" where there is only one.
        site: the number of the comparison; 0 for another kind.
    """

    kind: NoteKind
    left: Value
    right: Value
    site: int = 0


@dataclass(frozen=True)
class Trace:
    """What one request did in the copy: the marks that it reached and its notes, in order."""

    marks: frozenset[int]
    notes: tuple[Note, ...]


@dataclass
class Instrumented:
    """A snippet's texts with marks.

    Attributes:
        marks: all of them; their numbers are the places in this list.
        sites: numbers for comparisons.
        address: where the copy's nginx tells its trace.
    """

    marks: list[Mark] = field(default_factory=list)
    sites: Iterator[int] = field(default_factory=lambda: count(1))
    address: Address = field(default_factory=lambda: (LOOPBACK, free_port()))

    def block(self, text: Text) -> LuaBlock:
        """The text with marks."""
        edits = deep.run(lambda: _Marker(self.marks, self.sites, text).edits())
        data, parts, position = text.source.data, [], 0
        for edit in sorted(edits, key=_Edit.place):
            parts += [data[position : edit.start], edit.text.encode()]
            position = edit.end
        return LuaBlock(b"".join([*parts, data[position:]]).decode("latin-1"), text.chunk)

    def mark(self, span: Span, what: str) -> str:
        """Lua that notes that a block of directives was reached."""
        self.marks.append(Mark(span, what))
        return f"s2w_mark({len(self.marks) - 1})"

    def tracer(self) -> LuaBlock:
        """The Lua that the marks call; it has to run before everything else."""
        return LuaBlock(_TRACER, "tracer")

    def server(self) -> str:
        """The nginx server that tells the trace of the requests since it was last asked."""
        host, port = self.address
        return f"server {{ listen {host}:{port}; location / {{ content_by_lua_block {{ s2w_tell() }} }} }}"

    def take(self) -> Trace:
        """The trace since the last call."""
        answer = client.send(self.address, client.Request())
        if answer is None or answer.status != 200:
            return Trace(frozenset(), ())
        marks, *notes = answer.body.decode("ascii").split("\n")
        return Trace(frozenset(map(int, marks.split())), tuple(map(_note, filter(None, notes))))

    def branches(self, reached: frozenset[int]) -> tuple[Branch, ...]:
        """Every branch, by its place."""
        found = []
        for number, mark in enumerate(self.marks):
            if mark.what == _OPERAND:
                continue
            place = mark.span.outermost()
            found.append(Branch(place.source.name, place.line, mark.what, number in reached))
        return tuple(sorted(found, key=lambda branch: (branch.file, branch.line, branch.what)))


def _note(line: str) -> Note:
    kind, left, right, site = line.split(" ")
    return Note(kind, _value(left), _value(right), int(site))  # type: ignore[arg-type]


def _value(text: str) -> Value:
    data = base64.b64decode(text[1:])
    return float(data) if text[0] == "n" else data


def walk(node: object) -> Iterator[lua_ast.Node]:
    """Every node of a tree, outer ones first, in source order."""
    pending = [node]
    while pending:
        each = pending.pop()
        if isinstance(each, tuple):
            pending.extend(reversed(each))
        elif isinstance(each, lua_ast.Node) and is_dataclass(each):
            yield each
            pending.extend(getattr(each, item.name) for item in reversed(fields(each)) if item.name != "span")


_COMPARED = {"==": "eq", "~=": "ne", "<": "lt", "<=": "le", ">": "gt", ">=": "ge"}


@dataclass(frozen=True)
class _Edit:
    """A change of a text.

    Attributes:
        start, end: what is replaced; nothing if they are equal.
        text: what stands there instead.
        order: of edits that start at one place: first what closes inner expressions, then what opens outer
            ones.
    """

    start: int
    end: int
    text: str
    order: int

    def place(self) -> tuple[int, int]:
        """What edits are sorted by."""
        return self.start, self.order


class _Marker:
    """Finds the edits of one text."""

    def __init__(self, marks: list[Mark], sites: Iterator[int], text: Text) -> None:
        self.marks = marks
        self.sites = sites
        self.source = text.source
        self.tokens = lua_tokens.scan(text.source)
        self.starts = [token.start for token in self.tokens]
        self.found: list[_Edit] = []

    def edits(self) -> list[_Edit]:
        """All edits."""
        for node in walk(lua.parse(self.source)):
            match node:
                case lua_ast.If():
                    self._if(node)
                case lua_ast.Function():
                    self._mark(node.body.span.start, node.span, "function")
                case lua_ast.While() | lua_ast.NumericFor() | lua_ast.GenericFor():
                    self._mark(node.body.span.start, node.body.span, "loop")
                case lua_ast.Binary() if node.operator.value in _COMPARED:
                    self._compare(node)
                case lua_ast.Logical():
                    self._operand(node.right)
                case _:
                    pass
        return self.found

    def _insert(self, offset: int, text: str) -> None:
        self.found.append(_Edit(offset, offset, text, len(self.found)))

    def _mark(self, offset: int, span: Span, what: str) -> None:
        self._insert(offset, f" s2w_mark({len(self.marks)}); ")
        self.marks.append(Mark(span, what))

    def _if(self, node: lua_ast.If) -> None:
        for clause in node.clauses:
            self._mark(clause.body.span.start, clause.body.span, "then")
        if node.otherwise is not None:
            self._mark(node.otherwise.span.start, node.otherwise.span, "else")
        else:
            end = node.span.end - len("end")
            self._insert(end, f" else s2w_mark({len(self.marks)}) ")
            self.marks.append(Mark(node.span, "not taken"))

    def _operand(self, node: lua_ast.Expression) -> None:
        self._insert(node.span.start, f" s2w_pass({len(self.marks)}, ")
        self.marks.append(Mark(node.span, _OPERAND))
        self.found.append(_Edit(node.span.end, node.span.end, ")", -len(self.found)))

    def _compare(self, node: lua_ast.Binary) -> None:
        operator = node.operator.value
        index = bisect_left(self.starts, node.left.span.end)
        while self.tokens[index].kind != operator:
            index += 1  # parentheses
        token = self.tokens[index]
        self._insert(node.span.start, f" s2w_{_COMPARED[operator]}({next(self.sites)}, ")
        self.found.append(_Edit(token.start, token.end, ",", len(self.found)))
        self.found.append(_Edit(node.span.end, node.span.end, ")", -len(self.found)))


# What the marks and comparisons call. Only strings and numbers are noted, long ones not at all.
_TRACER = r"""
local encode, time, type, format = ngx.encode_base64, ngx.time, type, string.format
local marks, notes = {}, {}

local function text(value)
  if type(value) == "number" then return "n" .. encode(format("%.17g", value)) end
  return "s" .. encode(value or "")
end
local function noted(value)
  return type(value) == "number" or type(value) == "string" and #value <= 4096
end
local function note(kind, left, right, site)
  if #notes < 300 and noted(left) and (right == nil or noted(right)) then
    notes[#notes + 1] = kind .. " " .. text(left) .. " " .. text(right) .. " " .. (site or 0)
  end
end

local function compare(site, a, b)
  if a ~= nil and b ~= nil then note("compare", a, b, site) end
end

function s2w_mark(number) marks[number] = true end
function s2w_pass(number, value) marks[number] = true return value end
function s2w_eq(site, a, b) compare(site, a, b) return a == b end
function s2w_ne(site, a, b) compare(site, a, b) return a ~= b end
function s2w_lt(site, a, b) compare(site, a, b) return a < b end
function s2w_le(site, a, b) compare(site, a, b) return a <= b end
function s2w_gt(site, a, b) compare(site, a, b) return a > b end
function s2w_ge(site, a, b) compare(site, a, b) return a >= b end
function s2w_tell()
  local numbers = {}
  for number in pairs(marks) do numbers[#numbers + 1] = number end
  ngx.print(table.concat(numbers, " "), "\n", table.concat(notes, "\n"))
  marks, notes = {}, {}
end

-- Functions whose first argument, with the second if `both`, or whose result is noted.
local function watch(library, name, kind, side, both)
  local original = library and library[name]
  if type(original) ~= "function" then return end
  library[name] = function(...)
    if side == "in" then note(kind, (...), both and select(2, ...) or nil) return original(...) end
    local result = original(...)
    note(kind, result)
    return result
  end
end
for _, name in ipairs { "md5", "md5_bin", "sha1_bin", "hmac_sha1", "encode_base64", "escape_uri" } do
  watch(ngx, name, "value", "out")
end
for _, name in ipairs { "find", "match", "gmatch", "gsub" } do watch(string, name, "pattern", "in", true) end
for _, name in ipairs { "find", "match", "gmatch", "sub", "gsub" } do
  watch(ngx.re, name, "pattern", "in", true)
end
watch(ngx, "decode_base64", "base64", "in")
watch(_G, "tonumber", "number", "in")

local variables = ngx.var
ngx.var = setmetatable({}, {
  __index = function(_, name)
    note("variable", name)
    return variables[name]
  end,
  __newindex = function(_, name, value) variables[name] = value end,
})

-- Libraries are watched when they are loaded. A loader can't `require` what it loads.
local function found(module)
  package.preload[module] = nil
  for _, search in ipairs(package.loaders) do
    local load = search(module)
    if type(load) == "function" then return load(module) end
  end
  error("module '" .. module .. "' not found")
end
local function on_load(module, change)
  local loader = package.preload[module]
  package.preload[module] = function(...)
    local library = loader and loader(...) or found(module)
    change(library)
    return library
  end
end
on_load("resty.aes", function(library)
  local decrypt = library.decrypt
  library.decrypt = function(self, data)
    for _, plain in ipairs { "dev-42", "", "0" } do
      note("replace", data, self:encrypt(plain))
    end
    return decrypt(self, data)
  end
end)
on_load("resty.string", function(library) watch(library, "to_hex", "value", "out") end)
for _, module in ipairs { "cjson", "cjson.safe" } do
  on_load(module, function(library) watch(library, "decode", "json", "in") end)
end
"""
