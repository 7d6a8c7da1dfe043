"""An explanation as a Mermaid flow chart: decisions, calls and ends.

Every text in the chart is quoted, and what means something to Mermaid or HTML in it is written as an entity
(`#34;`), so that nothing a snippet holds can become part of the chart's structure or settings.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from snippet2wasm.explain.model import EndKind, Explanation, Part, Place, Step, StepKind
from snippet2wasm.explain.words import Code, Words, say

_MERGED = 4
"""So many steps without a choice share a box."""

_DRAWN_CALLEES = 3
"""A call of a value that may be any of more functions than these gets no edge to them."""

_LOOKS: dict[EndKind | None, str] = {
    EndKind.PASS: ":::pass",
    EndKind.ANSWER: ":::answer",
    EndKind.DROP: ":::answer",
    EndKind.ERROR: ":::error",
}
_STYLES = {
    "pass": "fill:#d8f0d8,stroke:#2e7d32,color:#000",
    "answer": "fill:#fdebd0,stroke:#b9770e,color:#000",
    "error": "fill:#f9d6d5,stroke:#b71c1c,color:#000",
}
"""Green, amber and red, which read on a light page and on a dark one."""

_ERROR = "answers 500 for a Lua error"
_CAUGHT = "a Lua error, which is caught where this is called"
_LONGEST = 300
_MAX_TEXT = 50_000
_MAX_EDGES = 500
"""Mermaid's own limits, which a page can change but a chart can't."""


def mermaid(explanation: Explanation) -> str:
    """The chart's text."""
    return _Chart(explanation).text()


def fits(chart: str) -> bool:
    """Whether Mermaid draws a chart with its usual limits (GitHub's)."""
    return len(chart) <= _MAX_TEXT and len(re.findall(r"^ +n\d+ -", chart, re.MULTILINE)) <= _MAX_EDGES


@dataclass(frozen=True)
class _Exit:
    """An edge that waits for the node that it leads to."""

    node: str
    label: str = ""


