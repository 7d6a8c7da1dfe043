"""What an explanation is made of: the same for every output format, and for programs (see `jsonform`)."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum

from snippet2wasm.explain.words import NOTHING, Words


@dataclass(frozen=True, order=True)
class Place:
    """A line of a file that the user gave."""

    file: str
    line: int

    def __str__(self) -> str:
        return f"{self.file}:{self.line}"


class EndKind(Enum):
    """How a request leaves a handler."""

    ANSWER = "answer"
    """The client gets an answer, and the upstream never sees the request."""
    PASS = "pass"
    """The request goes on: to the next handler or to the upstream."""
    DROP = "drop"
    """The connection is closed without an answer."""
    ERROR = "error"
    """A Lua error: the client gets 500."""
    OPEN = "open"
    """Which of these it is, is found out when the request is there."""
    CALL = "call"
    """A function ends the request; its own ends are listed with it."""
    CAUGHT = "caught"
    """A Lua error that is caught where the function is called."""
    RETURN = "return"
    """A function gives back its results; the request goes on behind its call."""


class Reply(Enum):
    """What a step has to do with the answer that the snippet itself writes."""

    NOTHING = ""
    BEGINS = "begins"
    """It writes; from then on status and headers are settled, and no upstream is asked."""
    STATUS = "status"
    """It sets the status of the answer."""


class StepKind(Enum):
    """What a step is."""

    DO = "do"
    """Something is called, changed or logged."""
    CALL = "call"
    """A function of the snippet is called."""
    DECIDE = "decide"
    """One of the branches is taken, or none."""
    LOOP = "loop"
    """The one branch is repeated."""
    BLOCK = "block"
    """The one branch is run in some special way, which the text says."""
    RETURN = "return"
    """A function gives back its results."""
    LEAVE = "leave"
    """A loop is left, or control goes elsewhere inside a function."""
    END = "end"
    """The handler ends."""


@dataclass(frozen=True)
class LuaError:
    """An error that Lua may raise.

    Attributes:
        messages: nginx's texts, without position; several if the message depends on the value.
        when: for which values, as a clause (`if … is missing`); may be empty.
        unless: a condition under which it can't happen; may be empty.
        place: where.
    """

    messages: tuple[str, ...]
    when: Words
    place: Place
    unless: Words = NOTHING


@dataclass(frozen=True)
class Branch:
    """One way that a step can go on.

    Attributes:
        condition: when it is taken; None for "otherwise", and where there is no choice.
        negation: when it is not taken.
        place: of the condition.
        steps: what happens then.
        before: what is done to find out, unless a branch before this one is taken.
    """

    condition: Words | None
    negation: Words
    place: Place
    steps: tuple[Step, ...]
    before: tuple[Step, ...] = ()

    def inner(self) -> tuple[Step, ...]:
        """All steps inside."""
        return (*self.before, *self.steps)


@dataclass(frozen=True)
class Step:
    """One thing that the snippet does.

    Attributes:
        kind: what it is.
        text: a clause without a subject (`answers 400`); for decisions empty.
        reply: what it does to the snippet's own answer; the status that it sets is `sets`.
        note: a remark on it, for where there is room; may be empty.
        place: where it stands.
        branches: of decisions, loops and blocks.
        ending: of ends, and of calls that never come back.
        status: of an answer, if it is constant.
        functions: the functions of the snippet that it runs, by `Part.key`.
        errors: what Lua may raise in it.
        catches: errors inside of it don't end the request.
    """

    kind: StepKind
    text: Words
    place: Place
    branches: tuple[Branch, ...] = ()
    ending: EndKind | None = None
    status: int | None = None
    functions: tuple[str, ...] = ()
    errors: tuple[LuaError, ...] = ()
    catches: bool = False
    note: Words = NOTHING
    reply: Reply = Reply.NOTHING
    sets: Words = NOTHING


@dataclass(frozen=True)
class Part:
    """A handler or a function.

    Attributes:
        key: a name that is unique in the explanation.
        name: the directive or the Lua name.
        phase: of a handler; "" for a function.
        parameters: names.
        place: where it begins.
        steps: what it does; a handler's last step is an end, unless each way through it has ended already.
        caught: whether Lua errors in it are caught wherever it is called from.
        apart: whether requests get to it otherwise than from the part before it.
    """

    key: str
    name: str
    phase: str
    parameters: tuple[str, ...]
    place: Place
    steps: tuple[Step, ...]
    caught: bool = False
    apart: bool = False


@dataclass(frozen=True)
class Fact:
    """Something that the snippet reads, calls or changes.

    Attributes:
        kind: which sort (`argument`, `header`, `redis`, …).
        name: its name; "" if it has none, or one that is computed.
        text: in words.
        places: where.
    """

    kind: str
    name: str
    text: Words
    places: tuple[Place, ...]


@dataclass(frozen=True)
class Setting:
    """A key of the plugin's configuration; a value is never shown.

    Attributes:
        key, lua_name: its name in the configuration, and in the snippet.
        type: `string`, `number` or `boolean`.
        secret: whether it must not be shown.
    """

    key: str
    lua_name: str
    type: str
    secret: bool


@dataclass(frozen=True)
class Condition:
    """One of the conditions that must hold to get somewhere.

    Attributes:
        text: the condition, as it must hold.
        place: where it is decided.
    """

    text: Words
    place: Place


@dataclass(frozen=True)
class End:
    """A way in which a request can leave a handler or a function.

    It is reached if the conditions of its path hold and, where `otherwise` is set, none of the ends of the
    same part that come before it in the list was reached.

    Attributes:
        kind: what happens.
        status: of the answer, if it is constant.
        text: in words, without a subject.
        place: where.
        part: the handler or function that it stands in, by `Part.key`.
        path: the conditions of the decisions that it stands in, from the outside in.
        otherwise: an end that comes before it in the list can keep a request from getting here.
        messages: of errors, nginx's texts.
        when: of errors, for which values.
    """

    kind: EndKind
    status: int | None
    text: Words
    place: Place
    part: str
    path: tuple[Condition, ...]
    otherwise: bool
    messages: tuple[str, ...] = ()
    when: Words = NOTHING


@dataclass(frozen=True)
class Explanation:
    """All that is to say about a unit.

    Attributes:
        name: the plugin's name.
        source: the input's file name.
        location: the nginx location (`= /x`) that it acts in; "" for every request.
        reads, calls, changes: facts, in the order in which they are met.
        settings: the configuration.
        handlers: in the order in which they run.
        functions: the functions of the snippet that are called.
        ends: every way to leave, in the order of the text.
    """

    name: str
    source: str
    location: str
    reads: tuple[Fact, ...]
    settings: tuple[Setting, ...]
    calls: tuple[Fact, ...]
    changes: tuple[Fact, ...]
    handlers: tuple[Part, ...]
    functions: tuple[Part, ...]
    ends: tuple[End, ...] = field(default=())

    def part(self, key: str) -> Part:
        """The handler or function of that key."""
        return next(part for part in (*self.handlers, *self.functions) if part.key == key)
