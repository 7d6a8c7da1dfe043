"""Files → model: which kind of file it is, and what all files together say."""

from __future__ import annotations

import gc
import re
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import PurePath

from snippet2wasm.catalogue import settings
from snippet2wasm.diagnostics import Diagnostic, Refusal
from snippet2wasm.frontend.kubernetes import jsontree, yamltree
from snippet2wasm.frontend.kubernetes.helm import Values
from snippet2wasm.frontend.kubernetes.model import ConfigMap, Controller, Ingress, Manifests, Secret
from snippet2wasm.frontend.kubernetes.nodes import Mapping, Node
from snippet2wasm.frontend.kubernetes.objects import Objects
from snippet2wasm.frontend.kubernetes.reader import TEMPLATE, TEMPLATE_HELP, Reader
from snippet2wasm.source import Source

MAX_BYTES = 64 << 20
_ENDINGS = (".yaml", ".yml", ".json")
_BOM = b"\xef\xbb\xbf"
# A line that nginx text does not have, and Lua neither.
_OBJECT = re.compile(
    rb"""^(?:(?:- +)?["']?(?:apiVersion|kind)["']?[ \t]*:[ \t]|(?:controller|ingress|ingress-nginx):\s)""",
    re.MULTILINE,
)
_JSON = re.compile(rb'[\s\xef\xbb\xbf]*\{\s*"')
_SECRET = re.compile(rb"""\bkind["']?[ \t]*:[ \t]*["']?Secret\b""")

_CONTROLLERS = re.compile(r"(?:.*-)?(?:ingress-nginx|nginx-ingress)-controller|nginx-configuration")


def is_manifest(source: Source) -> bool:
    """Whether a file is for `read` at all, by its name or by what is in it."""
    if PurePath(source.name).suffix.lower() in _ENDINGS:
        return True
    return _JSON.match(source.data) is not None or _OBJECT.search(source.data) is not None


def read(source: Source) -> Manifests:
    """What a file of Kubernetes objects or of Helm values holds; nothing is no error.

    Raises:
        Refusal: S2W105 not UTF-8, S2W107 too large, S2W121 neither YAML nor JSON, S2W122 a key twice,
            S2W123 a template, S2W124 an object that Kubernetes would refuse, S2W125 aliases, S2W102 nested
            too deeply.
    """
    try:
        with _without_collector():
            found = _documents(source, *_text(source))
    except Refusal as refusal:
        _hide_secrets(source, refusal)
        raise
    reader = Reader(source)
    objects, values = Objects(reader), Values(reader)
    for document in found:
        if not isinstance(document, Mapping):
            continue
        if "kind" in document.entries or "apiVersion" in document.entries:
            objects.take(document)
        elif not reader.is_template(document):
            values.take(document)
    for node in {id(each): each for each in objects.values}.values():
        _take_values(node, reader, values)
    if reader.errors:
        raise Refusal(reader.errors)
    controllers = [_controller(each) for each in objects.config_maps if _is_controller(each, objects)]
    return Manifests(
        tuple(objects.ingresses + values.ingresses),
        tuple(objects.config_maps),
        tuple(controllers + values.controllers),
        tuple(objects.secrets),
        tuple(reader.warnings),
    )


def _take_values(node: Node, reader: Reader, values: Values) -> None:
    """Values in an object: a mapping, or a text of YAML."""
    if isinstance(node, Mapping):
        values.take(node)
    elif (text := reader.text(node, "Helm's values")) is not None:
        inner = Reader(text.source)
        within = Values(inner)
        for document in yamltree.documents(text.source, text.value, 0):
            within.take(document)
        values.controllers += within.controllers
        values.ingresses += within.ingresses
        reader.errors += inner.errors
        reader.warnings += inner.warnings


def merge(several: Iterable[Manifests]) -> Manifests:
    """Several files as one cluster.

    Raises:
        Refusal: S2W126, an object is there twice, or two configurations of ingress-nginx.
    """
    parts = list(several)
    found = Manifests(
        tuple(each for part in parts for each in part.ingresses),
        tuple(each for part in parts for each in part.config_maps),
        tuple(each for part in parts for each in part.controllers),
        tuple(each for part in parts for each in part.secrets),
        tuple(each for part in parts for each in part.warnings),
    )
    errors = _twice(found)
    if errors:
        raise Refusal(errors)
    return replace(found, controllers=tuple(_with_headers(each, found) for each in found.controllers))


# --- texts ---


