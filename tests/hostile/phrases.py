"""Random programs over more of the language: each is a few phrases, with values that the compiler can't know.

What is refused for its types (a test that can only fail, an operation that always raises an error) is kept
behind a table's field or a parameter.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TypeVar

T = TypeVar("T")
CONDITIONS = (
    *("true", "false", "ngx.var.arg_a", "ngx.var.arg_b == nil", "#tostring(ngx.var.arg_a) > 2"),
    "ngx.var.http_x_a ~= 'hd'",
)
VALUES = ('"a"', '"10"', '(ngx.var.arg_a or "z")', "1", "-2.5", "0", "nil")
ANYTHING = ("nil", "false", "true", "0", "-1", "1.5", "2", '""', '"a"', '"10"', "{1, 2}", "tostring")
STEPS = ("1", "-1", "0.5", "-0.25", "2", "3", '"1"')
CONVERSIONS = ("%d", "%5d|", "%-5s|", "%05.1f", "%x", "%q", "%g", "%.3s", "%c", "%e", "%+d", "%%", "%s %s")
PATTERNS = (
    "%w+",
    "(%w)(%w?)",
    "^%s*(.-)%s*$",
    "()",
    "%f[%w]%w",
    "%b()",
    "[^,]*",
    "a-b",
    "(.)%1",
    "x*",
    "%",
    "[a",
)
REPLACEMENTS = ("%", "<%0>", "%1", "x%%")
SUBJECTS = ('"hello (x) world"', '"a,b,,c"', '"aabbcc"', '""', '"  k = v "', '"10.50"', "ngx.var.arg_a")
OPERATIONS = (
    *(
        "v + 1",
        "1 - v",
        "v * v",
        "v / 2",
        "v % 3",
        "-v",
        "v .. v",
        '"x" .. v',
        "#v",
        "v < 1",
        'v <= "a"',
        "v > v",
    ),
    *(
        "v.x",
        "v[1]",
        "v.x.y",
        "v()",
        "v.x()",
        "v:x()",
        "v:upper()",
        "v == 1",
        "not v",
        "v and v or 1",
        "tostring(v)",
    ),
    *("tonumber(v)", "type(v)", "tonumber(v, 16)", "string.rep(v, 2)", "math.floor(v)"),
    *("table.concat(v)", "unpack(v)", "select(2, v, v)", "next(v)", "string.sub(v, 2)", "math.max(v, 1)"),
)


class Writer:
    """Writes one program; the same seed gives the same one."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.lines: list[str] = []
        self.counters = 0

    def line(self, text: str) -> None:
        """Adds a line."""
        self.lines.append(text)

    def choose(self, *options: T) -> T:
        """One of them."""
        return self.random.choice(options)

    def condition(self) -> str:
        """A condition that depends on the request, or does not."""
        return self.choose(*CONDITIONS)

    def value(self) -> str:
        """A string, a number or nil."""
        return self.choose(*VALUES)


def _name(writer: Writer, stem: str) -> str:
    writer.counters += 1
    return f"{stem}{writer.counters}"


def operations(writer: Writer) -> None:
    """Every operation on values of every type, errors caught: their texts name locals, upvalues, fields."""
    function, value, operation = _name(writer, "op"), writer.choose(*ANYTHING), writer.choose(*OPERATIONS)
    match writer.choose("parameter", "upvalue", "local"):
        case "parameter":
            writer.line(f"local {function} = function(v) return {operation} end")
            writer.line(f"local ok, v = pcall({function}, {value}) ngx.log(7, ok, type(v) == 'string' and v)")
        case "upvalue":
            writer.line(f"local {function} = {{{value}}}")
            writer.line(f"local v = {function}[1]")
            writer.line(f"ngx.log(7, pcall(function() return type({operation}) end))")
            writer.line(f"ngx.log(7, pcall(function() local z = {operation} return type(z) end))")
        case _:
            writer.line(f"local {function} = {{v = {value}}}")
            writer.line(f"ngx.log(7, pcall(function() local v = {function}.v return type({operation}) end))")
            writer.line(f"ngx.log(7, pcall(function() return {function}.v .. '' end))")


