"""From a unit to its explanation."""

from __future__ import annotations

import copy
import re
from collections.abc import Iterator
from dataclasses import replace

from snippet2wasm.explain import scope
from snippet2wasm.explain.answers import settle
from snippet2wasm.explain.ends import ends, exiting, uncaught
from snippet2wasm.explain.model import Explanation, Fact, Part, Place, Setting
from snippet2wasm.explain.stale import stale
from snippet2wasm.explain.steps import Known, Teller
from snippet2wasm.explain.values import Speaker, is_redis_command, names_header, phrase
from snippet2wasm.explain.words import Words, code, handler_name, say
from snippet2wasm.ir.nodes import Action, Constant, Expr, Function, Handler, Local, Phase, Unit, Variable
from snippet2wasm.ir.numbers import number_text
from snippet2wasm.source import Span


def explain(unit: Unit, source_name: str) -> Explanation:
    """The explanation of a unit whose types are settled.

    Args:
        unit: what to explain.
        source_name: the input's name.
    """
    return _Builder(unit, source_name).explanation()


class _Builder:
    def __init__(self, unit: Unit, source_name: str) -> None:
        self.unit = unit
        self.source = file_name(source_name)
        self.functions = scope.functions(unit)
        self.keys = _keys(self.functions)
        bodies = [handler.body for handler in unit.handlers] + self.functions
        exprs = [expr for function in bodies for expr in scope.all_expressions(function.body)]
        self.actions = [action for expr in exprs if (action := _action(expr)) is not None]
        definitions = scope.definitions(unit)
        constants = scope.constant_parameters(unit)
        self.speaker = Speaker(definitions, self.keys, constants, stale(exprs, definitions))
        pipelines = any(action.entry.name == "redis:init_pipeline" for action in self.actions)
        self.known = Known(self.speaker, self.place, self.keys, _addresses(self.actions), pipelines)
        self.teller = Teller(self.known, None, say("lets the request pass"))

    def explanation(self) -> Explanation:
        """All of it."""
        handlers = tuple(self._handlers())
        functions = tuple(self._function(function) for function in self.functions)
        handlers, functions = settle(handlers, functions)
        can_end = exiting(functions)
        failing = uncaught(handlers, functions)
        functions = tuple(replace(part, caught=part.key not in failing) for part in functions)
        location = self.unit.location
        return Explanation(
            name=self.unit.name,
            source=self.source,
            location=f"{location.modifier} {location.path}".strip() if location is not None else "",
            reads=self._facts("reads"),
            settings=tuple(
                Setting(config.key, config.lua_name, str(config.type), config.secret)
                for config in self.unit.config
            ),
            calls=self._calls(),
            changes=self._facts("changes"),
            handlers=handlers,
            functions=functions,
            ends=tuple(end for part in (*handlers, *functions) for end in ends(part, can_end)),
        )

    def place(self, span: Span) -> Place:
        """The line of the outermost file that a span begins in."""
        outer = span.outermost()
        return Place(file_name(outer.source.name), outer.line)

    def _handlers(self) -> Iterator[Part]:
        taken: set[str] = set()
        for index, handler in enumerate(self.unit.handlers):
            passes = _passes(handler, self.unit.handlers[index + 1 :])
            if handler.phase is Phase.RULES and not _any_is_enough(handler.body):
                passes += ", if it may pass"
            steps = Teller(self.known, handler.phase, passes, self.teller).function(handler.body)
            phase = key = handler.phase.value
            if key in taken:
                key = f"{phase}#{index + 1}"
            taken.add(key)
            before = self.unit.handlers[index - 1] if index else handler
            apart = before.levels != handler.levels or handler.phase in (Phase.PASS, Phase.ERROR, Phase.PROXY)
            yield Part(key, handler.body.name, phase, (), self._start(handler.body), steps, apart=apart)

    def _function(self, function: Function) -> Part:
        names = tuple(parameter.name for parameter in function.parameters)
        steps = self.teller.function(function)
        key = self.keys[function]
        return Part(key, function.name, "", names, self._start(function), steps)

    def _start(self, function: Function) -> Place:
        return self.place(function.span)

    def _facts(self, what: str) -> tuple[Fact, ...]:
        """What the actions read from the request, or change."""
        found: dict[tuple[str, str], Fact] = {}
        for action in self.actions:
            kind = str(getattr(phrase(action), what))
            if kind:
                name = _fact_name(action)
                text = self.speaker.value(action) if what == "reads" else self.teller.effect(action)
                _add(found, Fact(kind, name, text, (self.place(action.span),)))
        return tuple(found.values())

    def _calls(self) -> tuple[Fact, ...]:
        """The Redis commands."""
        found: dict[tuple[str, str], Fact] = {}
        for action in self.actions:
            if is_redis_command(action):
                _add(found, Fact("redis", "", self.teller.effect(action), (self.place(action.span),)))
        for hook in self.unit.hooks:
            text = say("the Go hook ", code(hook.lua_name))
            _add(found, Fact("hook", code(hook.lua_name).text, text, ()))
        return tuple(found.values())


