"""Random small handlers over what the compiler supports: types mixed on purpose, names that shadow, loops,
tables, recursion, errors that are caught, closures.

The generator keeps track of what a variable may hold, so that most programs are accepted, and ignores it now and
then, so that refusals and Lua's own errors are met as well.
"""

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar

T = TypeVar("T")
NAMES = (
    *(
        "a",
        "b",
        "c",
        "x",
        "y",
        "value",
        "ok",
        "err",
        "res",
        "result",
        "n",
        "r",
        "cfg",
        "type",
        "func",
        "len",
        "_",
    ),
    *(
        "lua",
        "string_",
        "x_1",
        "x1",
        "x2",
        "nil_",
        "id",
        "device_id",
        "deviceId",
        "URL",
        "error_",
        "main",
        "init",
        "map",
    ),
)
TABLES = ("t", "list", "items", "opts")
FIELDS = ("name", "n", "type", "sub")
FUNCTIONS = ("f", "g", "check", "Check", "access", "parse_config", "new", "h")
TEXTS = (
    '""',
    '"a"',
    '"abc"',
    '"10"',
    '" 0x1F "',
    '"1e3"',
    '"nan"',
    '"a\\0b\\255"',
    "'quo\\'te'",
    "[[\nlong]]",
    '"%s"',
)
NUMBERS = ("0", "1", "2", "3", "-1", "0.5", "10", "100", "1e15", "1/0", "-0", "2^53", "0x10", "3.7")
ARGUMENTS = ("a", "b", "n", "none", "Flag")
EXIT_CODES = ("200", "204", "400", "403", "404", "0", "500", "ngx.HTTP_FORBIDDEN", "ngx.OK")
LEVELS = ("ngx.ERR", "ngx.WARN", "ngx.INFO", "4", "ngx.NOTICE")
COMMANDS = (
    *(
        'get("k")',
        'set("k", "v")',
        'incr("n")',
        'hget("h", "f")',
        'hgetall("h")',
        'lrange("l", 0, -1)',
        'ttl("k")',
    ),
    *(
        'eval("return 1", 0)',
        'exists("k")',
        'sadd("s", "m")',
        'lpop("l")',
        'zscore("z", "m")',
        'mget("k", "l")',
    ),
)


@dataclass
class Scope:
    """The variables of a block by name; the values say what they hold: string, optional, number, …"""

    variables: dict[str, str] = field(default_factory=dict)


@dataclass
class Function:
    """A function of the program: its name, how many parameters it has, and what it returns."""

    name: str
    parameters: int
    results: list[str]


