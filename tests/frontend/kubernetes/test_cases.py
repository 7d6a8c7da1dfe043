"""What files say (`model`) and what is wrong with them or with the nginx text and Lua in them, at which line and
column of the file (`messages`): the cases in data/.

In a case's input ⟦0D⟧ stands for bytes that can't be written.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from frontend.cases import unescape
from snippet2wasm.diagnostics import Refusal, render_text
from snippet2wasm.frontend import kubernetes, lua, nginx
from snippet2wasm.frontend.kubernetes import Backend, Ingress, Manifests, Text
from snippet2wasm.source import Source
from support.cases import Case, check, load

DATA = Path(__file__).parent / "data"
OUTPUTS = ("model", "messages")
CASES = [(path, case) for path in sorted(DATA.glob("*.test")) for case in load(path, OUTPUTS)]


def data_of(case: Case) -> bytes:
    return b"".join(unescape(line) for line in case.sections["input"].splitlines(keepends=True))


def name_of(case: Case) -> str:
    return "k.json" if case.name.startswith("json") else "k.yaml"


def snippets(manifests: Manifests) -> Iterator[Text]:
    for ingress in manifests.ingresses:
        yield from (text for key, text in ingress.annotations.items() if key.endswith("-snippet"))
    for controller in manifests.controllers:
        yield from (text for key, text in controller.settings.items() if key.endswith("-snippet"))


def messages(source: Source) -> str:
    """All that is said of a file, its nginx text and its Lua."""
    try:
        manifests = kubernetes.merge([kubernetes.read(source)])
    except Refusal as refusal:
        return "".join(render_text(each) for each in refusal.diagnostics)
    found = [render_text(each) for each in manifests.warnings]
    for text in snippets(manifests):
        try:
            for directive in nginx.parse(text.source):
                if directive.lua is not None:
                    lua.parse(directive.lua)
        except Refusal as refusal:
            found += [render_text(each) for each in refusal.diagnostics]
    return "".join(found) or "nothing\n"


def model(source: Source) -> str:
    """What was read, a line for each thing."""
    try:
        manifests = kubernetes.merge([kubernetes.read(source)])
    except Refusal:
        return "refused\n"
    lines = []
    for each in kubernetes.by_age(manifests.ingresses):
        lines += shown_ingress(each)
    for config_map in manifests.config_maps:
        lines.append(
            f"ConfigMap {config_map.namespace}/{config_map.name}, line {config_map.span.outermost().line}"
        )
        lines += shown_texts(config_map.data)
    for controller in manifests.controllers:
        lines.append(f"Controller, line {controller.span.outermost().line}")
        lines += shown_texts(controller.settings)
        for name, headers in (("add", controller.add_headers), ("proxy", controller.proxy_set_headers)):
            lines += [f"  {name}: {key}: {text.value!r}" for key, text in (headers or {}).items()]
    for secret in manifests.secrets:
        lines.append(f"Secret {secret.namespace}/{secret.name}: {', '.join(secret.keys)}")
    return "\n".join(lines) + "\n" if lines else "nothing\n"


def shown_ingress(ingress: Ingress) -> list[str]:
    words = [f"Ingress {ingress.namespace}/{ingress.name}, line {ingress.span.outermost().line}"]
    words += [f"class {ingress.ingress_class.value}"] if ingress.ingress_class else []
    words += ["canary"] if ingress.canary else []
    words += ["from values"] if ingress.from_values else []
    lines = [", ".join(words), *shown_texts(ingress.annotations)]
    for rule in ingress.rules:
        lines.append(f"  host {rule.host.value if rule.host else '(any)'}")
        lines += [f"    {path.type} {path.value} → {shown_backend(path.backend)}" for path in rule.paths]
    if ingress.default_backend:
        lines.append(f"  default → {shown_backend(ingress.default_backend)}")
    for tls in ingress.tls:
        hosts = " ".join(host.value for host in tls.hosts)
        lines.append(f"  tls {hosts} with {tls.secret.value if tls.secret else '(none)'}")
    return lines


def shown_backend(backend: Backend | None) -> str:
    if backend is None:
        return "(unknown)"
    return f"{backend.service.value}:{backend.service_port}" if backend.service else "(no service)"


def shown_texts(texts: dict[str, Text]) -> list[str]:
    found = []
    for key, text in texts.items():
        place = text.source.span(0, 1).outermost()
        line, column = place.source.line_column(place.start)
        found.append(f"  {key} = {text.value!r} ({line}:{column})")
    return found


@pytest.mark.parametrize(("path", "case"), CASES, ids=[f"{path.stem}:{case.name}" for path, case in CASES])
def test_case(path: Path, case: Case, request: pytest.FixtureRequest) -> None:
    source = Source(name_of(case), data_of(case))
    assert kubernetes.is_manifest(source)
    found = {"messages": messages(source), "model": model(source)}
    check(path, case, found, OUTPUTS, request.config.getoption("--update"))


def test_case_names_are_unique() -> None:
    names = [(path, case.name) for path, case in CASES]
    assert len(names) == len(set(names))


def test_there_are_positions_enough() -> None:
    placed = [case for path, case in CASES if path.stem == "positions" and "k." in case.sections["messages"]]
    assert len(placed) >= 40