class _Chart:
    def __init__(self, explanation: Explanation) -> None:
        self.explanation = explanation
        self.lines: list[str] = []
        self.edges: list[str] = []
        self.indent = "    "
        self.count = 0
        self.entries: dict[str, str] = {}
        self.calls: list[tuple[str, str]] = []
        self.error_node = ""
        self.caught = False
        self.loops: list[list[_Exit]] = []

    def text(self) -> str:
        """The whole chart."""
        handlers, functions = self.explanation.handlers, self.explanation.functions
        before: list[_Exit] = []
        for index, part in enumerate(handlers):
            self._open(part)
            start = self._start(part) if index == 0 or part.apart or not before else ""
            exits = self._steps(part.steps, [_Exit(start)] if start else before)
            self._close()
            before = exits
        for part in functions:
            self._open(part)
            self.entries[part.key] = self._start(part)
            behind = self._steps(part.steps, [_Exit(self.entries[part.key])])
            if behind:
                self._reached("([{}])", _label(say("comes to its end")), behind)
            self._close()
        self.edges += [f"{node} -.-> {self.entries[key]}" for node, key in self.calls]
        looks = [f"    classDef {name} {style}" for name, style in _STYLES.items() if self._used(name)]
        edges = [f"    {edge}" for edge in self.edges]
        return "\n".join(["flowchart TD", *self.lines, *edges, *looks]) + "\n"

    def _used(self, look: str) -> bool:
        return any(line.endswith(f":::{look}") for line in self.lines)

    # Parts

    def _open(self, part: Part) -> None:
        if len(self.explanation.handlers) + len(self.explanation.functions) > 1:
            self.count += 1
            self.lines.append(f'    subgraph s{self.count}["{_label(say(Code(part.name or part.key)))}"]')
            self.indent = "        "
        self.error_node = ""
        self.caught = part.caught

    def _close(self) -> None:
        if self.indent != "    ":
            self.lines.append("    end")
            self.indent = "    "

    def _start(self, part: Part) -> str:
        if part.phase:
            location = self.explanation.location
            words = say("a request for ", Code(location)) if location else say("a request")
            _, of, level = part.name.partition(" of ")
            if of:
                words = say("a request in ", Code(level))
        else:
            words = say(Code(f"{part.name or part.key}({', '.join(part.parameters)})"))
        return self._node("([{}])", words)

    # Steps

    def _steps(self, steps: tuple[Step, ...], exits: list[_Exit]) -> list[_Exit]:
        """Draws steps behind the open edges; the edges that are open behind them."""
        index = 0
        while index < len(steps):
            step = steps[index]
            index += 1
            if step.kind is StepKind.DO:
                merged = [step]
                while index < len(steps) and steps[index].kind is StepKind.DO and len(merged) < _MERGED:
                    merged.append(steps[index])
                    index += 1
                exits = self._box(merged, exits)
            else:
                exits = self._step(step, exits)
        return exits

    def _step(self, step: Step, exits: list[_Exit]) -> list[_Exit]:
        match step.kind:
            case StepKind.DECIDE:
                return self._decision(step, exits)
            case StepKind.LOOP:
                return self._loop(step, exits)
            case StepKind.BLOCK:
                node = self._reached("[{}]", self._placed(step), exits, step)
                inner = [_Exit(node)]
                for branch in step.branches:
                    inner = self._steps(branch.steps, inner)
                return inner
            case StepKind.CALL:
                node = self._reached("[[{}]]", self._placed(step), exits, step)
                if len(step.functions) <= _DRAWN_CALLEES:
                    self.calls += [(node, key) for key in step.functions]
                return [] if step.ending is not None else [_Exit(node)]
            case StepKind.LEAVE:
                node = self._reached("[{}]", self._placed(step), exits, step)
                if self.loops:
                    self.loops[-1].append(_Exit(node))
                return []
            case _:
                look = _LOOKS.get(step.ending, "")
                node = self._reached(f"([{{}}]){look}", self._placed(step), exits, step)
                goes_on = step.ending is EndKind.PASS and step is self._last_of_handler(step)
                return [_Exit(node)] if goes_on else []

    def _last_of_handler(self, step: Step) -> Step | None:
        """The step itself if another handler follows the one that it ends."""
        handlers = self.explanation.handlers
        return step if any(_holds(part.steps, step) for part in handlers[:-1]) else None

    def _box(self, steps: list[Step], exits: list[_Exit]) -> list[_Exit]:
        node = self._reached("[{}]", self._listed(steps), exits, *steps)
        return [_Exit(node)]

    def _decision(self, step: Step, exits: list[_Exit]) -> list[_Exit]:
        found: list[_Exit] = []
        for index, branch in enumerate(step.branches):
            if branch.condition is None:
                return found + self._steps(branch.steps, exits)
            exits = self._steps(branch.before, exits)
            label = f"{_label(branch.condition)}? {self._at(branch.place)}"
            node = self._reached("{{{}}}", label, exits, *([step] if index == 0 else []))
            found += self._steps(branch.steps, [_Exit(node, "yes")])
            exits = [_Exit(node, "no")]
        return found + exits

    def _loop(self, step: Step, exits: list[_Exit]) -> list[_Exit]:
        node = self._reached("{{{{{}}}}}", self._placed(step), exits, step)
        self.loops.append([])
        back: list[_Exit] = [_Exit(node, "each round")]
        for branch in step.branches:
            back = self._steps(branch.steps, back)
        for exit_ in back:
            self._edge(exit_, node)
        return [_Exit(node, "done"), *self.loops.pop()]

    # Nodes and edges

    def _node(self, shape: str, words: Words | str) -> str:
        self.count += 1
        name = f"n{self.count}"
        label = words if isinstance(words, str) else _label(words)
        self.lines.append(f"{self.indent}{name}" + shape.format(f'"{label}"'))
        return name

    def _reached(self, shape: str, label: str, exits: list[_Exit], *steps: Step) -> str:
        node = self._node(shape, label)
        for exit_ in exits:
            self._edge(exit_, node)
        if any(step.errors and step.ending is not EndKind.ERROR for step in steps):
            if not self.error_node:
                look = _LOOKS[EndKind.ERROR]
                self.error_node = self._node(f"([{{}}]){look}", say(_CAUGHT if self.caught else _ERROR))
            self.edges.append(f'{node} -. "error" .-> {self.error_node}')
        return node

    def _listed(self, steps: list[Step]) -> str:
        mark = "• " if len(steps) > 1 else ""
        return "<br/>".join(mark + self._placed(step) for step in steps)

    def _placed(self, step: Step) -> str:
        return f"{_label(step.text)} {self._at(step.place)}"

    def _at(self, place: Place) -> str:
        """A place, in brackets; in the explained file itself just the line."""
        file = "" if place.file == self.explanation.source else place.file
        return _label(say(f"({file}:{place.line})"))

    def _edge(self, exit_: _Exit, node: str) -> None:
        arrow = f'-- "{exit_.label}" -->' if exit_.label else "-->"
        self.edges.append(f"{exit_.node} {arrow} {node}")


def _holds(steps: tuple[Step, ...], step: Step) -> bool:
    return any(
        item is step or any(_holds(branch.inner(), step) for branch in item.branches) for item in steps
    )


def _label(words: Words) -> str:
    """Words as the text of a label."""
    text = "".join(f"'{part.text}'" if isinstance(part, Code) else part for part in words.parts)
    if len(text) > _LONGEST:
        text = text[: _LONGEST - 1] + "…"
    # Everything but plain characters: quotes and tags, but also `%%{init…}%%`, `$$…$$` and `fa:fa-…`.
    found = re.sub(r"[^\w .,:;()/'=+?!→…-]", lambda match: f"#{ord(match[0])};", text)
    return re.sub(r"(fa[a-z]?):(fa-)", r"\1#58;\2", found)