class Generator:
    """Writes programs; the same seed gives the same program."""

    def __init__(self, seed: int, redis: bool) -> None:
        self.random = random.Random(seed)
        self.redis = redis
        self.scopes: list[Scope] = []
        self.functions: list[Function] = []
        self.lines: list[str] = []
        self.indent = 0
        self.in_function = False
        self.loops = 0
        self.counters = 0

    def program(self) -> str:
        """A handler's text."""
        if self.redis:
            self._line('local redis = require "resty.redis"')
        for _ in range(self.random.randrange(3)):
            self._function()
        self.scopes = [Scope()]
        if self.redis:
            self._connect()
        self._statements(self.random.randint(2, 9))
        self._show()
        return "\n".join(self.lines) + "\n"

    # Statements

    def _line(self, text: str) -> None:
        self.lines.append("  " * self.indent + text)

    def _connect(self) -> None:
        self._line("local red = redis:new()")
        self._line(
            self._choose(
                'red:connect("redis.internal", 6379)', 'local ok, err = red:connect("redis.internal", 6379)'
            )
        )
        if "local ok" in self.lines[-1]:
            self.scopes[-1].variables |= {"ok": "reply", "err": "optional"}

    def _function(self) -> None:
        name = self._choose(*FUNCTIONS)
        count = self.random.randrange(4)
        parameters = self.random.sample(NAMES, count)
        # A call of the name inside of the function would be one of itself, without an end.
        self.functions = [each for each in self.functions if each.name != name]
        self.scopes, self.in_function = [Scope(dict.fromkeys(parameters, "any"))], True
        self._line(f"local function {name}({', '.join(parameters)})")
        self.indent += 1
        self._statements(self.random.randrange(1, 4))
        results = [
            self._choose("string", "optional", "number", "boolean")
            for _ in range(self._choose(0, 1, 1, 1, 2, 3))
        ]
        if self._chance(0.3):
            self._line(f"if {self.condition()} then return {self._values(results, short=True)} end")
        if results:
            self._line(f"return {self._values(results)}")
        self.indent -= 1
        self._line("end")
        self.in_function = False
        self.functions.append(Function(name, count, results))

    def _values(self, kinds: list[str], short: bool = False) -> str:
        values = [self.expression(kind) for kind in kinds]
        if short and self._chance(0.5):
            values = values[:-1]
        return ", ".join(values)

    def _statements(self, count: int) -> None:
        for _ in range(count):
            self._statement()

    def _statement(self) -> None:
        kinds = (
            [self._local] * 6
            + [self._assign] * 3
            + [self._if] * 4
            + [self._log] * 3
            + [self._block, self._exit, self._call]
            + [self._table] * 2
            + [self._loop] * 2
            + [self._caught, self._closure, self._recursion, self._pieces]
        )
        self._choose(*kinds)()

    def _local(self) -> None:
        name = self._choose(*NAMES)
        roll = self.random.random()
        if self.redis and roll < 0.3:
            self._redis_local(name)
        elif roll < 0.45 and self.functions:
            function = self._choose(*self.functions)
            names = self.random.sample(NAMES, self.random.randint(1, 3))
            self._line(f"local {', '.join(names)} = {self._invocation(function)}")
            kinds = [*function.results, "nil", "nil", "nil"]
            self.scopes[-1].variables |= dict(zip(names, kinds, strict=False))
        elif roll < 0.6:
            names = self.random.sample(NAMES, self.random.randint(2, 3))
            kinds = [self._kind() for _ in range(self.random.randint(1, 4))]
            values = ", ".join(self.expression(kind) for kind in kinds)
            self._line(f"local {', '.join(names)} = {values}")
            self.scopes[-1].variables |= dict(zip(names, [*kinds, "nil", "nil"], strict=False))
        elif roll < 0.68:
            self._line(f"local {name}")
            self.scopes[-1].variables[name] = "nil"
        else:
            kind = self._kind()
            self._line(f"local {name} = {self.expression(kind)}")
            self.scopes[-1].variables[name] = kind

    def _redis_local(self, name: str) -> None:
        command = f"red:{self._choose(*COMMANDS)}"
        if self.in_function:
            return
        if self._chance(0.6):
            other = self._choose(*NAMES)
            self._line(f"local {name}, {other} = {command}")
            self.scopes[-1].variables |= {name: "reply", other: "optional"}
            if self._chance(0.5):
                self._line(f"if not {name} then ngx.log(ngx.ERR, {other}) return end")
        else:
            self._line(f"local {name} = {command}")
            self.scopes[-1].variables[name] = "reply"

    def _assign(self) -> None:
        names = [name for name, kind in self._visible().items() if kind not in ("table", "function")]
        if not names:
            self._local()
            return
        if len(names) > 1 and self._chance(0.3):
            first, second = self.random.sample(names, 2)
            kinds = self._visible()
            values = self._choose(
                f"{second}, {first}", f"{self.expression(kinds[first])}, {self.expression(kinds[second])}"
            )
            self._line(f"{first}, {second} = {values}")
            return
        name = self._choose(*names)
        kind = self._visible()[name] if self._chance(0.7) else self._kind()
        self._line(f"{name} = {self.expression(kind)}")

    def _if(self) -> None:
        tested = [name for name, kind in self._visible().items() if kind in ("optional", "reply", "any")]
        if tested and self._chance(0.4):
            name = self._choose(*tested)
            self._line(f"if {name} then")
            self._body({name: "string"} if self._visible()[name] == "optional" else {})
        else:
            self._line(f"if {self.condition()} then")
            self._body({})
        while self._chance(0.25):
            self._line(f"elseif {self.condition()} then")
            self._body({})
        if self._chance(0.4):
            self._line("else")
            self._body({})
        self._line("end")

    def _body(self, known: dict[str, str]) -> None:
        if len(self.scopes) > 4:
            return
        self.scopes.append(Scope(dict(known)))
        self.indent += 1
        self._statements(self.random.randrange(0, 3))
        if self._chance(0.1):
            self._line(
                self._choose(
                    "return",
                    f"ngx.exit({self._choose(*EXIT_CODES)})",
                    f"return ngx.exit({self._choose(*EXIT_CODES)})",
                )
            )
            if self.lines[-1].endswith(")") and "return" not in self.lines[-1] and self._chance(0.3):
                self._log()
        self.indent -= 1
        self.scopes.pop()

    def _block(self) -> None:
        self._line("do")
        self._body({})
        self._line("end")

    # Tables, loops, errors, closures

    def _table(self) -> None:
        """Makes a table, or changes one."""
        tables = [name for name, kind in self._visible().items() if kind == "table"]
        if not tables or self._chance(0.4):
            name = self._choose(*TABLES)
            fields = [self.expression(self._kind()) for _ in range(self.random.randrange(4))]
            fields = [field if field != "nil" else "false" for field in fields]
            fields += [f"{self._choose(*FIELDS[:3])} = {self.expression(self._kind())}"] * self._choose(
                0, 0, 1
            )
            self._line(f"local {name} = {{{', '.join(fields)}}}")
            self.scopes[-1].variables[name] = "table"
            return
        name = self._choose(*tables)
        value = self.expression(self._choose("string", "number", "boolean"))
        match self.random.randrange(7):
            case 0 | 1:
                self._line(f"{name}[#{name} + 1] = {value}")
            case 2:
                self._line(f"{name}.{self._choose(*FIELDS[:3])} = {value}")
            case 3:
                self._line(f"{name}[{self.expression('string')}] = {value}")
            case 4:
                self._line(f"table.insert({name}, {value})")
            case 5:
                self._line(f"ngx.log(ngx.INFO, #{name}, table.remove({name}))")
            case _:
                self._line(f"{name}[1], {name}.n = {value}, {self.expression(self._kind())}")

    def _loop(self) -> None:
        """A loop that ends, unless an error or an exit ends it before."""
        if self.loops == 2:
            return
        tables = [name for name, kind in self._visible().items() if kind == "table"]
        self.loops += 1
        known: dict[str, str] = {}
        self.counters += 1
        counter, end = f"i{self.counters}", "end"
        match self.random.randrange(5):
            case 0 | 1:
                step = self._choose("", "", ", 2", ", -1", ", 0.5")
                self._line(f"for {counter} = {self._choose('1', '3', '0')}, {self._bound()}{step} do")
                known = {counter: "number"}
            case 2 if tables:
                self._line(f"for {counter}, v in ipairs({self._choose(*tables)}) do")
                known = {counter: "number", "v": "any"}
            case 3:
                self._line(f"local {counter} = 0")
                self._line("repeat")
                end = f"until {counter} > 2 or {self.condition()}"
            case _:
                self._line(f"local {counter} = 0")
                self._line(f"while {counter} < 3 and {self.condition()} do")
        if "for" not in self.lines[-1]:
            self.indent += 1
            self._line(f"{counter} = {counter} + 1")
            self.indent -= 1
        self._line("do")
        self._body(known)
        self._line("end")
        if self._chance(0.2):
            self._line(f"if {self.condition()} then break end")
        self._line(end)
        self.loops -= 1

    def _bound(self) -> str:
        return self._choose("3", "5", "-1", "2.5", '"3"', "(tonumber(ngx.var.arg_n) or 2) % 7")

    def _caught(self) -> None:
        """An error, or none, in a function that pcall calls."""
        if len(self.scopes) > 3:
            return
        names = self.random.sample(NAMES[:9], 2)
        self._line(f"local {names[0]}, {names[1]} = pcall(function({self._choose('', 'a', '...')})")
        inside, self.in_function = self.in_function, True
        loops, self.loops = self.loops, 0
        self._line("do")
        self._body({})
        self._line("end")
        if self._chance(0.5):
            self._line(f"error({self.expression('string')}{self._choose('', '', ', 0')})")
        else:
            self._line(f"return {self.expression(self._kind())}, {self.expression('string')}")
        self.in_function, self.loops = inside, loops
        self._line(f"end{self._choose('', ', 1', ', nil, 2')})")
        self.scopes[-1].variables |= {names[0]: "boolean", names[1]: "any"}

    def _closure(self) -> None:
        """A function over the variables around it, and calls of it."""
        names = [name for name, kind in self._visible().items() if kind in ("string", "number", "optional")]
        if not names or len(self.scopes) > 3 or self.in_function:
            return
        self.counters += 1
        function, captured = f"fn{self.counters}", self._choose(*names)
        kind = self._visible()[captured]
        self._line(f"local function {function}(given)")
        inside, self.in_function = self.in_function, True
        loops, self.loops = self.loops, 0
        self._line("do")
        self._body({"given": "any"})
        self._line("end")
        self._line(f"  {captured} = {self.expression(kind)}")
        self._line(f"  return {captured}, given")
        self.in_function, self.loops = inside, loops
        self._line("end")
        if self._chance(0.3):
            self._line(f"local kept = {function}")
        self._line(f"ngx.log(ngx.INFO, {function}({self.expression(self._kind())}))")
        self._line(f"{captured} = {function}()")

    def _recursion(self) -> None:
        if len(self.scopes) > 2 or self.in_function:
            return
        self.counters += 1
        name = f"down{self.counters}"
        step = self._choose(f"n + {name}(n - 1)", f"{name}(n - 1) .. n", f"{name}(n - 1)", f"({name}(n - 1))")
        self._line(f"local function {name}(n)")
        self._line(f"  if n <= 0 then return {self.expression('number', 3)} end")
        self._line(f"  return {step}")
        self._line("end")
        self._line(f"ngx.log(ngx.INFO, {name}({self._choose('0', '3', '7.5', '500')}))")

    def _pieces(self) -> None:
        """The string library's patterns."""
        text = self.expression("string")
        pattern = self._choose(
            '"%a"', '"(%d+)"', '"."', '"^%s*(.-)%s*$"', '"(a)(b?)"', '"[^abc]+"', '"x*"', '"%f[%w]%w+"'
        )
        match self.random.randrange(5):
            case 0:
                self._line(f"ngx.log(ngx.INFO, string.find({text}, {pattern}))")
            case 1:
                self._line(f"local id = string.match({text}, {pattern})")
                self.scopes[-1].variables["id"] = "any"
            case 2:
                with_ = self._choose('"<%0>"', '"%1"', "{a = 1, b = true}", "string.upper")
                self._line(f"ngx.log(ngx.INFO, string.gsub({text}, {pattern}, {with_}))")
            case 3:
                self._line(f"for w in string.gmatch({text}, {pattern}) do ngx.log(ngx.INFO, w) end")
            case _:
                form = self._choose('"%5s|"', '"%d"', '"%-6.2f|"', '"%q"', '"%x"', '"%g"')
                kind = "string" if form in ('"%5s|"', '"%q"') else "number"
                self._line(
                    f"ngx.log(ngx.INFO, pcall(function() return (string.format({form}, {self.expression(kind)})) end))"
                )

    def _exit(self) -> None:
        if self._chance(0.5):
            self._line(f"if {self.condition()} then ngx.exit({self._choose(*EXIT_CODES)}) end")

    def _call(self) -> None:
        if self.functions:
            self._line(self._invocation(self._choose(*self.functions)))
        elif self.redis and not self.in_function:
            self._line(f"red:{self._choose(*COMMANDS)}")

    def _log(self) -> None:
        values = [self.expression(self._kind()) for _ in range(self.random.randint(1, 4))]
        self._line(f"ngx.log({self._choose(*LEVELS)}, {', '.join(values)})")

    def _show(self) -> None:
        """Shows what became of all variables that can be seen at the end."""
        for name, kind in self._visible().items():
            if kind == "table":
                self._line(f'for k, v in ipairs({name}) do ngx.log(ngx.INFO, "{name}", k, v) end')
            elif kind != "function":
                self._line(f'ngx.log(ngx.INFO, "{name} = ", {name})')

    # Expressions

    def _kind(self) -> str:
        return self._choose("string", "string", "optional", "optional", "number", "number", "boolean", "nil")

    def expression(self, kind: str, depth: int = 0) -> str:
        """An expression that has this kind of value; sometimes another one."""
        if self._chance(0.03):
            kind = self._kind()
        if depth < 3 and self._chance(0.08):
            return f"({self.expression(kind, depth + 1)})"
        known = [name for name, held in self._visible().items() if held == kind]
        if known and self._chance(0.5):
            return self._choose(*known)
        called = [each for each in self.functions if each.results[:1] == [kind]]
        if called and depth < 2 and self._chance(0.15):
            return self._invocation(self._choose(*called))
        tables = [name for name, held in self._visible().items() if held == "table"]
        if tables and kind in ("number", "optional") and self._chance(0.3):
            name = self._choose(*tables)
            if kind == "number":
                return f"#{name}"
            return self._choose(
                f"{name}[1]", f"{name}.{self._choose(*FIELDS[:3])}", f"{name}[{self._number(3)}]"
            )
        forms: dict[str, Callable[[int], str]] = {
            "string": self._string,
            "optional": self._optional,
            "number": self._number,
            "boolean": self.condition,
            "reply": self._reply,
        }
        return forms[kind](depth) if kind in forms else "nil"

    def _string(self, depth: int) -> str:
        if depth > 2 or self._chance(0.3):
            return self._choose(*TEXTS)
        deeper = depth + 1
        text = self.expression("string", deeper)
        match self.random.randrange(9):
            case 0 | 1:
                other = self._choose("string", "number")
                return f"{text} .. {self.expression(other, deeper)}"
            case 2:
                return f"string.sub({text}, {self._number(3)}, {self._number(3)})"
            case 3:
                return f"({text}):upper()"
            case 4:
                return f"tostring({self.expression(self._kind(), deeper)})"
            case 5 | 6:
                return f"({self._optional(deeper)} or {text})"
            case 7:
                return f"({self.condition(deeper)} and {text} or {self.expression('string', deeper)})"
            case _:
                return f"string.lower({text})"

    def _optional(self, depth: int) -> str:
        name = self._choose(*ARGUMENTS)
        match self.random.randrange(8):
            case 0:
                return f"ngx.var.http_x_{name}"
            case 1:
                return f"ngx.var.cookie_{name}"
            case 2 if depth < 3:
                return f"({self._optional(depth + 1)} or {self._optional(depth + 1)})"
            case 3 if depth < 3:
                return f"({self._optional(depth + 1)} and {self.expression('string', depth + 1)})"
            case 4:
                return "ngx.var.args"
            case _:
                return f"ngx.var.arg_{name}"

    def _number(self, depth: int) -> str:
        if depth > 2 or self._chance(0.3):
            return self._choose(*NUMBERS)
        deeper = depth + 1
        match self.random.randrange(9):
            case 0 | 1 | 2:
                operator = self._choose("+", "-", "*", "/", "%")
                left, right = self.expression("number", deeper), self.expression("number", deeper)
                return f"{left} {operator} {right}"
            case 3:
                return f"#{self._choose(*TEXTS[:4])}"
            case 4:
                return f"#({self.expression('string', deeper)})"
            case 5:
                return f"- {self.expression('number', deeper)}"
            case 6:
                return f"(tonumber({self.expression('optional', deeper)}) or {self.expression('number', deeper)})"
            case 7:
                return f"{self.expression('string', deeper)} + 1" if self._chance(0.3) else "2"
            case _:
                return f"({self.expression('number', deeper)})"

    def _reply(self, depth: int) -> str:
        return "ngx.null" if self._chance(0.2) else self._optional(depth)

    def condition(self, depth: int = 0) -> str:
        """A boolean expression, or one that is tested as such."""
        deeper = depth + 1
        if depth > 2:
            return self._choose("true", "false", f"ngx.var.arg_{self._choose(*ARGUMENTS)} ~= nil")
        match self.random.randrange(10):
            case 0:
                return f"not {self.expression(self._kind(), deeper)}"
            case 1:
                operator = self._choose("==", "~=", "<", "<=", ">", ">=")
                return f"{self.expression('number', deeper)} {operator} {self.expression('number', deeper)}"
            case 2:
                operator = self._choose("==", "~=", "<", ">=")
                return f"{self.expression('string', deeper)} {operator} {self.expression('string', deeper)}"
            case 3 | 4:
                left, right = self.expression("optional", deeper), self.expression(self._kind(), deeper)
                return f"{left} {self._choose('==', '~=')} {right}"
            case 5:
                return f"({self.condition(deeper)} and {self.condition(deeper)})"
            case 6:
                return f"({self.condition(deeper)} or {self.condition(deeper)})"
            case 7:
                return f"{self.expression(self._kind(), deeper)} == nil"
            case 8 if self.redis:
                replies = [name for name, kind in self._visible().items() if kind == "reply"]
                return f"{self._choose(*replies)} == ngx.null" if replies else "true"
            case _:
                return f"{self._optional(deeper)} ~= nil"

    def _invocation(self, function: Function) -> str:
        count = max(0, function.parameters + self._choose(0, 0, 0, 0, -1, 1))
        arguments = [self.expression(self._kind(), 2) for _ in range(count)]
        if arguments and self._chance(0.15):
            several = [
                each for each in self.functions if len(each.results) > 1 and each.name != function.name
            ]
            if several and not self.in_function:
                arguments[-1] = f"{self._choose(*several).name}()"
        return f"{function.name}({', '.join(arguments)})"

    # Chance

    def _visible(self) -> dict[str, str]:
        found: dict[str, str] = {}
        for scope in self.scopes:
            found |= scope.variables
        return {name: kind for name, kind in found.items() if name != "_"}

    def _chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def _choose(self, *options: T) -> T:
        return self.random.choice(options)


def program(seed: int, redis: bool = False) -> str:
    """The program of a seed."""
    return Generator(seed, redis).program()
