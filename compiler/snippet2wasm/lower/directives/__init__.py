"""nginx directives → IR: what each level of the configuration does in each phase."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ir.nodes import (
    LUA_PHASES,
    Action,
    Block,
    Evaluate,
    Function,
    Handler,
    If,
    Phase,
    Return,
    Stmt,
    Unary,
    UnitLevel,
)
from snippet2wasm.lower.directives import (
    access,
    answers,
    authbasic,
    authrequest,
    bodies,
    captures,
    charset,
    errors,
    fromupstream,
    geo,
    headers,
    headersmore,
    limits,
    listeners,
    maps,
    methods,
    proxypass,
    referer,
    requests,
    rewrite,
    secrets,
    securelink,
    servername,
    setmisc,
    upstream,
    userid,
)
from snippet2wasm.lower.directives.context import Lowering as Lowering
from snippet2wasm.lower.directives.context import Step
from snippet2wasm.lower.levels import Level, server_of, span_of
from snippet2wasm.source import Span

STEPS: tuple[Step, ...] = (
    *headersmore.INPUT,
    *limits.STEPS,
    *access.STEPS,
    *authbasic.STEPS,
    *requests.STEPS,
    *authrequest.STEPS,
    *answers.STEPS,
    *errors.STEPS,
    *captures.STEPS,
    *proxypass.STEPS,
    *upstream.STEPS,
    *fromupstream.STEPS,
    *headersmore.RESPONSE,
    *headers.STEPS,
    *userid.STEPS,
    *methods.STEPS,  # behind the settings, which the methods of the block have, too
    *bodies.STEPS,  # sub_filter looks at the headers that all others have made
    *charset.STEPS,
)
"""What directives do, in nginx's order within each phase."""

DECLARE: tuple[Callable[[Lowering, Level], None], ...] = (
    secrets.declare,
    rewrite.declare,
    maps.declare,
    geo.declare,
    limits.declare,
    referer.declare,
    securelink.declare,
    servername.declare,
    authrequest.declare,
)
"""What reads declarations at any level, before anything is lowered."""

ASKED_FOR = fromupstream.ASKED_FOR | charset.ASKED_FOR | userid.ASKED_FOR
ASKED_FOR |= referer.NAMES | securelink.NAMES | {"internal"}
"""The names of directives that act through others."""

_DECLARED = ("map", "geo", "split_clients", "limit_req_zone", "limit_conn_zone", *setmisc.SETTINGS)

LOWERED = frozenset(name for step in STEPS for name in step.names) | rewrite.NAMES | ASKED_FOR | {*_DECLARED}
"""The names of the directives that are lowered here."""

LuaHandler = Callable[[Phase, Directive, bool], Function]
"""Makes a function of a `*_by_lua` directive; whether it reads the request's body first."""


@dataclass(frozen=True)
class Lowered:
    """What came out: the handlers of a unit and its levels; no level where there is only one."""

    handlers: list[Handler]
    levels: list[UnitLevel]


def number(servers: Sequence[Level]) -> list[Level]:
    """The levels that requests can be at, numbered: those of a server behind it.

    An `if` is one where it, or another of its location, has directives that the location does not run
    itself.
    """
    found: list[Level] = []
    for server in servers:
        found.append(server)
        for level in server.walk():
            if level.kind in ("location", "limit_except") and level is not server:
                found.append(level)
            if level.kind == "if" and _in_location(level) and any(map(_settles, level.own)):
                found.append(level)
    for index, level in enumerate(found):
        level.number = index
    return found


def _in_location(level: Level) -> bool:
    return level.outer is not None and level.outer.kind == "location"


def _settles(directive: Directive) -> bool:
    """Whether a directive in an `if` acts later than where it stands."""
    return directive.name not in rewrite.NAMES


def declare(x: Lowering, servers: Sequence[Level]) -> None:
    """Takes in what servers declare: their variables, and their levels, which some variables depend on."""
    for each in DECLARE:
        each(x, servers[0].chain()[0])
    x.levels = number(servers)
    x.subrequests = [level for server in servers for level in authrequest.targets(server)]