def _action(expr: Expr) -> Action | None:
    """The action that an expression is, or that stands in the text for a variable of the compiler's."""
    match expr:
        case Action():
            return expr
        case Local(variable=Variable(origin=Action() as action)):
            again = copy.copy(action)
            again.span = expr.span
            return again
        case _:
            return None


def _any_is_enough(function: Function) -> bool:
    """Whether `satisfy any` leaves what rules refuse to those behind them."""
    exprs = scope.all_expressions(function.body)
    return any(isinstance(expr, Action) and expr.entry.name == "nginx.satisfy_any" for expr in exprs)


def _passes(handler: Handler, later: list[Handler]) -> Words:
    """What happens when a handler has ended without deciding anything."""
    if handler.phase in _LETS_GO:
        return say(_LETS_GO[handler.phase])
    if handler.phase is Phase.SERVER_REWRITE and handler.levels:
        return say("looks for the location of the request")
    for each in later:
        if each.phase.of_response or each.phase in (Phase.PASS, Phase.ERROR, Phase.PROXY):
            break
        if each.levels == handler.levels or set(each.levels) & set(handler.levels):
            if each.phase.lua:
                return say("goes on with the ", code(each.body.name), " handler")
            return say("goes on with ", handler_name(each.body.name))
    return say("passes the request on to the upstream")


_LETS_GO = {
    Phase.CONTENT: "answers with what it has said, 200 unless it has set another status",
    Phase.PASS: "gives the answer to the subrequest",
    Phase.PROXY: "passes the request on to the upstream",
    Phase.ERROR: "answers with nginx's own page",
    Phase.UPSTREAM: "takes the upstream's response",
    Phase.HEADER_FILTER: "sends the headers of the response",
    Phase.HEADERS: "sends the headers of the response",
    Phase.BODY: "sends this piece of the response's body",
    Phase.BODY_FILTER: "sends this piece of the response's body",
    Phase.LOG: "is done with the request",
}


def _add(found: dict[tuple[str, str], Fact], fact: Fact) -> None:
    key = (fact.kind, str(fact.text))
    known = found.get(key)
    places = fact.places if known is None else known.places
    new = tuple(place for place in fact.places if place not in places)
    found[key] = fact if known is None else replace(known, places=known.places + new)


def _fact_name(action: Action) -> str:
    match action.args:
        case [Constant(value=bytes() as name), *_]:
            name = name.replace(b"_", b"-") if names_header(action) else name
            return code(name).text
        case _:
            return ""


def _keys(functions: list[Function]) -> dict[Function, str]:
    """A name for each function that no other one, and no handler, has; for one without a name, its line."""
    taken = {phase.value for phase in Phase}
    found: dict[Function, str] = {}
    for function in functions:
        own = code(function.name).text
        span = function.span.outermost()
        file = span.source.name.replace("\\", "/").rpartition("/")[2]
        unnamed = f"function of line {span.line}" if function.value else f"main chunk of {file}"
        name, number = own or unnamed, 1
        key = name
        while key in taken:
            number += 1
            key = f"{name}#{number}"
        taken.add(key)
        found[function] = key
    return found


def _addresses(actions: list[Action]) -> dict[Variable, str]:
    """The constant address of each Redis client that is connected to one address only."""
    found: dict[Variable, set[str]] = {}
    for action in actions:
        if action.entry.name == "redis:connect" and isinstance(action.receiver, Local):
            found.setdefault(action.receiver.variable, set()).add(_address(action.args))
    return {variable: address for variable, texts in found.items() for address in texts if len(texts) == 1}


def _address(args: list[Expr]) -> str:
    match args:
        case [Constant(value=bytes() as host), Constant(value=float() as port), *_]:
            return f"{code(host).text}:{number_text(port)}"
        case _:
            return ""


def file_name(name: str) -> str:
    """A file's own name, with nothing in it that can't stand in a line of text."""
    return re.sub(r"[^\w.+@ -]", "_", name.replace("\\", "/").rpartition("/")[2]) or "input"
