"""From the IR to steps: what each statement does, in words, in the order in which it happens.

What a statement calls is a step of its own, before the statement itself; what merely computes is told only
where its value is given a name.
"""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from snippet2wasm import catalogue
from snippet2wasm.catalogue.phrases import choose
from snippet2wasm.explain import scope
from snippet2wasm.explain.ends import ends_always
from snippet2wasm.explain.errors import index_errors, loop_errors, loop_operand, own_errors
from snippet2wasm.explain.model import Branch, EndKind, LuaError, Place, Reply, Step, StepKind
from snippet2wasm.explain.statuses import exit_code
from snippet2wasm.explain.values import Speaker, command, is_redis_command, phrase
from snippet2wasm.explain.words import Words, code, join, say
from snippet2wasm.ir.nodes import (
    Action,
    Apply,
    ApplyValue,
    Assign,
    Block,
    Break,
    Call,
    Closure,
    Constant,
    Continue,
    Define,
    DefineFunction,
    Do,
    Evaluate,
    Expr,
    Function,
    GenericFor,
    Goto,
    HookCall,
    If,
    Invoke,
    Label,
    Local,
    Logical,
    NumericFor,
    Phase,
    Repeat,
    Return,
    Stmt,
    Store,
    Vararg,
    Variable,
    While,
)
from snippet2wasm.ir.types import FUNCTION
from snippet2wasm.source import Span

_LEVELS = {
    0: "on standard error",
    1: "an emergency",
    2: "an alert",
    3: "a critical error",
    4: "an error",
    5: "a warning",
    6: "a notice",
    7: "a line of information",
    8: "a debug line",
}

_LIMITS = {"nginx.limit_req": 6, "nginx.limit_req_delay": 6, "nginx.limit_conn": 5}
"""Operands that a zone has in a call."""

_LEFT = {Phase.PREACCESS: "answers with the status of the limit", Phase.ERROR: "answers with that"}
"""How directives of these phases end the request."""

_TOO_DEEP = say("if it calls itself too often")
_CATCHING = frozenset(("pcall", "xpcall", "coroutine.create", "coroutine.resume"))
"""Library functions behind which an error of the function that they run does not end the request."""


@dataclass(frozen=True)
class Known:
    """What is known of the unit.

    Attributes:
        speaker: says what values are.
        place: the place of a span.
        keys: the key of the part that tells of a function.
        addresses: the constant address that each Redis client is connected to.
        pipelines: whether the unit collects Redis commands.
    """

    speaker: Speaker
    place: Callable[[Span], Place]
    keys: dict[Function, str]
    addresses: dict[Variable, str]
    pipelines: bool