def declare_flat(x: Lowering, text: Sequence[Level]) -> None:
    """Takes in what a text says whose handlers need no levels: the name of its one server, if it has one."""
    x.levels = [*text]
    for each in text:
        servername.declare(x, each.chain()[0])


def lower(
    x: Lowering, servers: Sequence[Level], lua: LuaHandler, whole: Span, first: Function | None = None
) -> Lowered:
    """Lowers what servers hold, or a text that stands in a location.

    Args:
        x: what makes the IR; it knows what they declare.
        servers: the outermost levels that requests can be at; a text that stands in a location is one.
        lua: makes functions of Lua code.
        whole: the span of the text.
        first: what runs before the directives.
    """
    x.program.changes_request = any(_changes_request(level) for server in servers for level in server.walk())
    levels = x.levels
    listening = listeners.of(x, servers) if len(servers) > 1 else {}
    handlers: list[Handler] = []
    for phase in Phase:
        made: dict[tuple[Directive | Level, ...], Handler] = {}
        for level in levels:
            directives, body = _handler(x, phase, level, lua, whole)
            if body is None:
                continue
            # Lua is the same in each server; the target of error_page, for one, is a location of the server.
            key: tuple[Directive | Level, ...] = (
                directives if phase in LUA_PHASES else (server_of(level), *directives)
            )
            known = made.get(key)
            numbers = (level.number,) if known is None else (*known.levels, level.number)
            made[key] = Handler(phase, body() if known is None else known.body, numbers)
        handlers += [each for each in made.values() if phase in LUA_PHASES or each.body.body.statements]
    if first is not None:
        handlers = _behind(first, handlers, servers)
    if len(levels) == 1:
        return Lowered([Handler(each.phase, each.body) for each in handlers], [])
    shown = [
        UnitLevel(
            listening[level].shown if level in listening else level.text,
            span_of(level, whole),
            level.match,
            errors.is_internal(level),
            _within(level),
            level.name,
            listening.get(level),
        )
        for level in levels
    ]
    return Lowered(handlers, shown)


def _within(level: Level) -> int:
    """The number of the location or server in which a location stands; 0 for all else."""
    outer = level.outer
    inside = level.kind == "location" and outer is not None and outer.kind in ("location", "server")
    return outer.number if inside and outer is not None and outer.number > 0 else 0


def _changes_request(level: Level) -> bool:
    """Whether something at a level may change the headers of the request."""
    return any(
        each.name.endswith(("_input_headers", "_by_lua_file"))
        or (each.lua is not None and _CHANGES.search(each.lua.data) is not None)
        for each in level.own
    )


_CHANGES = re.compile(rb"set_header|clear_header|\brequire\b|\bexec\b")
"""What of Lua may do it."""


def _behind(first: Function, handlers: list[Handler], servers: Sequence[Level]) -> list[Handler]:
    """The handlers, with statements in front of the first that a request meets."""
    without = {server.number for server in servers}
    for handler in handlers:
        if handler.phase is Phase.SERVER_REWRITE:
            handler.body.body.statements[:0] = first.body.statements
            without -= {*handler.levels}
    return [Handler(Phase.SERVER_REWRITE, first, tuple(sorted(without))), *handlers] if without else handlers


def _handler(
    x: Lowering, phase: Phase, level: Level, lua: LuaHandler, whole: Span
) -> tuple[tuple[Directive, ...], Callable[[], Function] | None]:
    """What a level does in a phase: the directives that say so, and what makes their function."""
    if phase is Phase.PROXY and level in x.subrequests and not x.captures:
        return (), None  # auth_request does it
    if phase in LUA_PHASES:
        return _lua(phase, level, lua)
    if phase in (Phase.SERVER_REWRITE, Phase.SET):
        return _rewrites(x, phase, level, whole)
    directives, statements = _steps(x, phase, level)
    if phase is Phase.PASS and captures.elsewhere(x, level):
        return (), lambda: _function(phase, level, captures.refusal(x, span_of(level, whole)), whole)
    if not directives:
        return (), None
    return directives, lambda: _function(phase, level, _without_last_test(statements()), whole)