@contextmanager
def _without_collector() -> Iterator[None]:
    """No garbage collection: it would look through the growing tree again and again, half of the time
    (measured with 500 Ingresses), and find nothing.
    """
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _text(source: Source) -> tuple[str, int]:
    """The text, and at which byte it begins."""
    data = source.data
    if len(data) > MAX_BYTES:
        raise Refusal(
            Diagnostic("S2W107", f"the input has more than {MAX_BYTES >> 20} MiB", source.span(0, 0))
        )
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Refusal(
            Diagnostic(
                "S2W105",
                "the input is not UTF-8 text but UTF-16",
                source.span(0, 2),
                reason="that is what PowerShell writes with >",
                help="kubectl … | Out-File -Encoding utf8 FILE, or iconv -f UTF-16 -t UTF-8",
            )
        )
    base = len(_BOM) if data.startswith(_BOM) else 0
    try:
        return data[base:].decode("utf-8"), base
    except UnicodeDecodeError as error:
        start = base + error.start
        raise Refusal(
            Diagnostic(
                "S2W105",
                "the input is not UTF-8 text",
                source.span(start, start + 1),
                reason="the byte under the caret begins no UTF-8 character",
                help="convert the file (iconv -t UTF-8)",
            )
        ) from None


def _documents(source: Source, text: str, base: int) -> list[Node]:
    """The documents of a file."""
    json_refusal: Refusal | None = None
    if _JSON.match(source.data):
        try:
            return jsontree.documents(source, text, base)
        except Refusal as refusal:
            json_refusal = refusal
    if json_refusal is not None and PurePath(source.name).suffix.lower() == ".json":
        raise json_refusal
    try:
        return yamltree.documents(source, text, base)
    except Refusal as refusal:
        template = TEMPLATE.search(text)
        if json_refusal is not None or template is None:
            raise (json_refusal or refusal) from None
    start = base + len(text[: template.start()].encode())
    raise Refusal(
        Diagnostic(
            "S2W123",
            "this is a template that Helm has not filled in",
            source.span(start, start + len(template[0].encode())),
            help=TEMPLATE_HELP,
        )
    )


def _hide_secrets(source: Source, refusal: Refusal) -> None:
    """Keeps a message about text that can't be read from showing a line of a Secret."""
    if not _SECRET.search(source.data):
        return
    for diagnostic in refusal.diagnostics:
        if diagnostic.span is not None:
            line, column = source.line_column(diagnostic.span.start)
            start = diagnostic.span.start - column + 1
            source.hide(start, start + len(source.line_text(line)))


# --- what belongs together ---


def _is_controller(found: ConfigMap, objects: Objects) -> bool:
    """Whether a ConfigMap is ingress-nginx's own: by its name, or by what it holds. Some settings (`plugins`)
    are words that others use, too.
    """
    if _CONTROLLERS.fullmatch(found.name):
        return True
    own = settings.load().known & found.data.keys()
    if any(key.endswith("-snippet") or key == "allow-snippet-annotations" for key in own):
        return True
    named = objects.labels[id(found)] == "ingress-nginx" or "nginx" in found.name or "ingress" in found.name
    return len(own) >= (1 if named else 2) and len(own) * 2 > len(found.data)


def _controller(found: ConfigMap) -> Controller:
    return Controller(found.span, found.namespace, found.data)


def _with_headers(controller: Controller, found: Manifests) -> Controller:
    """With the headers of the ConfigMaps that its settings name."""
    by_name = {f"{each.namespace}/{each.name}": each.data for each in found.config_maps}
    add, proxy = (
        by_name.get(setting.value.strip()) if (setting := controller.setting(key)) is not None else None
        for key in ("add-headers", "proxy-set-headers")
    )
    return replace(
        controller,
        add_headers=controller.add_headers if controller.add_headers is not None else add,
        proxy_set_headers=controller.proxy_set_headers if controller.proxy_set_headers is not None else proxy,
    )


def _twice(found: Manifests) -> list[Diagnostic]:
    """Objects that are there twice, and a second configuration of ingress-nginx."""
    errors: list[Diagnostic] = []
    for kind, several in (
        ("Ingress", [each for each in found.ingresses if not each.from_values]),
        ("ConfigMap", found.config_maps),
        ("Secret", found.secrets),
    ):
        seen: dict[str, Ingress | ConfigMap | Secret] = {}
        for each in several:
            name = f"{each.namespace}/{each.name}"
            first = seen.setdefault(name, each)
            if first is not each:
                place = first.span.outermost()
                errors.append(
                    Diagnostic(
                        "S2W126",
                        f"the {kind} {name} is there twice",
                        each.span,
                        reason=f"the first is in {place.source.name}:{place.line}",
                        help="give each object once; files of several clusters are compiled one by one",
                    )
                )
    errors += [
        Diagnostic(
            "S2W126",
            "a second configuration of ingress-nginx",
            each.span,
            reason="the files of one call are one cluster with one controller",
            help="give the ConfigMap of the controller that serves these Ingresses alone",
        )
        for each in found.controllers[1:]
    ]
    return errors
