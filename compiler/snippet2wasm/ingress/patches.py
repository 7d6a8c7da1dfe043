"""What of a cluster's configuration is an annotation in Higress, as patches of the Ingresses: settings of the
gateway that snippets hold, and annotations of ingress-nginx that have another name there.

A setting of nginx and the annotation that stands for it seldom mean quite the same; the patch says so.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from snippet2wasm import catalogue
from snippet2wasm.catalogue.annotations import known_annotations
from snippet2wasm.checks import values
from snippet2wasm.frontend.kubernetes.model import PREFIX, Controller, Ingress, Manifests
from snippet2wasm.frontend.nginx import Directive
from snippet2wasm.ingress.places import Composition
from snippet2wasm.source import Span

_TIMEOUT = "higress.io/timeout"


@dataclass
class Patch:
    """What becomes of an Ingress.

    Attributes:
        ingress: which one.
        annotations: to set, each with its value and a remark.
        left: what no annotation does, in words.
    """

    ingress: Ingress
    annotations: dict[str, tuple[str, str]] = field(default_factory=dict)
    left: list[str] = field(default_factory=list)

    def set(self, name: str, value: str, remark: str) -> None:
        """Takes in an annotation; of several timeouts the longest counts: it is that of a whole request."""
        before = self.annotations.get(name)
        if before is None or (name == _TIMEOUT and int(before[0]) < int(value)):
            self.annotations[name] = value, remark


def patches(manifests: Manifests, composition: Composition) -> list[Patch]:
    """The patches of the Ingresses that get any, in their order."""
    found = {id(each): Patch(each) for each in manifests.ingresses if not each.canary}
    for ingress in manifests.ingresses:
        if not ingress.canary:
            _of_annotations(found[id(ingress)], manifests.controller)
    for unit in composition.units:
        directives = [*unit.layers.http, *unit.layers.server, *unit.layers.location]
        of_sites = {id(each): each for _, inner in unit.layers.sites for each in inner}.values()
        for each in unit.ingresses:
            own = [directive for directive in of_sites if not _of_another(directive, each, unit.ingresses)]
            _of_directives(found[id(each)], [*directives, *own])
    return [each for each in found.values() if each.annotations or each.left]


def _of_another(directive: Directive, ingress: Ingress, ingresses: list[Ingress]) -> bool:
    """Whether a directive stands in an annotation of another Ingress."""
    others = (text for each in ingresses if each is not ingress for text in each.annotations.values())
    return any(directive.span.source is text.source for text in others)


# --- annotations ---


def _of_annotations(patch: Patch, controller: Controller | None) -> None:
    ingress = patch.ingress
    for key, text in ingress.annotations.items():
        known = known_annotations().get(key.removeprefix(PREFIX)) if key.startswith(PREFIX) else None
        if known is None or text.value.strip().lower() in ("", "false"):
            continue
        value = _CONVERSIONS[known.conversion](text.value) if known.becomes else ""
        if value and known.becomes not in ingress.annotations:
            patch.set(
                known.becomes, value, f"{known.name}: {text.value.strip()}{_DIFFERENT.get(known.becomes, '')}"
            )
        elif known.higress == "no" and (known.open or known.instead):
            patch.left.append(_left(known.name, text.key or text.span, known.instead, known.open))
    if _redirects(ingress, controller):
        patch.set(
            f"{PREFIX}ssl-redirect", "true", "ingress-nginx does so by itself for hosts with a certificate"
        )


def _redirects(ingress: Ingress, controller: Controller | None) -> bool:
    """Whether ingress-nginx redirects to https without being told to."""
    told = ingress.annotation("ssl-redirect") or ingress.annotation("force-ssl-redirect")
    return (
        bool(ingress.tls) and told is None and (controller is None or controller.flag("ssl-redirect", True))
    )


# --- directives ---


def _of_directives(patch: Patch, directives: list[Directive]) -> None:
    for directive in _all(directives):
        known = catalogue.load().directives.get(directive.name)
        if known is None or known.role != "gateway":
            continue
        written = " ".join([directive.name, *(argument.span.shown for argument in directive.args)])
        become = _BECOMES.get(directive.name)
        given = dict(become([argument.value for argument in directive.args])) if become else {}
        for name, value in given.items():
            remark = f"{written}, {_where(directive.span)}{_DIFFERENT.get(name, '')}"
            patch.set(name, value, remark)
        if not given:
            patch.left.append(_left(written, directive.span, known.setting, False))


def _all(directives: list[Directive]) -> Iterator[Directive]:
    for directive in directives:
        yield directive
        yield from _all(directive.block or [])


def _seconds(text: str) -> str:
    """A time of nginx in whole seconds, rounded up; "" for what is none."""
    found = values.milliseconds(text)
    return "" if found is None or found <= 0 else str(-(-found // 1000))


def _timeout(args: list[str]) -> Iterator[tuple[str, str]]:
    if args and (value := _seconds(args[0])):
        yield _TIMEOUT, value


def _tries(args: list[str]) -> Iterator[tuple[str, str]]:
    if args and args[0].isdecimal() and int(args[0]) > 0:
        yield f"{PREFIX}proxy-next-upstream-tries", str(int(args[0]) - 1)


def _try_timeout(args: list[str]) -> Iterator[tuple[str, str]]:
    if args and (value := _seconds(args[0])):
        yield f"{PREFIX}proxy-next-upstream-timeout", value


def _next(args: list[str]) -> Iterator[tuple[str, str]]:
    yield f"{PREFIX}proxy-next-upstream", " ".join(args)


def _protocols(args: list[str]) -> Iterator[tuple[str, str]]:
    known = [each for each in ("TLSv1", "TLSv1.1", "TLSv1.2", "TLSv1.3") if each in args]
    if known:
        yield f"{PREFIX}tls-min-protocol-version", _VERSIONS.get(known[0], known[0])
        yield f"{PREFIX}tls-max-protocol-version", _VERSIONS.get(known[-1], known[-1])


_VERSIONS = {"TLSv1": "TLSv1.0"}


def _ciphers(args: list[str]) -> Iterator[tuple[str, str]]:
    yield f"{PREFIX}ssl-cipher", " ".join(args)


_BECOMES: dict[str, Callable[[list[str]], Iterator[tuple[str, str]]]] = {
    **dict.fromkeys(("proxy_read_timeout", "proxy_send_timeout"), _timeout),
    **dict.fromkeys(("grpc_read_timeout", "grpc_send_timeout"), _timeout),
    **dict.fromkeys(("proxy_next_upstream", "grpc_next_upstream"), _next),
    **dict.fromkeys(("proxy_next_upstream_tries", "grpc_next_upstream_tries"), _tries),
    **dict.fromkeys(("proxy_next_upstream_timeout", "grpc_next_upstream_timeout"), _try_timeout),
    "ssl_protocols": _protocols,
    "ssl_ciphers": _ciphers,
}
_CONVERSIONS: dict[str, Callable[[str], str]] = {
    "same": str.strip,
    "seconds": lambda text: _seconds(text.strip()),
}
_DIFFERENT = {
    _TIMEOUT: "; here of the whole request, in nginx between two operations",
    f"{PREFIX}proxy-next-upstream-tries": "; nginx counts the first attempt, too",
    f"{PREFIX}proxy-next-upstream-timeout": "; here of each attempt, in nginx of all together",
    "higress.io/route-limit-rps": "; here of all clients together, in ingress-nginx of each",
    "higress.io/route-limit-rpm": "; here of all clients together, in ingress-nginx of each",
}


# --- as text ---


def _left(what: str, span: Span, instead: str, is_open: bool) -> str:
    risk = " WITHOUT IT REQUESTS PASS that ingress-nginx stopped." if is_open else ""
    return f"{what} ({_where(span)}): {instead or 'nothing stands for it'}.{risk}"


def _where(span: Span) -> str:
    place = span.outermost()
    return f"{place.source.name}:{place.source.line_column(place.start)[0]}"


def render(found: list[Patch]) -> str:
    """The patches as YAML for `kubectl apply --server-side`; what is left stands in comments."""
    if not found:
        return "# No Ingress needs another annotation.\n"
    lines = [
        "# What is an annotation in Higress, and was a directive or another annotation before. Each",
        "# document adds to an Ingress: kubectl apply --server-side --field-manager=snippet2wasm -f FILE",
    ]
    for patch in found:
        lines += ["---", *(f"# left: {_comment(each)}" for each in patch.left)]
        if not patch.annotations:
            lines.append(
                f"# nothing to set for {_comment(patch.ingress.namespace)}/{_comment(patch.ingress.name)}"
            )
            continue
        lines += ["apiVersion: networking.k8s.io/v1", "kind: Ingress", "metadata:"]
        lines.append(f"  namespace: {json.dumps(patch.ingress.namespace)}")
        lines += [f"  name: {json.dumps(patch.ingress.name)}", "  annotations:"]
        for name, (value, remark) in sorted(patch.annotations.items()):
            lines.append(f"    {name}: {json.dumps(value)} # {_comment(remark)}")
    return "\n".join(lines) + "\n"


def _comment(text: str) -> str:
    """A text that stays on its line."""
    return "".join(char if char.isprintable() else " " for char in text)