def loop_closures(writer: Writer) -> None:
    """Closures over the variables of a loop: each round has its own."""
    name = _name(writer, "fs")
    writer.line(f"local {name} = {{}}")
    head = writer.choose(
        "for i = 1, 3 do local v = i",
        f"for i = 3, 1, {writer.choose('-1', '-0.5')} do local v = i",
        'for i, v in ipairs({"a", 5, "c"}) do',
        "local w = 0 while w < 3 do w = w + 1 local i, v = w, w",
        "local w = 0 repeat w = w + 1 local i, v = w, w",
    )
    end = "until v > 2" if "repeat" in head else "end"
    change = writer.choose("v = v .. i", "v = i .. v", "i = i + 1", "v, i = i, v", "v = nil", "i, v = v, {}")
    writer.line(f"{head} {name}[#{name} + 1] = function() {change} return tostring(i), type(v) end")
    if writer.choose(True, False):
        writer.line(f"if {writer.condition()} and #{name} > 1 then break end")
    writer.line(end)
    writer.line(f"for _, f in ipairs({name}) do ngx.log(7, pcall(f)) ngx.log(7, pcall(f)) end")


def variable_arguments(writer: Writer) -> None:
    """Functions with `...`: passed on, in the middle, in tables, counted."""
    name = _name(writer, "va")
    body = writer.choose(
        "return ...",
        "return (...)",
        "local a, b = ... return b, a, ...",
        "return select('#', ...), ...",
        "local t = {..., ...} return t[1], t[2], t[4]",
        "local t = {n = select('#', ...), ...} return t.n, t[1]",
        "if select('#', ...) > 1 then return select(2, ...) end return 'one', ...",
        "return pcall(function(...) return ... end, ...)",
        "local t = {(...)} for i = 1, select('#', ...) do t[i + 1] = (select(i, ...)) end return t[1], t[2], t[3]",
        "return (math.max(1, ...))",
        "return (string.format('%s|%s', ...))",
        "return unpack({...}, 1, select('#', ...))",
    )
    writer.line(f"local function {name}(...) {body} end")
    given = ", ".join(writer.value() for _ in range(3))
    writer.line(f"ngx.log(7, pcall({name}, {given}))")
    writer.line(f"ngx.log(7, pcall(function() return select('#', {name}({given}), {name}(1, 2)) end))")
    writer.line(f"ngx.log(7, pcall(function() local a, b, c = {name}(5, nil, 7) return c, b, a end))")


def coroutines(writer: Writer) -> None:
    """Coroutines that yield in loops, across pcall, that end with errors and exits."""
    name = _name(writer, "co")
    writer.line(f"local {name} = coroutine.create(function(a, b)")
    writer.line("  ngx.log(7, 'in ', a, b)")
    body = writer.choose(
        "for i = 1, 3 do a = coroutine.yield(i, a) end",
        "local ok, e = pcall(function() b = coroutine.yield('p') error({b}) end) coroutine.yield(ok, type(e))",
        "local ok, e = pcall(function() coroutine.yield(a + b) end) coroutine.yield(ok, e)",
        "local w = coroutine.wrap(function() for i = 1, 2 do coroutine.yield(i) end end) for v in w do coroutine.yield(v) end",
        "local f = function(...) return coroutine.yield(...) end ngx.log(7, f(1, nil, 3))",
        f"if {writer.condition()} then error('in ' .. tostring(a)) end coroutine.yield()",
        "coroutine.yield(select('#', coroutine.yield(a, b)))",
    )
    writer.line(f"  {body}")
    writer.line(f"  return {writer.choose('a', 'a, b', 'nil, 2', 'b .. a', '')}")
    writer.line("end)")
    writer.line(f"for i = 1, 5 do ngx.log(7, coroutine.status({name}))")
    writer.line(f"ngx.log(7, coroutine.resume({name}, i, 'x')) end")


