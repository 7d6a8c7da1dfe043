"""An explanation as JSON, for programs; docs/explain.md describes it."""

from __future__ import annotations

import json
from typing import TypedDict

from snippet2wasm.explain.model import (
    Branch,
    Condition,
    End,
    Explanation,
    Fact,
    Part,
    Place,
    Setting,
    Step,
)

FORMAT = 1
"""Raised when something that is there already changes its meaning."""


class JsonPlace(TypedDict):
    """A line of a file, from 1."""

    file: str
    line: int


class JsonFact(TypedDict):
    """Something read, called or changed."""

    kind: str
    name: str
    text: str
    places: list[JsonPlace]


class JsonSetting(TypedDict):
    """A key of the plugin's configuration."""

    key: str
    lua_name: str
    type: str
    secret: bool


class JsonBranch(TypedDict):
    """A way to go on; `condition` is null for "otherwise" and where there is no choice."""

    condition: str | None
    place: JsonPlace
    before: list[JsonStep]
    steps: list[JsonStep]


class JsonStep(TypedDict):
    """A step; `ending` and `status` are null unless it ends the handler."""

    kind: str
    text: str
    note: str
    place: JsonPlace
    branches: list[JsonBranch]
    ending: str | None
    status: int | None
    functions: list[str]
    messages: list[str]


class JsonPart(TypedDict):
    """A handler (`phase` is not empty) or a function."""

    key: str
    name: str
    phase: str
    parameters: list[str]
    place: JsonPlace
    steps: list[JsonStep]
    caught: bool


class JsonCondition(TypedDict):
    """A condition of a path."""

    text: str
    place: JsonPlace


class JsonEnd(TypedDict):
    """A way to leave."""

    kind: str
    status: int | None
    text: str
    place: JsonPlace
    part: str
    path: list[JsonCondition]
    otherwise: bool
    messages: list[str]
    when: str


class JsonExplanation(TypedDict):
    """The whole."""

    format: int
    name: str
    source: str
    location: str
    reads: list[JsonFact]
    configuration: list[JsonSetting]
    calls: list[JsonFact]
    changes: list[JsonFact]
    handlers: list[JsonPart]
    functions: list[JsonPart]
    ends: list[JsonEnd]


def to_json(explanation: Explanation) -> JsonExplanation:
    """The explanation as a JSON object."""
    return {
        "format": FORMAT,
        "name": explanation.name,
        "source": explanation.source,
        "location": explanation.location,
        "reads": [_fact(fact) for fact in explanation.reads],
        "configuration": [_setting(setting) for setting in explanation.settings],
        "calls": [_fact(fact) for fact in explanation.calls],
        "changes": [_fact(fact) for fact in explanation.changes],
        "handlers": [_part(part) for part in explanation.handlers],
        "functions": [_part(part) for part in explanation.functions],
        "ends": [_end(end) for end in explanation.ends],
    }


def json_text(explanation: Explanation) -> str:
    """The same, printed."""
    return json.dumps(to_json(explanation), indent=2, ensure_ascii=False) + "\n"


def _place(place: Place) -> JsonPlace:
    return {"file": place.file, "line": place.line}


def _fact(fact: Fact) -> JsonFact:
    places = [_place(place) for place in fact.places]
    return {"kind": fact.kind, "name": fact.name, "text": str(fact.text), "places": places}


def _setting(setting: Setting) -> JsonSetting:
    return {
        "key": setting.key,
        "lua_name": setting.lua_name,
        "type": setting.type,
        "secret": setting.secret,
    }


def _part(part: Part) -> JsonPart:
    return {
        "key": part.key,
        "name": part.name,
        "phase": part.phase,
        "parameters": list(part.parameters),
        "place": _place(part.place),
        "steps": [_step(step) for step in part.steps],
        "caught": part.caught,
    }


def _step(step: Step) -> JsonStep:
    return {
        "kind": step.kind.value,
        "text": str(step.text),
        "note": str(step.note),
        "place": _place(step.place),
        "branches": [_branch(branch) for branch in step.branches],
        "ending": step.ending.value if step.ending is not None else None,
        "status": step.status,
        "functions": list(step.functions),
        "messages": [message for error in step.errors for message in error.messages],
    }


def _branch(branch: Branch) -> JsonBranch:
    condition = str(branch.condition) if branch.condition is not None else None
    return {
        "condition": condition,
        "place": _place(branch.place),
        "before": [_step(step) for step in branch.before],
        "steps": [_step(step) for step in branch.steps],
    }


def _condition(condition: Condition) -> JsonCondition:
    return {"text": str(condition.text), "place": _place(condition.place)}


def _end(end: End) -> JsonEnd:
    return {
        "kind": end.kind.value,
        "status": end.status,
        "text": str(end.text),
        "place": _place(end.place),
        "part": end.part,
        "path": [_condition(condition) for condition in end.path],
        "otherwise": end.otherwise,
        "messages": list(end.messages),
        "when": str(end.when),
    }
