"""Annotations that stand beside snippets: what a gateway does in another way, or not at all, is told."""

from __future__ import annotations

from collections.abc import Iterable

from snippet2wasm.catalogue.annotations import Annotation, known_annotations
from snippet2wasm.diagnostics import Diagnostic, Severity
from snippet2wasm.frontend.kubernetes.model import PREFIX, Ingress, Text


def check(ingresses: Iterable[Ingress], target: str) -> list[Diagnostic]:
    """What is to be told about the annotations of Ingresses on whose requests snippets act: one warning for
    each annotation, however many have it.
    """
    found: dict[str, list[tuple[Ingress, Text]]] = {}
    for ingress in ingresses:
        for key, text in ingress.annotations.items():
            name = key.removeprefix(PREFIX)
            known = known_annotations().get(name) if key.startswith(PREFIX) else None
            if known is not None and _matters(known, text, target):
                found.setdefault(name, []).append((ingress, text))
    return [_told(known_annotations()[name], uses, target) for name, uses in found.items()]


def _matters(known: Annotation, text: Text, target: str) -> bool:
    """Whether a gateway does what the annotation says in another way than ingress-nginx."""
    if not known.beside or text.value.strip().lower() in ("", "false"):
        return False
    return target != "higress" or known.higress != "yes"


def _told(known: Annotation, uses: list[tuple[Ingress, Text]], target: str) -> Diagnostic:
    _, text = uses[0]
    others = f" (and {len(uses) - 1} more of them)" if len(uses) > 1 else ""
    if target != "higress":
        what, help_ = "the gateway has to do what {} says", "configure it there"
    elif known.higress == "partial":
        what, help_ = "Higress does not do the same as ingress-nginx for {}", known.instead or "compare both"
    elif known.open:
        what, help_ = "Higress lets requests pass that {} stopped", known.instead
    else:
        what, help_ = "Higress does not read {}", known.instead
    note = f"; Higress: {known.note}" if known.note and target == "higress" else ""
    return Diagnostic(
        "S2W466",
        what.format(f"{known.name}{others}"),
        text.key or text.span,
        reason=f"beside a snippet: {known.beside}{note}",
        help=help_ or "look whether it is needed",
        severity=Severity.WARNING,
    )
