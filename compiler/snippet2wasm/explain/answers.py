"""What the ends come to where the snippet writes an answer of its own.

Once something is written (`ngx.say`), status and headers are settled and no upstream is asked:
`ngx.exit(401)`, and reaching the handler's end, then just send the answer. So ends are told only when it is
known what can come before them.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

from snippet2wasm.explain.model import Branch, EndKind, Part, Reply, Step, StepKind
from snippet2wasm.explain.statuses import empty_answer
from snippet2wasm.explain.words import NOTHING, Words, say
from snippet2wasm.ir.nodes import Phase

_UNKNOWN = say("?")
_ASIDE = frozenset((Phase.PASS.value, Phase.ERROR.value, Phase.PROXY.value))
"""Phases that what is written in others does not pass through."""


@dataclass(frozen=True)
class _State:
    """What may be so at one point.

    Attributes:
        begun: whether the answer has begun: both, if that depends.
        statuses: what `ngx.status` may have been set to; `NOTHING` for not at all.
    """

    begun: frozenset[bool]
    statuses: frozenset[Words]

    def join(self, other: _State) -> _State:
        return _State(self.begun | other.begun, self.statuses | other.statuses)


_FRESH = _State(frozenset((False,)), frozenset((NOTHING,)))
_NEVER = _State(frozenset(), frozenset())


def settle(
    handlers: tuple[Part, ...], functions: tuple[Part, ...]
) -> tuple[tuple[Part, ...], tuple[Part, ...]]:
    """The parts with ends that tell of the answer."""
    parts = (*handlers, *functions)
    if not writes(parts):
        return handlers, functions
    walk = _Walk(_replying(functions))
    while True:
        before = dict(walk.entries)
        settled = tuple(walk.handlers(handlers))
        told = tuple(
            replace(part, steps=walk.steps(part.steps, walk.entries.get(part.key, _FRESH))[0])
            for part in functions
        )
        if walk.entries == before:
            return settled, told


def writes(parts: tuple[Part, ...]) -> bool:
    """Whether the snippet says anything of an answer of its own."""
    return any(_replies(part.steps) for part in parts)


def _replies(steps: tuple[Step, ...]) -> bool:
    return any(
        step.reply is not Reply.NOTHING or any(_replies(branch.inner()) for branch in step.branches)
        for step in steps
    )


def _replying(functions: tuple[Part, ...]) -> frozenset[str]:
    """The functions that write into the answer, themselves or by a call."""
    found = frozenset(part.key for part in functions if _replies(part.steps))
    while True:
        more = found | frozenset(part.key for part in functions if _calls(part.steps, found))
        if more == found:
            return found
        found = more


def _calls(steps: tuple[Step, ...], keys: frozenset[str]) -> bool:
    return any(
        bool(keys & frozenset(step.functions))
        or any(_calls(branch.inner(), keys) for branch in step.branches)
        for step in steps
    )


class _Walk:
    """Follows the answer through steps.

    Attributes:
        passed: what may be so where a handler lets the request pass.
        entries: what may be so where functions begin, by key.
    """

    def __init__(self, replying: frozenset[str]) -> None:
        self.replying = replying
        self.passed = _NEVER
        self.entries: dict[str, _State] = {}

    def handlers(self, handlers: tuple[Part, ...]) -> Iterator[Part]:
        """The handlers, one after the other; where another way leads to one, nothing is written yet."""
        state = _FRESH
        for part in handlers:
            self.passed = _NEVER
            steps, after = self.steps(part.steps, _FRESH if part.apart else state)
            yield replace(part, steps=steps)
            if part.phase not in _ASIDE:
                state = after.join(self.passed)

    def steps(self, steps: tuple[Step, ...], state: _State) -> tuple[tuple[Step, ...], _State]:
        """The steps, their ends settled, and what may be so behind them."""
        found = []
        for step in steps:
            step, state = self._step(step, state)
            found.append(step)
        return tuple(found), state

    def _step(self, step: Step, state: _State) -> tuple[Step, _State]:
        if step.kind is StepKind.END:
            if step.ending is EndKind.PASS:
                self.passed = self.passed.join(state)
            return _settled(step, state), _NEVER
        if step.reply is Reply.BEGINS:
            return step, _State(frozenset((True,)), state.statuses)
        if step.reply is Reply.STATUS:
            statuses = frozenset((step.sets,)) if state.begun == {False} else state.statuses | {step.sets}
            return step, _State(state.begun, statuses)
        for key in step.functions:
            self.entries[key] = self.entries.get(key, _NEVER).join(state)
        if step.ending is EndKind.CALL:
            return step, _NEVER
        if self.replying & frozenset(step.functions):
            state = state.join(_State(frozenset((False, True)), frozenset((_UNKNOWN,))))
        if not step.branches:
            return step, state
        if step.kind is StepKind.LOOP:
            _, after = self._branches(step, state)
            state = state.join(after)  # what a round leaves behind is there in the next one
        return self._branches(step, state)

    def _branches(self, step: Step, state: _State) -> tuple[Step, _State]:
        after = _NEVER
        branches: list[Branch] = []
        for branch in step.branches:
            before, state = self.steps(branch.before, state)
            steps, behind = self.steps(branch.steps, state)
            branches.append(replace(branch, steps=steps, before=before))
            after = after.join(behind)
        if step.kind is not StepKind.BLOCK and step.branches[-1].condition is not None:
            after = after.join(state)
        if step.kind is StepKind.LOOP:
            after = after.join(state)
        return replace(step, branches=tuple(branches)), after


def _settled(step: Step, state: _State) -> Step:
    """An end, with what is known of the answer."""
    if True not in state.begun:
        return _unwritten(step, state)
    if step.ending in (EndKind.DROP, EndKind.ERROR) or not state.begun:
        return step
    status = next(iter(state.statuses)) if len(state.statuses) == 1 else _UNKNOWN
    with_status = (
        say() if status == _UNKNOWN else say(", with the status ", status if status.parts else "200")
    )
    text = say("sends the answer", with_status)
    if False in state.begun:
        return replace(
            step,
            text=say("sends the answer if it has begun one; otherwise ", step.text),
            ending=EndKind.OPEN,
            status=None,
        )
    return replace(step, text=text, ending=EndKind.ANSWER, status=_number(status))


def _unwritten(step: Step, state: _State) -> Step:
    """An end before anything is written: `ngx.exit(200)` sends the status that was set."""
    if (
        step.status is None
        or not 200 <= step.status < 300
        or step.status == 204
        or state.statuses == {NOTHING}
    ):
        return step
    if len(state.statuses) > 1 or state.statuses == {_UNKNOWN}:
        text = say("answers with the status that was set last, and an empty body")
        return replace(step, text=text, status=None)
    [status] = state.statuses
    return replace(step, text=empty_answer(status), status=_number(status))


def _number(status: Words) -> int | None:
    if not status.parts:
        return 200
    text = status.bare()
    return int(text) if text.isdecimal() else None
