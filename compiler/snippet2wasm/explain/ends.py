"""Every way in which a request can leave: each end of the steps, with the conditions that lead there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from snippet2wasm.explain.model import Branch, Condition, End, EndKind, LuaError, Part, Step, StepKind
from snippet2wasm.explain.words import Words, join, say

Path = tuple[Condition, ...]

_SHOWN_BEFORE = 3
"""So many conditions of a chain that did not hold are named one by one."""


def exiting(parts: tuple[Part, ...]) -> frozenset[str]:
    """The keys of the functions that can end the request, themselves or by a call."""
    found: frozenset[str] = frozenset()
    while True:
        more = frozenset(part.key for part in parts if any(_exits(step, found) for step in part.steps))
        if more == found:
            return found
        found = more


def _exits(step: Step, known: frozenset[str]) -> bool:
    if step.kind is StepKind.END or known & frozenset(step.functions):
        return True
    return any(_exits(inner, known) for branch in step.branches for inner in branch.inner())


def ends_always(steps: Iterable[Step]) -> bool:
    """Whether control never gets past these steps."""
    return any(map(_ends_always, steps))


def _ends_always(step: Step) -> bool:
    if step.kind in (StepKind.END, StepKind.RETURN, StepKind.LEAVE) or step.ending is not None:
        return True
    if step.kind is StepKind.DECIDE:
        return step.branches[-1].condition is None and all(
            ends_always(branch.steps) for branch in step.branches
        )
    return False


def uncaught(handlers: tuple[Part, ...], functions: tuple[Part, ...]) -> frozenset[str]:
    """The keys of the functions whose Lua errors can get out of the handlers: no `pcall` is between them."""
    parts = {part.key: part for part in functions}
    found: set[str] = set()
    pending = [key for part in handlers for key in _callees(part.steps)]
    while pending:
        key = pending.pop()
        if key not in found:
            found.add(key)
            pending += _callees(parts[key].steps)
    return frozenset(found)


def _callees(steps: tuple[Step, ...]) -> Iterator[str]:
    """The functions that steps call without catching errors."""
    for step in steps:
        if not step.catches:
            yield from step.functions
            for branch in step.branches:
                yield from _callees(branch.inner())


def ends(part: Part, exiting_functions: frozenset[str]) -> list[End]:
    """The ends that stand in a handler or a function, in the order of the text.

    Args:
        part: the handler or the function.
        exiting_functions: keys of the functions that can end the request.
    """
    walk = _Walk(part, exiting_functions)
    return list(walk.steps(part.steps, ()))


def _after_error(phase: str) -> str:
    """What a Lua error leads to in a handler of this phase; in a function, of most."""
    return _AFTER_ERRORS.get(phase, "answers 500")


_AFTER_ERRORS = {
    "header_filter": "closes the connection without an answer",
    "body_filter": "cuts the body of the answer",
    "log": "is done with the request",
}


class _Walk:
    """Walks the steps of one part, keeping the conditions around them.

    Attributes:
        left: whether a request may have left by an end further up in the text.
        caught: whether errors are caught here.
    """

    def __init__(self, part: Part, exiting_functions: frozenset[str]) -> None:
        self.part = part
        self.exiting = exiting_functions
        self.left = False
        self.caught = part.caught

    def steps(self, steps: tuple[Step, ...], path: Path) -> Iterator[End]:
        """The ends among the steps; `path` is what holds around them."""
        for step in steps:
            if not self.caught:
                yield from (self._error(error, path) for error in _errors(step, path))
            end = self._own(step, path)
            if end is not None:
                yield end
                self.left = True
            yield from self._branches(step, path)

    def _own(self, step: Step, path: Path) -> End | None:
        """The end that a step is, if it is one."""
        if step.kind is StepKind.END and step.ending is not None:
            if step.ending is EndKind.ERROR:
                return self._raised(step, path)
            return self._end(step.ending, step.status, step.text, step, path)
        if step.kind is StepKind.RETURN:
            return self._end(EndKind.RETURN, None, step.text, step, path)
        if step.ending is EndKind.CALL:
            return self._end(EndKind.CALL, None, step.text + ", which ends the request", step, path)
        if self.exiting & frozenset(step.functions):
            return self._end(EndKind.CALL, None, step.text + ", which can end the request", step, path)
        return None

    def _end(self, kind: EndKind, status: int | None, text: Words, step: Step, path: Path) -> End:
        return End(kind, status, text, step.place, self.part.key, path, self.left)

    def _raised(self, step: Step, path: Path) -> End:
        """The end that a certain error is."""
        messages = step.errors[-1].messages
        if self.caught:
            text = step.text + ", which is caught where this is called"
            return End(EndKind.CAUGHT, None, text, step.place, self.part.key, path, self.left, messages)
        text = say(f"{_after_error(self.part.phase)}: ", step.text)
        return End(EndKind.ERROR, step.status, text, step.place, self.part.key, path, self.left, messages)

    def _error(self, error: LuaError, path: Path) -> End:
        text = say(f"{_after_error(self.part.phase)} for a Lua error")
        return End(
            EndKind.ERROR,
            None if self.part.phase in _AFTER_ERRORS else 500,
            text,
            error.place,
            self.part.key,
            path,
            self.left,
            error.messages,
            error.when,
        )

    def _branches(self, step: Step, path: Path) -> Iterator[End]:
        caught, self.caught = self.caught, self.caught or step.catches
        left = self.left
        may_have_left = left
        failed: list[Branch] = []
        for branch in step.branches:
            self.left = left
            inside = path + _before(failed)
            yield from self.steps(branch.before, inside)
            left = self.left
            if step.kind is StepKind.LOOP:
                inside += (Condition(say("the loop (", step.text, ") runs"), step.place),)
            if branch.condition is not None:
                inside += (Condition(branch.condition, branch.place),)
                if ends_always(branch.steps):
                    left = True  # "otherwise" says in the branches behind it that it was not taken
                else:
                    failed.append(branch)
            yield from self.steps(branch.steps, inside)
            may_have_left |= self.left
        self.left = may_have_left
        self.caught = caught


def _errors(step: Step, path: Path) -> list[LuaError]:
    """The errors that may happen in a step, apart from the one that a step which raises one is: those that no
    condition around rules out.
    """
    errors = step.errors[:-1] if step.ending is EndKind.ERROR else step.errors
    held = {condition.text for condition in path}
    return [error for error in errors if not error.unless.parts or error.unless not in held]


def _before(failed: list[Branch]) -> Path:
    """What holds in a branch because the branches before it were not taken."""
    if len(failed) <= _SHOWN_BEFORE:
        return tuple(Condition(branch.negation, branch.place) for branch in failed)
    return (Condition(say(f"none of the {len(failed)} conditions before it holds"), failed[0].place),)


def path_text(path: Path) -> Words:
    """A path in words."""
    return join((condition.text for condition in path), last=" and ")