def caught(writer: Writer) -> None:
    """Errors of every kind through nested pcall and xpcall."""
    raised = writer.choose(
        *(
            "error('e')",
            "error('e', 0)",
            "error({1})",
            "error()",
            "error(12)",
            "error(true)",
            "assert(false)",
        ),
        *(
            "assert(nil, 'm')",
            "assert(false, {})",
            "local t = {} t = t.x.y",
            "local t = {} t.x.y = 1",
            "return 1, nil",
        ),
        *("local t = {} t[t.x] = 1", "local t = {} t.f()", "local t = {} for i = 1, t.x do end"),
    )
    show = "function(...) return select('#', ...), type((...)), type((select(2, ...))) end"
    name = _name(writer, "show")
    writer.line(f"local {name} = {show}")
    writer.line(f"ngx.log(7, {name}(pcall(function() {raised} end)))")
    writer.line(f"ngx.log(7, tostring((pcall(function() {raised} end))))")
    writer.line(f"local ok, e = pcall(function() local ok, e = pcall(function() {raised} end)")
    writer.line("if not ok then error(e, 0) end end)")
    writer.line("ngx.log(7, ok, type(e), type(e) == 'string' and e)")
    handler = writer.choose(
        *(
            "return type(m), 2",
            "return m",
            "error(m)",
            "ngx.log(7, 'handler')",
            "return tostring(m):sub(1, 3)",
        )
    )
    writer.line(f"local h = function(m) {handler} end")
    writer.line(f"ngx.log(7, {name}(xpcall(function(...) {raised} end, h, 1, nil)))")


def assignments(writer: Writer) -> None:
    """Several targets and values: all values first, then the targets from the right."""
    name, log = _name(writer, "t"), _name(writer, "f")
    writer.line(f"local {name} = {{1, 2, 3, n = 1}}")
    writer.line(f"local function {log}(v) ngx.log(7, 'f', v) {name}.n = {name}.n + 1 return v end")
    target = writer.choose(
        f"{name}[1], {name}[2] = {name}[2], {name}[1]",
        f"{name}[{log}(1)], {name}[{log}(2)] = {log}(3), {log}(4)",
        f"{name}.n, {name}[{name}.n] = 2, {log}(7)",
        f"{name}[{name}.n], {name}.n = {log}(8), 3",
        f"local a, b, c = {log}(1), {name}.n, {log}(2) ngx.log(7, a, b, c)",
        "local a, b = 1, 2 a, b, a = b, a, 9 ngx.log(7, a, b)",
        f"local i = 1 i, {name}[i] = i + 1, 20 ngx.log(7, i)",
        f"{name} = {{{log}(1), x = {log}(2), {log}(3), n = 0, [{log}(9)] = {log}(5), {log}(6)}}",
        f"{name}[#{name} + 1], {name}[#{name}] = {log}(4), {log}(5)",
    )
    writer.line(target)
    writer.line(f"for i = 1, 5 do ngx.log(7, {name}[i]) end ngx.log(7, {name}.n)")


def ranges(writer: Writer) -> None:
    """Numeric loops with steps and limits of which nothing is known; never more than 20 rounds."""
    step, stop = writer.choose(*STEPS), writer.choose("3", "0", '"2"', "-2", "1/0", "0/0", "2.5")
    hidden = writer.choose(True, False)
    name = _name(writer, "b")
    writer.line(f"local {name} = {{stop = {stop}, step = {step}, rounds = 0}}")
    bounds = f"{name}.stop, {name}.step" if hidden else f"{stop}, {step}"
    writer.line(f"for i = {writer.choose('1', '0', '2', '-1')}, {bounds} do")
    writer.line(f"  {name}.rounds = {name}.rounds + 1 {name}.step = 5 if {name}.rounds > 20 then break end")
    writer.line(f"  {writer.choose('i = i * 2', 'local i = tostring(i)', '')}")
    writer.line("  ngx.log(7, i)")
    writer.line("end")


def texts(writer: Writer) -> None:
    """string.format, patterns and other string functions on values that may not fit."""
    value, pattern, subject = writer.choose(*ANYTHING), writer.choose(*PATTERNS), writer.choose(*SUBJECTS)
    name = _name(writer, "s")
    value = value if value != "tostring" else "false"
    writer.line(f"local {name} = {{v = {value}, s = {subject} or 'none', p = '{pattern}'}}")
    wanted = writer.choose(
        f"(string.format('{writer.choose(*CONVERSIONS)}', {name}.v, 1))",
        f"string.find({name}.s, {name}.p, {writer.choose('1', '-2', '3', '100')})",
        f"string.match({name}.s, '{pattern}')",
        f"string.gsub({name}.s, {name}.p, '{writer.choose(*REPLACEMENTS)}')",
        f"string.gsub({name}.s, {name}.p, function(a, b) return {writer.choose('a', 'b', 'nil', '{}', 'a .. 1')} end)",
        f"string.byte({name}.s, {writer.choose('1, 3', '-2, -1', '0', '5, 2')})",
        f"string.rep({name}.s, {writer.choose('0', '2', '-1', '1.9')})",
        f"table.concat({{{name}.s, {name}.v, 1}}, ',')",
    )
    writer.line(f"ngx.log(7, pcall(function() return type({name}.v), {wanted} end))")


