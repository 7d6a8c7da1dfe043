"""Random Lua programs: the same seed gives the same one.

A program is a tree of statements, so that shrink.py can take parts out of it. The generator knows what each
variable holds, so that most of what it writes succeeds; errors are made on purpose, inside of pcall. Programs
end soon: loops are short, texts that grow are cut. Nothing depends on the order of pairs or on addresses.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")

PRELUDE = """\
local function show(...)
  local text = {}
  for i = 1, select("#", ...) do
    local value = (select(i, ...))
    text[i] = type(value) == "table" and "table" or type(value) == "function" and "function" or tostring(value)
  end
  print(table.concat(text, " "))
end
local function keys(t)
  local found = {}
  for k in pairs(t) do found[#found + 1] = tostring(k) end
  table.sort(found)
  return table.concat(found, ",")
end
local steps = 0
local function step(i) steps = steps + 1 if steps < 200 then print("step", i) end end
local function num(i, n) step(i) return n end
local function str(i, s) step(i) return s end
local function bool(i, b) step(i) return b end
local function any(i, v) step(i) return v end
"""

NUMBERS = ("0", "1", "2", "3", "-1", "0.5", "10", "-7", "100", "1e3", "2^31", "3.25", "255", "1/3", "0x1F")
TEXTS = (
    '""',
    '"a"',
    '"abc"',
    '"Hello World"',
    '"a,b;c"',
    '"10"',
    '"k=v"',
    "'x y'",
    '"%d"',
    '"x1y22z"',
    '"\\0z"',
)
PATTERNS = (
    *(
        '"%a+"',
        '"%d"',
        '"[abc]"',
        '"^%w"',
        '"(%w)(%w)"',
        '"%s*(.-)%s*$"',
        '"l+"',
        '"()"',
        '".-o"',
        '"%f[%w]%w+"',
    ),
    *('"[^,;]+"', '"(%a)%1"', '"x*"', '"%W"', '"(.)(.)$"', '"%b()"'),
)
ANYTHING = ("nil", "false", "true", "0", "-1", "1.5", '""', '"a"', '"10"', "{}", "{1, 2}", "show", "{x = 1}")
FIELDS = ("x", "y", "name", "n")
TOLD = ("num", "str", "bool", "any")
META_ARITHMETIC = ("__add", "__sub", "__mul", "__div", "__mod", "__pow")
SIGNS = dict(zip(META_ARITHMETIC, "+-*/%^", strict=True))


@dataclass
class Statement:
    """A statement: its first line, and blocks with the lines between them (`else`) and behind them (`end`)."""

    head: str
    blocks: list[tuple[list[Statement], str]] = field(default_factory=list)

    def lines(self, indent: int = 0) -> Iterator[str]:
        """Its text."""
        yield "  " * indent + self.head
        for body, behind in self.blocks:
            for statement in body:
                yield from statement.lines(indent + 1)
            yield "  " * indent + behind


def text_of(statements: list[Statement]) -> str:
    """The program that these statements are."""
    return PRELUDE + "".join(f"{line}\n" for statement in statements for line in statement.lines())


class Generator:
    """Writes one program."""

    def __init__(self, seed: int) -> None:
        self.random = random.Random(seed)
        self.scopes: list[dict[str, str]] = [{}]
        self.out: list[list[Statement]] = [[]]
        self.counter = 0
        self.loops = 0  # around this place, in this function
        self.functions = 0
        self.arities: dict[str, int] = {}

    def program(self) -> list[Statement]:
        """The statements of the program."""
        for _ in range(self.random.randint(3, 7)):
            self.statement()
        self.show_all()
        return self.out[0]

    # Tools

    def choose(self, *options: T) -> T:
        """One of them."""
        return self.random.choice(options)

    def chance(self, probability: float) -> bool:
        """True as often as that."""
        return self.random.random() < probability

    def add(self, head: str, *blocks: tuple[list[Statement], str]) -> None:
        """Adds a statement."""
        self.out[-1].append(Statement(head, list(blocks)))

    def fresh(self, stem: str) -> str:
        """A new name."""
        self.counter += 1
        return f"{stem}{self.counter}"

    def declare(self, name: str, kind: str) -> str:
        """Declares a variable."""
        self.scopes[-1][name] = kind
        return name

    def visible(self, *kinds: str) -> list[str]:
        """The variables of these kinds."""
        found: dict[str, str] = {}
        for scope in self.scopes:
            found |= scope
        return [name for name, kind in found.items() if kind in kinds]

    @contextmanager
    def block(self, known: dict[str, str] | None = None) -> Iterator[list[Statement]]:
        """A block: what is added meanwhile is in it."""
        self.scopes.append(dict(known or {}))
        self.out.append([])
        yield self.out[-1]
        self.out.pop()
        self.scopes.pop()

    def body(self, known: dict[str, str] | None = None, least: int = 1) -> list[Statement]:
        """A block of random statements."""
        with self.block(known) as found:
            for _ in range(self.random.randint(least, 2) if len(self.scopes) < 5 else 0):
                self.statement()
        return found

    @contextmanager
    def function(self) -> Iterator[None]:
        """Inside of a function: loops around it can't be left."""
        loops, self.loops = self.loops, 0
        self.functions += 1
        yield
        self.functions -= 1
        self.loops = loops

    # Statements

    def statement(self) -> None:
        """Any statement."""
        kinds: list[Callable[[], None]] = [self.local] * 5 + [self.assign] * 5 + [self.show] * 4
        kinds += [self.table] * 3 + [self.text] * 2
        if len(self.scopes) < 5:
            kinds += (
                [self.if_] * 4
                + [self.loop] * 3
                + [self.closure] * 2
                + [self.function_] * 2
                + [self.caught] * 3
            )
            kinds += [self.class_, self.coroutine, self.do, self.varargs]
        if self.loops:
            kinds += [self.leave]
        self.choose(*kinds)()

    def local(self) -> None:
        """Variables."""
        if self.chance(0.2):
            first, second = self.fresh("a"), self.fresh("b")
            kinds = [self.choose("num", "str"), self.choose("num", "str")]
            self.add(f"local {first}, {second} = {self.expr(kinds[0])}, {self.expr(kinds[1])}")
            self.declare(first, kinds[0])
            self.declare(second, kinds[1])
            return
        kind = self.choose("num", "num", "str", "str", "bool", "list", "rec", "any")
        value = self.expr(kind)
        name = self.fresh(kind[0])
        self.add(f"local {name} = {value}")
        self.declare(name, kind)

    def assign(self) -> None:
        """An assignment."""
        names = self.visible("num", "str", "bool", "any")
        if not names:
            self.local()
            return
        if len(names) > 1 and self.chance(0.2):
            first, second = self.random.sample(names, 2)
            kinds = {name: kind for scope in self.scopes for name, kind in scope.items()}
            self.add(f"{first}, {second} = {self.expr(kinds[first])}, {self.expr(kinds[second])}")
            return
        name = self.choose(*names)
        kind = next(scope[name] for scope in reversed(self.scopes) if name in scope)
        value = self.expr(kind)
        self.add(f"{name} = ({value}):sub(1, 60)" if kind == "str" else f"{name} = {value}")

    def show(self) -> None:
        """Output."""
        values = [
            self.expr(self.choose("num", "str", "bool", "any")) for _ in range(self.random.randint(1, 3))
        ]
        self.add(f"show({', '.join(values)})")

    def show_all(self) -> None:
        """Shows what the variables hold in the end."""
        for name in self.visible("num", "str", "bool", "any"):
            self.add(f"show('{name}', {name})")
        for name in self.visible("list"):
            self.add(f"show('{name}', #{name}, {name}[1], {name}[#{name}])")
        for name in self.visible("rec"):
            self.add(f"show('{name}', keys({name}), {name}.x, {name}.name)")

    def table(self) -> None:
        """A change of a table."""
        lists, records = self.visible("list"), self.visible("rec")
        if lists and self.chance(0.6):
            name = self.choose(*lists)
            self.add(
                self.choose(
                    f"{name}[#{name} + 1] = {self.expr('num')}",
                    f"table.insert({name}, {self.expr('num')})",
                    f"table.insert({name}, 1, {self.expr('num')})",
                    f"show(table.remove({name}))",
                    f"show(table.remove({name}, 1), #{name})",
                    f"table.sort({name})",
                    f"table.sort({name}, function(p, q) return p > q end)",
                    f"show(table.concat({name}, ','))",
                    f"show(unpack({name}))",
                    f"if #{name} > 0 then {name}[#{name}] = {self.expr('num')} end",
                    f"for i, v in ipairs({name}) do show(i, v) end",
                    f"show(math.max(0, unpack({name})))",
                )
            )
        elif records:
            name = self.choose(*records)
            key = self.choose(*FIELDS)
            self.add(
                self.choose(
                    f"{name}.{key} = {self.expr('any')}",
                    f"{name}['{key}'] = nil",
                    f"{name}[{self.expr('str')}] = {self.expr('num')}",
                    f"show(keys({name}))",
                    f"show({name}.{key}, {name}['{key}'] == nil)",
                    f"{name}.{key} = {name}.{key} or {self.expr('str')}",
                    f"for k, v in pairs({name}) do {name}[k] = v end",
                    f"show(next({name}) == nil)",
                    f"{name}.sub = {{{self.expr('num')}, inner = {self.expr('str')}}} show({name}.sub.inner, {name}.sub[1])",
                )
            )
        else:
            self.local()

    def text(self) -> None:
        """The string library."""
        text, pattern = self.expr("str"), self.choose(*PATTERNS)
        self.add(
            self.choose(
                f"show(({text}):find({pattern}))",
                f"show(({text}):match({pattern}))",
                f"show(({text}):gsub({pattern}, {self.choose(*TEXTS[:7], chr(34) + '<%0>' + chr(34), chr(34) + '%1' + chr(34))}))",
                f"show(({text}):gsub({pattern}, function(p, q) return q or p end))",
                f"show(({text}):gsub('%w', {{a = 'A', l = 1, ['1'] = true and 'one'}}, {self.expr('num')}))",
                f"for p, q in ({text}):gmatch({pattern}) do show(p, q) end",
                f"show(({text}):byte({self.expr('num')}, {self.expr('num')}))",
                f"show(string.format({self.choose(*self.formats())}, {self.expr('num')}))",
                f"show(string.format('%s|%-6s|%q', {self.expr('any')}, {self.expr('str')}, {self.expr('str')}))",
                f"show(tonumber({text}), tonumber({text}, {self.choose(2, 10, 16, 36)}))",
            )
        )

    @staticmethod
    def formats() -> tuple[str, ...]:
        """Formats for a number."""
        return '"%d"', '"%5.2f|"', '"%x"', '"%g"', '"%-8d|"', '"%+.3e"', '"%05d"', '"%i%%"', '"%.14g"', '"%s"'

    def if_(self) -> None:
        """Branches."""
        arms = [(self.body(), "end")]
        head = f"if {self.expr('bool')} then"
        while self.chance(0.3) and len(arms) < 3:
            arms[-1] = (arms[-1][0], f"elseif {self.expr('bool')} then")
            arms.append((self.body(), "end"))
        if self.chance(0.4):
            arms[-1] = (arms[-1][0], "else")
            arms.append((self.body(), "end"))
        self.add(head, *arms)

    def do(self) -> None:
        """A block."""
        self.add("do", (self.body(), "end"))

    def loop(self) -> None:
        """A short loop."""
        if self.loops > 1:
            self.show()
            return
        self.loops += 1
        name = self.fresh("i")
        label = self.fresh("next")
        match self.random.randrange(6):
            case 0 | 1:
                bounds = self.choose("1, 3", "3, 1, -1", "1, 2, 0.5", "0, 2", "1, 0", "-1, 1", "10, 1, -4")
                body = self.body({name: "num"})
                if self.chance(0.3):
                    skip = f"if {name} % 2 == 0 then goto {label} end"
                    body = [Statement(skip), Statement("do", [(body, "end")]), Statement(f"::{label}::")]
                self.add(f"for {name} = {bounds} do", (body, "end"))
            case 2:
                lists = self.visible("list")
                over = self.choose(*lists) if lists and self.chance(0.3) else "{" + self.items() + "}"
                # What grows while it is gone over would have no end.
                over = f"{{unpack({over})}}" if lists else over
                self.add(
                    f"for {name}, v{name} in ipairs({over}) do",
                    (self.body({name: "num", f"v{name}": "num"}), "end"),
                )
            case 3:
                self.add(f"local {name} = 0")
                body = [Statement(f"{name} = {name} + 1"), *self.body({name: "const"})]
                self.add(f"while {name} < 3 and {self.expr('bool')} do", (body, "end"))
            case 4:
                self.add(f"local {name} = 0")
                body = [Statement(f"{name} = {name} + 1"), *self.body()]
                self.add("repeat", (body, f"until {name} >= 2 or {self.expr('bool')}"))
            case _:
                step = self.expr("num")
                state = f"function(s, c) if c < 2 then return c + 1, c * ({step}) end end, nil, 0"
                self.add(
                    f"for {name}, w{name} in {state} do", (self.body({name: "num", f"w{name}": "num"}), "end")
                )
        self.loops -= 1

    def leave(self) -> None:
        """The end of a loop, or of the function."""
        self.add(f"if {self.expr('bool')} then break end")

    def closure(self) -> None:
        """A closure over variables that it changes."""
        names = self.visible("num", "str")
        if not names:
            self.local()
            return
        captured = self.choose(*names)
        kind = next(scope[captured] for scope in reversed(self.scopes) if captured in scope)
        name = self.fresh("f")
        with self.function():
            body = self.body({"given": "any"})
        value = self.expr(kind)
        body.append(
            Statement(f"{captured} = ({value}):sub(1, 40)" if kind == "str" else f"{captured} = {value}")
        )
        body.append(Statement(f"return {captured}, given"))
        self.add(f"local {name} = function(given)", (body, "end"))
        self.declare(name, "fn")
        self.arities[name] = 1
        self.add(f"show(pcall({name}, {self.expr('any')}))")

    def function_(self) -> None:
        """A function of its own, which may call itself."""
        name = self.fresh("g")
        kinds = {f"p{index}": self.choose("num", "str") for index in range(self.random.randint(0, 3))}
        with self.function():
            if kinds and self.chance(0.3):
                first = next(iter(kinds))
                kinds[first] = "const"
                depth = f"{name}({', '.join([f'{first} - 1', *list(kinds)[1:]])})"
                body = [
                    Statement(f"if not ({first} > 0) or {first} > 20 then return {self.expr('num')} end"),
                    *self.body(dict(kinds)),
                ]
                self.scopes.append(dict(kinds))
                body.append(Statement(f"return {self.choose(depth, f'{depth} + 1', f'({depth})')}"))
                self.scopes.pop()
            else:
                body = self.body(dict(kinds))
                self.scopes.append(dict(kinds))
                results = [self.expr(self.choose("num", "str")) for _ in range(self.random.randint(0, 3))]
                body.append(Statement(f"return {', '.join(results)}"))
                self.scopes.pop()
        self.add(f"local function {name}({', '.join(kinds)})", (body, "end"))
        values = ", ".join(self.expr("num" if kind == "const" else kind) for kind in kinds.values())
        self.add(
            self.choose(
                f"show({name}({values}))", f"show(pcall({name}, {values}))" if values else f"show({name}())"
            )
        )

    def varargs(self) -> None:
        """A function that takes any number of arguments."""
        name = self.fresh("v")
        body = self.choose(
            "return ...",
            "return (...)",
            "local x, y = ... return y, x, select('#', ...)",
            "return select('#', ...), select(-1, 0, ...)",
            "local t = {...} return t[1], t[2], unpack(t, 1, 2)",
            "local s = 0 for i = 1, select('#', ...) do s = s + (tonumber((select(i, ...))) or 0) end return s",
            "return pcall(function(...) return ... end, ...)",
            "if select('#', ...) > 1 then return select(2, ...) end return 'one', ...",
            "return function() return 1 end, ...",
        )
        self.add(f"local function {name}(...) {body} end")
        values = [self.expr(self.choose("num", "str", "any")) for _ in range(self.random.randint(0, 3))]
        self.add(f"show({name}({', '.join(values)}))")
        self.add(f"show({', '.join([f'({name}({values[0] if values else 1}))', *values])})")

    def caught(self) -> None:
        """An error, or none, in pcall."""
        name, bad = self.fresh("e"), self.choose(*ANYTHING)
        operations = (
            *(
                "v + 1",
                "1 - v",
                "v .. 'x'",
                "#v",
                "v < 1",
                "v <= 'a'",
                "v.x",
                "v.x.y",
                "v[1][2]",
                "v()",
                "v.x()",
            ),
            *("v:m()", "-v", "v * 2", "v % 3", "('x'):rep(v)", "tostring(v)", "tonumber(v)", "math.floor(v)"),
            *(
                "string.sub(v, 1)",
                "table.concat(v)",
                "unpack(v)",
                "select(v, 1, 2)",
                "v == 1",
                "not v",
                "next(v)",
            ),
            *("string.format('%d', v)", "('a'):upper(v)", "table.insert(v, 1)", "v ^ 2", "v > v"),
        )
        operation = self.choose(*operations)
        match self.random.randrange(6):
            case 0:
                self.add(f"show(pcall(function(v) return (type({operation})) end, {bad}))")
            case 1:
                self.add(f"local {name} = {{{bad}}}")
                self.add(
                    f"show(pcall(function() local v = {name}[1] local r = {operation} return type(r) end))"
                )
            case 2:
                with self.function():
                    body = self.body()
                body.append(Statement(f"error({self.expr('str')}{self.choose('', '', ', 0', ', 1', ', 2')})"))
                self.add("show(pcall(function()", (body, "end))"))
            case 3:
                self.add(
                    f"local {name} = select(2, pcall(function() error({{code = {self.expr('num')}}}) end))"
                )
                self.add(f"show(type({name}), {name}.code)")
            case 4:
                value = self.expr("any")
                self.add(
                    f"show(xpcall(function() assert({value}, 'nothing') return 1 end, function(m) return 'H:' .. tostring(m) end))"
                )
            case _:
                with self.function():
                    body = self.body()
                body.append(Statement(f"return {self.expr('num')}, {self.expr('str')}"))
                self.add("show(pcall(function()", (body, "end))"))

    def class_(self) -> None:
        """A class with metamethods, and two objects."""
        name, one, two = self.fresh("C"), self.fresh("o"), self.fresh("o")
        self.add(f"local {name} = {{}}")
        self.add(f"{name}.__index = {name}")
        self.add(f"function {name}.new(n) return setmetatable({{n = n}}, {name}) end")
        with self.function():
            body = self.body({"by": "num"}, least=0)
        self.add(
            f"function {name}:step(by)",
            ([*body, Statement("self.n = self.n + by"), Statement("return self")], "end"),
        )
        event = self.choose(*META_ARITHMETIC)
        self.add(
            f"{name}.{event} = function(p, q) return (type(p) == 'table' and p.n or p) {SIGNS[event]} (type(q) == 'table' and q.n or q) end"
        )
        self.add(f"{name}.__eq = function(p, q) return p.n == q.n end")
        self.add(f"{name}.__lt = function(p, q) return p.n < q.n end")
        self.add(f"{name}.__le = function(p, q) return p.n <= q.n end")
        self.add(f"{name}.__tostring = function(p) return '<' .. p.n .. '>' end")
        self.add(f"{name}.__concat = function(p, q) return tostring(p) .. '&' .. tostring(q) end")
        self.add(f"{name}.__call = function(p, q) return p.n, q end")
        self.add(f"{name}.__unm = function(p) return -p.n end")
        self.add(f"local {one}, {two} = {name}.new({self.expr('num')}), {name}.new({self.expr('num')})")
        uses = (
            *(
                f"show({one} {SIGNS[event]} {two}, {one} {SIGNS[event]} 2, 3 {SIGNS[event]} {two})",
                f"show(-{one})",
            ),
            *(f"show({one} == {two}, {one} ~= {two}, {one} < {two}, {one} <= {two}, {one} > {two})",),
            *(
                f"show(tostring({one}), {one} .. {two}, {one} .. 'x', 1 .. {two})",
                f"show({one}(5), {two}('c'))",
            ),
            *(
                f"show({one}:step(1):step({self.expr('num')}).n)",
                f"show(getmetatable({one}) == {name}, rawget({one}, 'step'))",
            ),
            *(f"show(pcall(function() return {one} + {{}} end))", f"show({one}.missing, {name}.n)"),
            *(
                f"setmetatable({two}, {{__index = function(t, k) return k .. '!' end}}) show({two}.foo, {two}.n)",
            ),
            *(
                f"setmetatable({two}, {{__newindex = function(t, k, v) rawset(t, k, v * 2) end}}) {two}.z = 4 show({two}.z)",
            ),
        )
        for use in self.random.sample(uses, 3):
            self.add(use)

    def coroutine(self) -> None:
        """A coroutine that yields, and what it gives."""
        name = self.fresh("co")
        with self.function():
            body = self.body({"p": "num", "q": "any"}, least=0)
        inner = self.choose(
            "for i = 1, 2 do p = coroutine.yield(i, p) end",
            "local ok, e = pcall(function() local r = coroutine.yield('in') error(tostring(r), 0) end) coroutine.yield(ok, e)",
            "coroutine.yield(p) coroutine.yield(q, p)",
            "local w = coroutine.wrap(function() coroutine.yield(p) return 'done' end) coroutine.yield(w(), w())",
            "q = coroutine.yield() q = coroutine.yield(q)",
        )
        body += [Statement(inner), Statement("return 'end', p")]
        self.add(f"local {name} = coroutine.create(function(p, q)", (body, "end)"))
        for _ in range(self.random.randint(2, 4)):
            self.add(f"show(coroutine.resume({name}, {self.expr('num')}, {self.expr('any')}))")
        self.add(f"show(coroutine.status({name}))")

    # Expressions

    def items(self) -> str:
        """Numbers for a list."""
        return ", ".join(self.expr("num", 2) for _ in range(self.random.randint(0, 4)))

    def expr(self, kind: str, depth: int = 0) -> str:
        """An expression of a kind; some tell when they are evaluated, which has to happen once, and in order."""
        if kind in TOLD and self.chance(0.06):
            self.counter += 1
            return f"{kind}({self.counter}, {self._plain(kind, depth)})"
        return self._plain(kind, depth)

    def _plain(self, kind: str, depth: int) -> str:
        names = self.visible(kind)
        if names and self.chance(0.45):
            return self.choose(*names)
        return {
            "num": self._number,
            "str": self._string,
            "bool": self._bool,
            "any": self._any,
            "list": lambda _: "{" + self.items() + "}",
            "rec": self._record,
        }[kind](depth)

    def _record(self, depth: int) -> str:
        fields = [f"{name} = {self.expr('any', depth + 1)}" for name in self.random.sample(FIELDS, 2)]
        return "{" + ", ".join(fields) + "}"

    def _any(self, depth: int) -> str:
        if self.chance(0.2):
            return self.choose("nil", "false", "true")
        records, lists = self.visible("rec"), self.visible("list")
        if records and self.chance(0.2):
            return f"{self.choose(*records)}.{self.choose(*FIELDS[:2])}"
        if records and depth < 3 and self.chance(0.15):
            return f"{self.choose(*records)}[{self._key(depth + 1)}]"
        if lists and depth < 3 and self.chance(0.15):
            return f"{self.choose(*lists)}[{self.expr('num', depth + 1)}]"
        if depth < 2 and self.chance(0.3):
            operator = self.choose("and", "or")
            return f"({self.expr('any', depth + 1)} {operator} {self.expr('any', depth + 1)})"
        return self.expr(self.choose("num", "str", "bool"), depth + 1)

    def _key(self, depth: int) -> str:
        """A key of a record, which may be none of its."""
        known = [f'"{self.choose(*FIELDS)}"', f'("{self.choose(*FIELDS)}" .. {self.choose(*TEXTS[:2])})']
        first, second = self.choose(*known), self.choose(*known, self.expr("any", depth))
        return self.choose(
            first,
            f"str({self.counter}, {first})",
            f"{self.expr('bool', depth)} and {first} or {second}",
            f"({self.expr('any', depth)} or {first})",
            f"{self.expr('str', depth)}",
        )

    def _number(self, depth: int) -> str:
        if depth > 2 or self.chance(0.3):
            return self.choose(*NUMBERS)
        deeper = depth + 1
        a = self.expr("num", deeper)
        match self.random.randrange(14):
            case 13:
                lists = self.visible("list")
                found = f"{self.choose(*lists)}[{self.expr('num', deeper)}]" if lists else "nil"
                return f"(tonumber({found}) or {a})"
            case 0 | 1 | 2:
                return f"({a} {self.choose('+', '-', '*')} {self.expr('num', deeper)})"
            case 3:
                return f"({a} {self.choose('/', '%')} {self.expr('num', deeper)})"
            case 4:
                return (
                    f"#{self.choose(*self.visible('list'))}"
                    if self.visible("list")
                    else f"#({self.expr('str', deeper)})"
                )
            case 5:
                return f"(- {a})"
            case 6:
                return f"math.{self.choose('floor', 'ceil', 'abs')}({a})"
            case 7:
                return f"math.{self.choose('max', 'min')}({a}, {self.expr('num', deeper)})"
            case 8:
                return f"(tonumber({self.expr('str', deeper)}) or {a})"
            case 9:
                return f"({self.expr('bool', deeper)} and {a} or {self.expr('num', deeper)})"
            case 10:
                return f"bit.{self.choose('band', 'bor', 'bxor', 'lshift', 'rshift')}({a}, {self.choose(1, 3, 7, 31)})"
            case 11:
                return f"('{self.choose('10', '2.5', ' 0x10 ')}' {self.choose('+', '*', '-')} {a})"
            case _:
                return f"({a}) ^ {self.choose(2, 0, 0.5, -1, 3)}"

    def _string(self, depth: int) -> str:
        if depth > 2 or self.chance(0.3):
            return self.choose(*TEXTS)
        deeper = depth + 1
        a = self.expr("str", deeper)
        match self.random.randrange(11):
            case 0 | 1:
                return f"({a} .. {self.expr(self.choose('str', 'num'), deeper)})"
            case 2:
                return f"({a}):sub({self.expr('num', 2)}, {self.expr('num', 2)})"
            case 3:
                return f"({a}):{self.choose('upper', 'lower', 'reverse')}()"
            case 4:
                return f"tostring({self.expr(self.choose('num', 'bool', 'str'), deeper)})"
            case 5:
                return f"({a}):rep({self.choose('0', '1', '2', '3', '2, 1')})"
            case 6:
                return f"({self.expr('bool', deeper)} and {a} or {self.expr('str', deeper)})"
            case 7:
                return f"(({a}):match({self.choose(*PATTERNS[:5])}) or {self.choose(*TEXTS)})"
            case 8:
                return f"type({self.expr('any', deeper)})"
            case 9:
                return f"({a}):gsub({self.choose(*PATTERNS[:3])}, 'r'):sub(1, 20)"
            case _:
                return f"string.format('%s-%s', {a}, {self.expr('num', deeper)})"

    def _bool(self, depth: int) -> str:
        if depth > 2:
            return self.choose("true", "false")
        deeper = depth + 1
        match self.random.randrange(8):
            case 0 | 1:
                operator = self.choose("==", "~=", "<", "<=", ">", ">=")
                return f"{self.expr('num', deeper)} {operator} {self.expr('num', deeper)}"
            case 2:
                operator = self.choose("==", "~=", "<", ">=")
                return f"{self.expr('str', deeper)} {operator} {self.expr('str', deeper)}"
            case 3:
                return f"not ({self.expr('any', deeper)})"
            case 4:
                return f"({self.expr('bool', deeper)} {self.choose('and', 'or')} {self.expr('bool', deeper)})"
            case 5:
                return f"{self.expr('any', deeper)} == {self.expr('any', deeper)}"
            case 6:
                return f"({self.expr('str', deeper)}):find({self.choose(*PATTERNS)}) ~= nil"
            case _:
                return self.choose("true", "false")


def program(seed: int) -> list[Statement]:
    """The program of a seed."""
    return Generator(seed).program()