def _steps(x: Lowering, phase: Phase, level: Level) -> tuple[tuple[Directive, ...], Callable[[], list[Stmt]]]:
    """The directives that count at a level in a phase, and what makes statements of them."""
    steps = [(step, level.effective(step.names, step.merge)) for step in STEPS if step.phase is phase]
    if phase is Phase.SET and not level.of_ingress:  # what the server has said of answers counts already
        steps = [each for each in steps if each[0] not in answers.STEPS or _inside(level, each[1])]

    def statements() -> list[Stmt]:
        return [statement for step, found in steps if found for statement in step.lower(x, level, found)]

    return tuple(each for _, found in steps for each in found), statements


def _inside(level: Level, directives: list[Directive]) -> bool:
    """Whether one of some directives stands inside of the server that a level is in."""
    around = server_of(level).chain() if server_of(level) is not level else []
    outer = [each for other in around for each in other.own]
    return any(each not in outer for each in directives)


def _lua(
    phase: Phase, level: Level, lua: LuaHandler
) -> tuple[tuple[Directive, ...], Callable[[], Function] | None]:
    """The Lua handler of a phase that a level has."""
    names = {f"{phase.value}_by_lua{form}" for form in ("", "_block", "_file")}
    own = [each for outer in level.chain() for each in outer.own if each.name in names]
    if not own:
        return (), None
    needs = [each for outer in level.chain() for each in outer.own if each.name == "lua_need_request_body"]
    reads = bool(needs) and [argument.value.lower() for argument in needs[-1].args] == ["on"]
    key = (own[-1], *needs[-1:]) if reads else (own[-1],)
    return key, lambda: lua(phase, own[-1], reads and phase.reads_body)


def _rewrites(
    x: Lowering, phase: Phase, level: Level, whole: Span
) -> tuple[tuple[Directive, ...], Callable[[], Function] | None]:
    """What a server, or a location, does in nginx's rewrite phases: first of all, what its settings are."""
    of_server = level.kind in ("http", "server")
    if of_server != (phase is Phase.SERVER_REWRITE) or level.kind in ("if", "limit_except"):
        return (), None
    settings, first = _steps(x, phase, level)
    directives = (*settings, *(each for each in level.own if each.name in rewrite.NAMES))
    if not directives:
        return (), None
    if (level.answers or level.of_ingress) and level.directive is not None:
        directives = (*directives, level.directive)  # what it inherits may act here alone

    def body() -> Function:
        x.program.in_server = of_server
        statements = [*first(), *rewrite.lower(x, level)]
        x.program.in_server = False
        return _function(phase, level, statements, whole)

    return directives, body


def _function(phase: Phase, level: Level, statements: list[Stmt], whole: Span) -> Function:
    body = Block(statements)
    what = _WORDS.get(phase, "what the directives do")
    return Function(f"{what} of {level.text}", span_of(level, whole), "", [], body, vararg=True)


_WORDS = {
    Phase.SERVER_REWRITE: "the rewrite directives",
    Phase.SET: "the rewrite directives",
    Phase.INPUT: "the changes to the request",
    Phase.PREACCESS: "the limits",
    Phase.RULES: "the access rules",
    Phase.PRECONTENT: "the files",
    Phase.PASS: "the service for a subrequest",
    Phase.ERROR: "the error pages",
    Phase.PROXY: "the request to the upstream",
    Phase.UPSTREAM: "the upstream's response",
    Phase.HEADERS: "the response's headers",
    Phase.BODY: "the response's body",
}
"""What the functions of the phases are about, for comments."""


def _without_last_test(statements: list[Stmt]) -> list[Stmt]:
    """Statements of which the last does not ask whether more of them run."""
    match statements:
        case [
            *before,
            If(
                arms=[
                    (Unary(operator="not", operand=Action() as call), Block(statements=[Return(values=[])]))
                ]
            ),
        ]:
            return [*before, Evaluate(call.span, call)]
    return statements