def sorting(writer: Writer) -> None:
    """table.sort with comparators that are right, and with some that are not."""
    name = _name(writer, "q")
    items = writer.choose(
        "3, 1, 2", "'b', 'a', 'c'", "5, 5, 1, 5", "", "1, 'a'", "{}, {}", "2, 1, 4, 3, 6, 5"
    )
    less = writer.choose("a > b", "true", "tostring(a) < tostring(b)", "error('c')", "a.x < b", "")
    given = f", function(a, b) return {less} end" if less else ""
    writer.line(f"local {name} = {{{items}}}")
    writer.line(f"ngx.log(7, pcall(function() table.sort({name}{given}) end))")
    writer.line(f"for i, v in ipairs({name}) do ngx.log(7, i, type(v) == 'table' and 't' or v) end")


def traversal(writer: Writer) -> None:
    """Loops over a table that change what is there."""
    name = _name(writer, "m")
    writer.line(f"local {name}, sum = {{10, 20, 30, a = 1}}, 0")
    change = writer.choose(f"{name}[k] = nil", f"{name}[k] = 5", "if v == 20 then break end", f"{name}.a = v")
    over = writer.choose(f"pairs({name})", f"ipairs({name})", f"next, {name}")
    writer.line(f"for k, v in {over} do sum = sum + v {change} end")
    writer.line(f"ngx.log(7, sum > 0, {name}.a, {name}[1])")
    writer.line("local function upto(s, c) if c < 3 then return c + 1, s end end")
    writer.line(f"for a, b in upto, {writer.choose('nil', '1')}, 0 do ngx.log(7, a, b) end")


def jumps(writer: Writer) -> None:
    """Nested loops with break, goto to the next round, and return out of functions."""
    name = _name(writer, "j")
    writer.line(f"local function {name}(n)")
    writer.line("  for i = 1, 3 do")
    writer.line("    local k = 0")
    writer.line("    while true do")
    writer.line("      k = k + 1")
    writer.line(f"      if k > {writer.choose('1', '2', 'n')} then break end")
    writer.line(f"      if {writer.condition()} and i == 2 then return i, k end")
    writer.line("    end")
    writer.line(
        f"    if i == {writer.choose('1', '2', '3')} then {writer.choose('goto next', 'break', 'return k')} end"
    )
    writer.line("    ngx.log(7, i, k)")
    writer.line("    ::next::")
    writer.line("  end")
    writer.line(f"  return {writer.choose('n', 'nil', 'n, n', 'n .. 1')}")
    writer.line("end")
    writer.line(f"ngx.log(7, {name}(2)) ngx.log(7, {name}(3), 'x')")


def flowing(writer: Writer) -> None:
    """A variable whose type changes from round to round, or by a call in between."""
    name = _name(writer, "w")
    writer.line(f"local {name} = {writer.choose('nil', '1', '{}', 'ngx.var.arg_a')}")
    writer.line(f"local function set() {name} = {writer.choose('nil', '5', '{}', 'false')} return 1 end")
    writer.line("for i = 1, 4 do")
    between = writer.choose("set()", f"ngx.log(7, type({name}))", "pcall(set)")
    writer.line(f"  if {name} then {between} ngx.log(7, i, type({name})) end")
    writer.line(f"  if i == 2 then {name} = {writer.choose('i', 'tostring(i)', 'nil')}")
    writer.line(f"  elseif not {name} then {name} = {writer.choose('7', 'i .. i', '{}')} end")
    writer.line(f"  ngx.log(7, type({name}), {name} == 7, type({name} ~= nil and i + set() or {name}))")
    writer.line("end")


ALL: tuple[Callable[[Writer], None], ...] = (
    *(operations, loop_closures, variable_arguments, coroutines, caught, assignments),
    *(ranges, texts, sorting, traversal, jumps, flowing),
)


def phrases(seed: int) -> str:
    """The program of a seed: three phrases, each in a block of its own."""
    writer = Writer(seed)
    for _ in range(3):
        writer.line("do")
        writer.choose(*ALL)(writer)
        writer.line("end")
    return "\n".join(writer.lines) + "\n"
