"""An explanation as sections of nested points: what text and Markdown show."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from snippet2wasm.explain.answers import writes
from snippet2wasm.explain.ends import path_text
from snippet2wasm.explain.model import (
    Branch,
    End,
    EndKind,
    Explanation,
    Fact,
    Part,
    Place,
    Setting,
    Step,
    StepKind,
)
from snippet2wasm.explain.words import Words, code, handler_name, join, say

_SHOWN_PLACES = 5
_SHOWN_MESSAGES = 3


@dataclass(frozen=True)
class Point:
    """A point of a list, and those below it."""

    text: Words
    points: tuple[Point, ...] = ()


@dataclass(frozen=True)
class Section:
    """A list under a title.

    Attributes:
        title: the title.
        points: the list.
        numbered: whether its order matters.
    """

    title: Words
    points: tuple[Point, ...]
    numbered: bool = False


def outline(explanation: Explanation) -> list[Section]:
    """All sections that have something to say."""
    sections = [
        Section(say("What it reads"), tuple(map(_fact, explanation.reads))),
        Section(say("What it takes from its configuration"), tuple(map(_setting, explanation.settings))),
        Section(say("What it calls"), tuple(map(_fact, explanation.calls))),
        Section(say("What it changes"), tuple(map(_fact, explanation.changes))),
        *behaviour(explanation),
    ]
    return [section for section in sections if section.points]


def behaviour(explanation: Explanation) -> list[Section]:
    """What it does step by step, and how it can end: without the lists of facts."""
    return [*map(_part, (*explanation.handlers, *explanation.functions)), *_ends(explanation)]


def summary(explanation: Explanation) -> Words:
    """One line on what it acts on."""
    where = (
        say("requests for the location ", code(explanation.location))
        if explanation.location
        else say("every request that reaches it")
    )
    return say("acts on ", where)


def _fact(fact: Fact) -> Point:
    return Point(fact.text.capitalized() + _places(fact.places))


def _setting(setting: Setting) -> Point:
    secret = ", a secret" if setting.secret else ""
    return Point(say(code(setting.key), f": {setting.type}{secret}; the snippet's ", code(setting.lua_name)))


def _places(places: tuple[Place, ...]) -> Words:
    if not places:
        return say()
    more = f" and {len(places) - _SHOWN_PLACES} more" if len(places) > _SHOWN_PLACES else ""
    return say(f" ({', '.join(map(str, places[:_SHOWN_PLACES]))}{more})")


def _part(part: Part) -> Section:
    name = handler_name(part.name) if part.phase else _signature(part)
    several = bool(part.phase) and part.name.partition(" of ")[0].endswith("s")
    title = say("What ", name, f" {'do' if several else 'does'} ({part.place})")
    return Section(title, tuple(points(part.steps)), numbered=True)


def _signature(part: Part) -> Words:
    if part.name != part.key:
        names = join((say(code(name)) for name in part.parameters), last=" and ")
        return say("the ", code(part.key), say(", with ", names, ",") if part.parameters else say())
    return say(code(f"{part.name}({', '.join(part.parameters)})"))


def points(steps: tuple[Step, ...]) -> Iterator[Point]:
    """The points that tell steps."""
    for step in steps:
        match step.kind:
            case StepKind.DECIDE:
                for index, branch in enumerate(step.branches):
                    if branch.before:
                        yield Point(say("Otherwise, to find out how to go on:"), tuple(points(branch.before)))
                    yield _branch(branch, first=index == 0, doubtful=bool(step.errors) and index == 0)
            case StepKind.LOOP | StepKind.BLOCK:
                inner = tuple(point for branch in step.branches for point in points(branch.steps))
                yield Point(_told(step), inner)
            case _:
                yield Point(_told(step))


def _told(step: Step) -> Words:
    doubt = "; a Lua error is possible here" if step.errors and step.kind is not StepKind.END else ""
    note = say("; ", step.note) if step.note.parts else say()
    return say(step.text.capitalized(), note, f"{doubt} ({step.place})")


def _branch(branch: Branch, first: bool, doubtful: bool) -> Point:
    if branch.condition is None:
        head = say("Otherwise")
    else:
        head = say("If " if first else "Otherwise, if ", branch.condition)
    if doubtful:
        head += "; a Lua error is possible here"
    inner = tuple(points(branch.steps))
    if not inner:
        return Point(head + f": goes on ({branch.place})")
    if len(inner) == 1 and not inner[0].points and len(branch.steps) == 1:
        [step] = branch.steps
        if step.kind is not StepKind.DECIDE:
            return Point(say(head, " → ", step.text, f" ({step.place})"))
    where = f" ({branch.place})" if branch.condition is not None else ""
    return Point(head + f"{where}:", inner)


# Ends


def _ends(explanation: Explanation) -> Iterator[Section]:
    for part in (*explanation.handlers, *explanation.functions):
        own = [end for end in explanation.ends if end.part == part.key and not _may_raise(end)]
        if all(end.kind in (EndKind.RETURN, EndKind.CAUGHT) for end in own):
            continue
        title = say("How ", handler_name(part.name) if part.phase else code(part.key), " can end")
        yield Section(title, tuple(Point(_end(end)) for end in own), numbered=True)
    errors = [end for end in explanation.ends if _may_raise(end)]
    title = say("Lua errors that can happen; each answers 500")
    if writes((*explanation.handlers, *explanation.functions)):
        title += ", or cuts the connection if the answer has begun"
    yield Section(title, tuple(map(_error, errors)))


def _may_raise(end: End) -> bool:
    """Whether it is an error that happens for some values only."""
    return end.kind is EndKind.ERROR and bool(end.when.parts)


def _end(end: End) -> Words:
    head = say()
    if end.path:
        head = say("otherwise, if " if end.otherwise else "if ", _path(end), ": ")
    elif end.otherwise:
        head = say("otherwise: ")
    return say(head, end.text, f" ({end.place})").capitalized()


def _path(end: End) -> Words:
    return join((item.text + f" ({item.place})" for item in end.path), last=" and ", comma=" and ")


def _error(end: End) -> Point:
    shown = [say(code(message)) for message in _merged(end.messages)]
    messages = join(shown[:_SHOWN_MESSAGES], last=" or ")
    messages += f" and {len(shown) - _SHOWN_MESSAGES} more" if len(shown) > _SHOWN_MESSAGES else ""
    messages = messages if shown else say("An error of a library function")
    when = say(", ", end.when) if end.when.parts else say()
    path = say("; if ", path_text(end.path)) if end.path else say()
    return Point(say(messages, when, path, f" ({end.place})"))


def _merged(messages: tuple[str, ...]) -> tuple[str, ...]:
    """Messages that differ in the type of a value only, as one: `… (a boolean, nil or table value)`."""
    found = [re.fullmatch(r"(.*\ba )(\w+)( value\)?)", message) for message in messages]
    matches = [match for match in found if match is not None]
    frames = {(match[1], match[3]) for match in matches}
    if len(messages) < 2 or len(matches) < len(messages) or len(frames) > 1:
        return messages
    [(before, behind)] = frames
    types = [match[2] for match in matches]
    return (f"{before}{', '.join(types[:-1])} or {types[-1]}{behind}",)
