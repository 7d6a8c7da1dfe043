"""What holds of every explanation, shown on all accepted cases of tests/compile and on the examples."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from compile import cases as compile_cases
from explain import cases as explain_cases
from explain import charts
from snippet2wasm import catalogue
from snippet2wasm.catalogue.phrases import phrases
from snippet2wasm.compiler import Compilation, Options, compile_text
from snippet2wasm.diagnostics import Refusal
from snippet2wasm.explain import FORMATS, Explanation, scope
from snippet2wasm.explain.builder import file_name
from snippet2wasm.explain.mermaid import fits, mermaid
from snippet2wasm.explain.model import EndKind, Place, Step, StepKind
from snippet2wasm.explain.statuses import PAGES
from snippet2wasm.frontend import files
from snippet2wasm.ir.nodes import Action, Block, Return
from snippet2wasm.source import Span
from support.cases import compiled

ROOT = Path(__file__).parents[2]
EXAMPLES = sorted(
    path for path in (ROOT / "examples").glob("*/*") if path.name in ("nginx.conf", "snippet.lua")
)


def _inputs() -> Iterator[tuple[str, dict[str, str]]]:
    for module in (compile_cases, explain_cases):
        for path in sorted(module.DATA.glob("*.test")):
            for case in module.load(path):
                yield f"{case.name}-{path.stem}", case.sections


@pytest.fixture(scope="module")
def compilations(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, Compilation]]:
    """Everything that is accepted."""
    found = []
    for name, sections in _inputs():
        try:
            found.append((name, compiled(name, sections, tmp_path_factory.mktemp("case"))))
        except Refusal:
            continue
    for path in EXAMPLES:
        bindings = path.parent / "snippet2wasm.yaml"
        options = Options(name=path.parent.name, bindings=bindings if bindings.exists() else None)
        found.append((str(path), compile_text(files.read(path, path.name), path.parent, options)))
    assert len(found) > 40
    return found


def test_each_is_told_in_every_format_the_same_way_twice(compilations: list[tuple[str, Compilation]]) -> None:
    for name, compilation in compilations:
        for show in FORMATS.values():
            text = show(compilation.explanation())
            assert text.endswith("\n"), name
            assert text == show(compilation.explanation()), name


def test_each_end_of_the_code_is_among_the_ends(compilations: list[tuple[str, Compilation]]) -> None:
    for name, compilation in compilations:
        explanation = compilation.explanation()
        told = {(end.kind is EndKind.RETURN, end.place) for end in explanation.ends}
        for function in [handler.body for handler in compilation.unit.handlers]:
            for statement in scope.statements(function.body):
                if isinstance(statement, Return):
                    assert (False, _place(statement.span)) in told, f"{name}: return"
            if not function.body.ends:
                passes = [end for end in explanation.ends if not end.path and end.kind is not EndKind.ERROR]
                assert passes, f"{name}: the end of the handler"
        for block in _bodies(compilation):
            for expr in scope.all_expressions(block):
                if isinstance(expr, Action) and expr.entry.ends and not expr.guarded:
                    assert (False, _place(expr.span)) in told, f"{name}: {expr.name}"


@pytest.mark.parametrize(
    "folder", sorted(path.parent for path in (ROOT / "examples").glob("*/recorded")), ids=str
)
def test_what_nginx_answered_is_among_the_ends(folder: Path) -> None:
    bindings = folder / "snippet2wasm.yaml"
    options = Options(name=folder.name, bindings=bindings if bindings.exists() else None)
    compilation = compile_text(files.read(folder / "nginx.conf", "nginx.conf"), folder, options)
    ends = compilation.explanation().ends
    for path in sorted((folder / "recorded").glob("*.json")):
        response = json.loads(path.read_text("utf-8"))["response"]
        if response["upstream"]:
            assert any(end.kind is EndKind.PASS for end in ends), path.name
        else:
            assert any(str(response["status"]) in str(end.text) for end in ends), path.name


def test_each_read_call_and_change_of_the_code_is_told(compilations: list[tuple[str, Compilation]]) -> None:
    for name, compilation in compilations:
        explanation = compilation.explanation()
        facts = (*explanation.reads, *explanation.calls, *explanation.changes)
        places = {place for fact in facts for place in fact.places}
        for block in _bodies(compilation):
            for expr in scope.all_expressions(block):
                if isinstance(expr, Action) and expr.entry.name == "ngx.var.! =":
                    continue  # it raises an error and changes nothing
                if isinstance(expr, Action) and expr.entry.name.startswith(
                    ("ngx.var.", "ngx.req.", "ngx.header")
                ):
                    assert _place(expr.span) in places, f"{name}: {expr.name}"
                if isinstance(expr, Action) and expr.entry.name.startswith("redis:") and expr.entry.variadic:
                    assert _place(expr.span) in places, f"{name}: {expr.name}"
        assert {setting.key for setting in explanation.settings} == {
            field.key for field in compilation.unit.config
        }


def test_mermaid_reads_each_chart_as_it_was_meant(compilations: list[tuple[str, Compilation]]) -> None:
    explanations = [(name, compilation.explanation()) for name, compilation in compilations]
    read = charts.read([mermaid(explanation) for _, explanation in explanations])
    for (name, explanation), chart in zip(explanations, read, strict=True):
        labels = "\n".join(chart.nodes.values())
        for step in _steps(explanation):
            if step.kind is not StepKind.DECIDE:
                assert _as_in_a_chart(step) in labels, name
            for branch in step.branches:
                if branch.condition is not None:
                    assert branch.condition.bare()[:20].replace("`", "") in labels.replace("'", ""), name
        starts = {start for start, _, _ in chart.edges}
        ends = {end for _, end, _ in chart.edges}
        alone = chart.nodes.keys() - starts - ends
        # Of several handlers each has a part of the chart; one that only raises an error is a node.
        errors = {node for node in alone if chart.nodes[node].startswith("raises the error")}
        assert alone <= errors or len(chart.nodes) == 1, f"{name}: a node stands alone"
        assert "undefined" not in labels


def _as_in_a_chart(step: Step) -> str:
    text = "".join(part if isinstance(part, str) else f"'{part.text}'" for part in step.text.parts)
    return text if len(text) <= 300 else text[:299]


def test_paths_are_no_longer_than_the_code_is_deep(tmp_path: Path) -> None:
    chain = "".join(f"if ngx.var.arg_a{n} then ngx.exit({400 + n % 20}) end\n" for n in range(400))
    explanation = compiled("chain", {"input": chain}, tmp_path).explanation()
    assert len(explanation.ends) == 401
    assert max(len(end.path) for end in explanation.ends) == 1
    arms = "\nelse".join(f"if ngx.var.arg_m == '{n}' then ngx.log(ngx.INFO, {n})" for n in range(200))
    last = f"{arms}\nelse ngx.exit(404) end\n"
    [end, *_] = compiled("arms", {"input": last}, tmp_path).explanation().ends
    assert [str(item.text) for item in end.path] == ["none of the 200 conditions before it holds"]


def test_deep_nesting_is_told(tmp_path: Path) -> None:
    depth = 150
    nested = (
        "".join(f"if ngx.var.arg_a{n} then\n" for n in range(depth)) + "ngx.exit(403)\n" + "end\n" * depth
    )
    calls = "if f(0) then\n" + "".join(f"elseif f({n}) then\n" for n in range(300)) + "end\n"
    library = "function f(n) ngx.log(ngx.INFO, n) return n == 3 end\n"
    for text in (nested, calls):
        explanation = compiled("deep", {"input": text, "lib": library}, tmp_path).explanation()
        for name, show in FORMATS.items():
            shown = show(explanation)
            assert "ngx.exit" not in shown
            assert name != "json" or json.loads(shown)["format"] == 1


def test_a_chart_too_large_for_mermaid_is_left_out_of_markdown(tmp_path: Path) -> None:
    chain = "".join(f"if ngx.var.arg_a{n} then ngx.exit(400) end\n" for n in range(300))
    explanation = compiled("chain", {"input": chain}, tmp_path).explanation()
    assert not fits(FORMATS["mermaid"](explanation))
    shown = FORMATS["markdown"](explanation)
    assert "```mermaid" not in shown
    assert "too large to be drawn" in shown


_HOSTILE = (
    'end"]; x --> y',
    "`code` ``two``",
    "<script>alert(1)</script>&lt;b&gt;",
    "%%{init: {'theme': 'dark'}}%%",
    "#35; #quot; &#34; $$x$$",
    "fa:fa-car fab:fa-x",
    "1. list\n- item | pipe\r\n---\ntitle: x\n---",
    "subgraph a\nend\n%% comment\nclick n1 callback",
    "\u202e rtl \u200b \u2028 é 漢字 🙂",
    "**bold** _it_ [link](javascript:x) ~~s~~ \\",
    "x" * 500,
)


def test_what_a_snippet_holds_is_shown_and_nothing_else(tmp_path: Path) -> None:
    explanations = []
    for text in _HOSTILE:
        quoted = '"' + "".join(f"\\{byte:03d}" for byte in text.encode()) + '"'
        source = f"if ngx.var.arg_q == {quoted} then ngx.log(ngx.ERR, {quoted}) ngx.exit(403) end\n"
        explanations.append(compiled("hostile", {"input": source}, tmp_path).explanation())
    drawn = charts.read([FORMATS["mermaid"](explanation) for explanation in explanations])
    for text, explanation, chart in zip(_HOSTILE, explanations, drawn, strict=True):
        assert len(chart.nodes) == 5, text
        assert len(chart.edges) == 4, text
        visible = max(re.split(r"[\r\n\u202e\u200b\u2028]", text), key=len)[:100]
        assert sum(visible in label for label in chart.nodes.values()) == 2, text
        for name in ("text", "markdown"):
            shown = FORMATS[name](explanation)
            assert "\u202e" not in shown
            assert len(shown.splitlines()) < 60, text
        assert "<script>" not in re.sub(r"`[^`]*`", "", FORMATS["markdown"](explanation))


def test_secrets_are_told_by_name_only(tmp_path: Path) -> None:
    sections = {
        "input": 'local red = require("resty.redis"):new()\nred:connect("r", 6379)\nred:auth("hunter2")\n'
        'if ngx.var.http_x_key ~= key then ngx.log(ngx.ERR, "no ", key) ngx.exit(403) end\n',
        "lib": 'local api_key = "s3cr3t-value"\nfunction unused() return api_key end\n',
        "bindings": "globals:\n  key: {config: apiKey, secret: true}\n",
    }
    explanation = compiled("secret", sections, tmp_path).explanation()
    for show in FORMATS.values():
        shown = show(explanation)
        assert "hunter2" not in shown
        assert "s3cr3t" not in shown
        assert "apiKey" in shown


def test_phrases_are_for_entries_of_the_catalogue() -> None:
    known = catalogue.load()
    names = known.entries.keys() | {
        entry.name for entry in (*known.acts.values(), *known.assignments.values(), *known.returns.values())
    }
    assert not phrases().keys() - names


def test_what_acts_on_a_request_has_words() -> None:
    known = catalogue.load()
    for entry in (*known.entries.values(), *known.acts.values(), *known.assignments.values()):
        acts = entry.request or entry.suspends or entry.effect
        generic = entry.name.startswith("ngx.var.") or (entry.name.startswith("redis:") and entry.variadic)
        told = generic or entry.name in {*phrases(), "ngx.exit"}
        assert entry.refused or not acts or told, f"{entry.name} has no words in catalogue/phrases.yaml"


def test_pages_are_those_of_the_runtime() -> None:
    source = (ROOT / "go_runtime/internal/errorpage/errorpage.go").read_text("utf-8")
    titles = dict(re.findall(r'^\t(\d+): \{title: "([^"]+)"\},$', source, re.MULTILINE))
    notes = dict(re.findall(r'^\t(\d+): noted\("([^"]+)"\),$', source, re.MULTILINE))
    found = {int(code): title for code, title in titles.items()}
    found |= {int(code): f"400 {note}" for code, note in notes.items()}
    assert found == PAGES


def _bodies(compilation: Compilation) -> list[Block]:
    unit = compilation.unit
    return [
        function.body for function in (*(handler.body for handler in unit.handlers), *scope.functions(unit))
    ]


def _place(span: Span) -> Place:
    outer = span.outermost()
    return Place(file_name(outer.source.name), outer.line)


def _steps(explanation: Explanation) -> Iterator[Step]:
    pending = [step for part in (*explanation.handlers, *explanation.functions) for step in part.steps]
    while pending:
        step = pending.pop()
        yield step
        pending += [inner for branch in step.branches for inner in branch.inner()]