class Teller:
    """Tells what a handler or a function does.

    Args:
        known: what is known of the unit.
        phase: of the handler; None for functions.
        passes: what happens when a handler lets the request pass.
        callees: tells of the functions that are called; None if this one does.
    """

    def __init__(
        self, known: Known, phase: Phase | None, passes: Words, callees: Teller | None = None
    ) -> None:
        self.known = known
        self.speaker = known.speaker
        self.place = known.place
        self.phase = phase
        self.passes = passes
        self.callees = callees or self
        self.unnamed = tuple(key for function, key in known.keys.items() if function.value)
        self._final: dict[Function, bool] = {}
        self._pending: list[LuaError] = []

    def _take(self) -> tuple[LuaError, ...]:
        """The errors of what was computed since the last step; that step is where they are told."""
        found = tuple(self._pending)
        self._pending.clear()
        return found

    def function(self, function: Function) -> tuple[Step, ...]:
        """The steps of a whole body."""
        self.speaker.function = function
        steps = self.block(function.body)
        if self.phase is not None and not (function.body.ends or ends_always(steps)):
            span = function.span
            end = span.source.span(span.end - 1 if span.end > span.start else span.start, span.end)
            steps.append(self._pass(self.place(end)))
        return tuple(steps)

    def never_returns(self, function: Function) -> bool:
        """Whether a function of the snippet always ends the request."""
        if function not in self._final:
            self._final[function] = False  # while it is being found out, for functions that call themselves
            pending, self._pending = self._pending, []
            steps = self.block(function.body)
            self._pending = pending
            self._final[function] = ends_always(steps) and not comes_back(steps)
        return self._final[function]

    def block(self, block: Block) -> list[Step]:
        """The steps of a block, up to where it certainly ends."""
        found: list[Step] = []
        for statement in block.statements:
            steps = self.statement(statement)
            found += steps
            if ends_always(steps):
                break
        return found

    def statement(self, statement: Stmt) -> list[Step]:
        """The steps of a statement."""
        match statement:
            case Define(variables=variables, values=values):
                return self._named(statement, variables, values, declares=True)
            case Assign(variables=variables, values=values):
                return self._named(statement, variables, values, declares=False)
            case Evaluate(call=call):
                return self._evaluate(call)
            case If():
                return self._if(statement)
            case Do(body=body):
                return self.block(body)
            case Return(values=values):
                return self._return(statement, values)
            case While(condition=condition, body=body):
                endless = (
                    isinstance(condition, Constant)
                    and condition.value is not None
                    and condition.value is not False
                )
                text = say("repeats while ", self.speaker.condition(condition))
                text = say("repeats until it is left") if endless else text
                return self._loop(statement, text, body, before=self.effects(condition))
            case Repeat(condition=condition, body=body):
                text = say("repeats until ", self.speaker.condition(condition))
                return self._loop(statement, text, body, behind=condition)
            case NumericFor() | GenericFor():
                return self._for(statement)
            case Store(object=object_, key=key, value=value):
                return self._store(statement, object_, key, value)
            case Break():
                return [Step(StepKind.LEAVE, say("leaves the loop"), self.place(statement.span))]
            case DefineFunction():
                return []
            case _:
                return self._jump(statement) or self._other(statement)

    # Statements

    def _named(
        self, statement: Stmt, variables: list[Variable], values: list[Expr], declares: bool
    ) -> list[Step]:
        found: list[Step] = []
        count = len(values)
        for index, value in enumerate(values):
            targets = variables[index:] if index == count - 1 else variables[index : index + 1]
            steps = self.effects(value)
            own = bool(steps) and self._told(value)
            if own and targets and steps[-1].kind is not StepKind.END:
                steps[-1] = replace(steps[-1], text=steps[-1].text + self._result(value, targets))
            elif not own and targets and not ends_always(steps):
                quiet = not self._pending and self._is_quiet(value, targets[0], declares)
                if not quiet:
                    text = say("sets ", code(targets[0].name), " to ", self.speaker.value(value))
                    steps.append(Step(StepKind.DO, text, self.place(statement.span), errors=self._take()))
            found += steps
        return found

    def _evaluate(self, call: Call) -> list[Step]:
        found = self.effects(call, wanted=False)
        if errors := self._take():
            text = say("works out ", self.speaker.value(call))
            found.append(Step(StepKind.DO, text, self.place(call.span), errors=errors))
        return found

    def _is_quiet(self, value: Expr, variable: Variable, declares: bool) -> bool:
        """Whether giving a value to a variable needs no words: the variable is told as what it is."""
        if not declares or self.speaker.definitions.get(variable) is None:
            return False
        if self.speaker.read_by(variable) is not None or isinstance(value, Closure):
            return True
        return isinstance(value, Action) and value.entry.name == "resty.redis:new"

    def _result(self, value: Expr, targets: list[Variable]) -> Words:
        """What becomes of the results of a call."""
        names = [variable for variable in targets if variable.name != "_"]
        if not names:
            return say()
        call = value if isinstance(value, Action) else None
        if call is not None and call.entry.exclusive and targets[0] in names:
            text = say("; the answer is ", code(targets[0].name))
            return text + say(", an error ", code(targets[1].name)) if len(targets) > 1 else text
        word = "; the result is " if len(names) == 1 else "; the results are "
        return say(word, join((say(code(item.name)) for item in names), last=" and "))

    def _if(self, statement: If) -> list[Step]:
        found = self.effects(statement.arms[0][0])
        if ends_always(found):
            return found
        errors: tuple[LuaError, ...] = self._take()
        branches: list[Branch] = []
        for index, (condition, body) in enumerate(statement.arms):
            before = self.effects(condition) if index else []
            errors += self._take()
            if ends_always(before):
                branches.append(self._otherwise(condition.span, before))
                break
            branches.append(
                Branch(
                    self.speaker.condition(condition),
                    self.speaker.condition(condition, holds=False),
                    self.place(condition.span),
                    tuple(self.block(body)),
                    tuple(before),
                )
            )
        else:
            if statement.otherwise is not None:
                branches.append(self._otherwise(statement.span, self.block(statement.otherwise)))
        return [*found, Step(StepKind.DECIDE, say(), branches[0].place, tuple(branches), errors=errors)]

    def _otherwise(self, span: Span, steps: list[Step]) -> Branch:
        return Branch(None, say(), self.place(span), tuple(steps))

    def _return(self, statement: Return, values: list[Expr]) -> list[Step]:
        found: list[Step] = []
        for value in values:
            found += self.effects(value)
        if ends_always(found):
            return found
        place, errors = self.place(statement.span), self._take()
        if self.phase is not None:
            if self.phase in _LEFT:
                return [*found, Step(StepKind.END, say(_LEFT[self.phase]), place, ending=EndKind.OPEN)]
            return [*found, replace(self._pass(place), errors=errors)]
        if not values or all(isinstance(value, Constant) and value.value is None for value in values):
            return [*found, Step(StepKind.RETURN, say("gives back nothing"), place)]
        told = join(map(self.speaker.value, values), last=" and ")
        return [*found, Step(StepKind.RETURN, say("gives back ", told), place, errors=errors)]

    def _pass(self, place: Place) -> Step:
        return Step(StepKind.END, self.passes, place, ending=EndKind.PASS)

    def _loop(
        self,
        statement: Stmt,
        text: Words,
        body: Block,
        before: Iterable[Step] = (),
        behind: Expr | None = None,
    ) -> list[Step]:
        """A loop; what its condition does is done in every round."""
        place, errors = self.place(statement.span), self._take()
        steps = [*before, *self.block(body)]
        if behind is not None and not ends_always(steps):
            steps += self.effects(behind)
            errors += self._take()
        branch = Branch(None, say(), place, tuple(steps))
        return [Step(StepKind.LOOP, text, place, (branch,), errors=errors)]

    def _for(self, statement: NumericFor | GenericFor) -> list[Step]:
        found: list[Step] = []
        for expr in scope.expressions(statement):
            found += self.effects(expr)
        if ends_always(found):
            return found
        self._pending += loop_errors(statement, self.speaker, self.place(statement.span))
        return [*found, *self._loop(statement, say("for each ", self._rounds(statement)), statement.body)]

    def _rounds(self, statement: NumericFor | GenericFor) -> Words:
        """What a `for` loop goes over."""
        value = self.speaker.value
        if isinstance(statement, NumericFor):
            steps = say() if statement.step is None else say(" in steps of ", value(statement.step))
            limits = say(" from ", value(statement.start), " to ", value(statement.stop))
            return say("number ", code(statement.variable.name), limits, steps)
        names = join(say(code(variable.name)) for variable in statement.variables)
        whole = join(map(value, statement.values))
        if statement.over:
            whole = value(loop_operand(statement))
            return say("item " if statement.over == "ipairs" else "entry ", names, " of ", whole)
        return say(names, " that comes from ", whole)

    def _store(self, statement: Stmt, object_: Expr, key: Expr, value: Expr) -> list[Step]:
        found = [step for expr in (object_, key, value) for step in self.effects(expr)]
        if ends_always(found):
            return found
        place = self.place(statement.span)
        self._pending += index_errors(object_, self.speaker, place)
        what = "the field " if isinstance(key, Constant) and isinstance(key.value, bytes) else "the item "
        target = say("sets ", what, self.speaker.inner(key), " of ", self.speaker.value(object_))
        text = say(target, " to ", self.speaker.value(value))
        return [*found, Step(StepKind.DO, text, place, errors=self._take())]

    def _jump(self, statement: Stmt) -> list[Step]:
        """`goto` and where it goes; nothing for other statements."""
        match statement:
            case Continue():
                text = say("goes on with the next round of the loop")
            case Goto(label=label):
                text = say("goes on at ", code(label.name), f" in line {self.place(label.span).line}")
            case Label(name=name):
                text = say("here is ", code(name))
            case _:
                return []
        return [Step(StepKind.DO, text, self.place(statement.span))]

    def _other(self, statement: Stmt) -> list[Step]:
        """A statement of a kind that there are no words for: its expressions' effects, then its blocks."""
        found: list[Step] = []
        for expr in scope.expressions(statement):
            found += self.effects(expr)
        if ends_always(found):
            return found
        place, errors = self.place(statement.span), self._take()
        branches = tuple(
            Branch(None, say(), place, tuple(self.block(block))) for block in scope.blocks(statement)
        )
        name = type(statement).__name__
        told = join(map(self.speaker.value, scope.expressions(statement)))
        text = say("does a Lua ", code(name.lower()), _after(" with ", told))
        kind = StepKind.BLOCK if branches else StepKind.DO
        return [*found, Step(kind, text, place, branches, errors=errors)]

    # Expressions

    def effects(self, expr: Expr, wanted: bool = True) -> list[Step]:
        """What happens while an expression is evaluated; `wanted` says whether somebody takes its value."""
        match expr:
            case Logical():
                return self._short_circuit(expr)
            case Invoke(action=Action() as action):
                return self.effects(action, wanted)
            case _:
                return self._evaluated(expr, wanted)

    def _evaluated(self, expr: Expr, wanted: bool) -> list[Step]:
        found: list[Step] = []
        for operand in scope.parts(expr):
            if isinstance(operand, Expr):
                found += self.effects(operand)
                if ends_always(found):
                    return found
        self._pending += own_errors(expr, self.speaker, self.place(expr.span))
        if isinstance(expr, Call) and self._told(expr):
            step = self._call(expr, wanted)
            found.append(replace(step, errors=(*self._take(), *step.errors)))
        return found

    def _short_circuit(self, expr: Logical) -> list[Step]:
        found = self.effects(expr.left)
        if ends_always(found):
            return found
        right = self.effects(expr.right)
        if not right:
            return found
        taken = expr.operator == "and"
        branch = Branch(
            self.speaker.condition(expr.left, taken),
            self.speaker.condition(expr.left, not taken),
            self.place(expr.left.span),
            tuple(right),
        )
        return [*found, Step(StepKind.DECIDE, say(), branch.place, (branch,))]

    def _told(self, expr: Expr) -> bool:
        """Whether an expression is a call that does something, apart from computing its value."""
        match expr:
            case Action(entry=entry, receiver=receiver):
                words = phrase(expr)
                acts = entry.suspends or entry.effect or receiver is not None
                return (
                    entry.ends
                    or entry.name in _LIMITS
                    or bool(words.does)
                    or (acts and not words.value and not words.holds)
                )
            case Invoke(action=Action() as action):
                return self._told(action)
            case Vararg():
                return False
            case Call():
                return True
            case _:
                return False

    def _call(self, expr: Call, wanted: bool) -> Step:
        place = self.place(expr.span)
        match expr:
            case Action(guarded=True, entry=entry) if self.phase is not None:
                return self._not_allowed(expr, self.phase, place)
            case Action(entry=entry) if entry.name == "ngx.exit":
                return self._exit(expr, place)
            case Action(entry=entry):
                text = self.effect(expr)
                if entry.ends:
                    return self._ended(expr, text, place)
                callees = self._callees(expr)
                if callees or entry.name in _CATCHING:
                    return Step(
                        StepKind.CALL, text, place, functions=callees, catches=entry.name in _CATCHING
                    )
                reply = Reply(phrase(expr).reply)
                sets = self.speaker.passed(expr.args[-1]) if reply is Reply.STATUS else say()
                note = self._note(expr, wanted)
                return Step(StepKind.DO, text, place, note=note, reply=reply, sets=sets)
            case Apply(function=function, args=args):
                text = say("calls ", code(self.known.keys[function]), self._with(args))
                ending = EndKind.CALL if self.callees.never_returns(function) else None
                callees = (self.known.keys[function],)
                here = self.speaker.function
                deep = function.recursive and here is not None and here.recursive
                errors = (LuaError(("stack overflow",), _TOO_DEEP, place),) if deep else ()
                return Step(StepKind.CALL, text, place, functions=callees, ending=ending, errors=errors)
            case ApplyValue(callee=callee, args=args):
                text = say("calls ", self.speaker.value(callee), self._with(args))
                return Step(StepKind.CALL, text, place, functions=self.unnamed)
            case HookCall(hook=hook, args=args):
                text = say("calls the Go hook ", code(hook.lua_name), self._with(args))
                return Step(StepKind.DO, text, place)
            case _:
                return Step(StepKind.DO, say("calls ", self.speaker.value(expr)), place)

    def _ended(self, expr: Action, text: Words, place: Place) -> Step:
        """An action that ends the handler."""
        if expr.entry.name == "error":
            message = self.speaker.shape(expr.args[0]) if expr.args else "nil"
            error = LuaError((code(message).text,), say(), place)
            return Step(StepKind.END, text, place, ending=EndKind.ERROR, status=500, errors=(error,))
        if expr.entry.name != "ngx.redirect":
            return Step(StepKind.END, text, place, ending=EndKind.OPEN)
        code_ = expr.args[1] if len(expr.args) > 1 else None
        known = isinstance(code_, Constant) and isinstance(code_.value, float)
        status = 302 if code_ is None else int(code_.value) if known else None  # type: ignore[attr-defined]
        return Step(StepKind.END, text, place, ending=EndKind.ANSWER, status=status)

    def _callees(self, expr: Action) -> tuple[str, ...]:
        """The functions of the snippet that a library function may call."""
        functions = [arg.function for arg in with_later(expr).args if isinstance(arg, Closure)]
        if expr.entry.name in _CATCHING and not functions:
            return self.unnamed
        return tuple(self.known.keys[function] for function in functions)

    def _with(self, args: Iterable[Expr]) -> Words:
        told = [self.speaker.value(arg) for arg in args]
        return say(" with ", join(told, last=" and ")) if told else say()

    def effect(self, expr: Action) -> Words:
        """What an action of the catalogue does."""
        if expr.entry.name == "ngx.log":
            return self._log(expr)
        if expr.entry.name == "assert" and expr.args:
            return say("makes sure that ", self.speaker.condition(expr.args[0]))
        if expr.entry.name in _LIMITS:
            return self._limits(expr, _LIMITS[expr.entry.name])
        expr = with_later(expr)
        words = phrase(expr)
        template = choose(words.does, len(expr.args), exact=is_redis_command(expr))
        if template is not None:
            text = self.speaker.fill(template, expr)
        elif is_redis_command(expr):
            told = join(self.speaker.operand(expr, index) for index in range(len(expr.args)))
            text = say(command(expr), _after(" ", told))
        else:
            text = say("calls ", code(expr.name), self._with(expr.args))
        if not expr.entry.name.startswith("redis:"):
            return text
        return self._redis(expr, text)

    def _limits(self, expr: Action, width: int) -> Words:
        """Limits of a directive: status, log level, dry run, and so many operands for each zone."""
        status, _level, dry, *zones = expr.args
        by = [
            say(
                "by ", self.speaker.value(zones[start + 3]), " in the zone ", self.speaker.value(zones[start])
            )
            for start in range(0, len(zones), width)
        ]
        only_logged = isinstance(dry, Constant) and dry.value is True
        over = say("is only logged") if only_logged else say("is answered with ", self.speaker.value(status))
        return say("counts the request ", join(by, last=" and "), "; what is too much ", over)

    def _redis(self, expr: Action, text: Words) -> Words:
        address = self.address(expr)
        if expr.entry.name == "redis:connect" and address:
            text = say("connects to Redis ", code(address))
        elif is_redis_command(expr):
            text = say("Redis ", *([code(address)] if address else []), ": " if address else "", text)
        return text

    def _note(self, expr: Action, wanted: bool) -> Words:
        """What is to be said of a result that nobody takes."""
        if wanted or not expr.entry.suspends or self.known.pipelines or expr.entry.name.startswith("nginx."):
            return say()
        if is_redis_command(expr):
            return say("its result is not looked at: without Redis the handler goes on all the same")
        return say("its result is not looked at")

    def address(self, expr: Action) -> str:
        """The address that an action's Redis client is connected to; "" if it is not known."""
        return (
            self.known.addresses.get(expr.receiver.variable, "") if isinstance(expr.receiver, Local) else ""
        )

    def _log(self, expr: Action) -> Words:
        level = expr.args[0]
        known = isinstance(level, Constant) and isinstance(level.value, float)
        name = _LEVELS.get(int(level.value), "") if known else ""  # type: ignore[attr-defined]
        what = f"logs {name}" if name else "logs"
        shape = "".join(map(self.speaker.shape, expr.args[1:]))
        return say(what, ": ", code(shape)) if shape else say(what, " without a text")

    def _not_allowed(self, expr: Action, phase: Phase, place: Place) -> Step:
        """What nginx does not allow in the handler's phase."""
        message = f"API disabled in the context of {phase.value}_by_lua*"
        text = say("raises the error ", code(message), ", since ", code(expr.name), " is not allowed here")
        status = None if phase.of_response else 500
        errors = (LuaError((message,), say(), place),)
        return Step(StepKind.END, text, place, ending=EndKind.ERROR, status=status, errors=errors)

    def _exit(self, expr: Action, place: Place) -> Step:
        argument = expr.args[0] if expr.args else None
        if not (isinstance(argument, Constant) and isinstance(argument.value, float)):
            told = self.speaker.passed(argument) if argument is not None else say("no code")
            text = say("ends the request with the status ", told)
            return Step(StepKind.END, text, place, ending=EndKind.OPEN)
        kind, status, text = exit_code(int(argument.value), self.phase is not Phase.REWRITE)
        if kind is EndKind.ERROR:
            message = "bad argument to 'ngx.exit': does not accept NGX_AGAIN or NGX_DONE"
            error = LuaError((message,), say(), place)
            text = say("raises the error ", code(message))
            return Step(StepKind.END, text, place, ending=kind, status=500, errors=(error,))
        text = text if text.parts else self.passes
        return Step(StepKind.END, text, place, ending=kind, status=status)


def comes_back(steps: Iterable[Step]) -> bool:
    """Whether there is a `return` among the steps."""
    return any(
        step.kind is StepKind.RETURN or any(comes_back(branch.inner()) for branch in step.branches)
        for step in steps
    )


def _after(lead: str, words: Words) -> Words:
    """The words behind a lead, if there are any."""
    return say(lead, words) if words.parts else words


def with_later(expr: Action) -> Action:
    """A timer with its function as an operand, as it is written."""
    if expr.later is None:
        return expr
    found = copy.copy(expr)
    function = Closure(expr.span, expr.later)
    function.type = FUNCTION
    found.entry = catalogue.load().entries[expr.entry.name]
    found.args = [expr.args[0], function, *expr.args[1:]]
    return found
