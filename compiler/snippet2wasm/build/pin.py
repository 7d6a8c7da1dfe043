"""Write an image's name and digest into a WasmPlugin manifest, leaving every other byte as it is."""

from __future__ import annotations

from typing import Any

import yaml

from snippet2wasm.build.errors import ManifestError

_KIND = "WasmPlugin"


def pin_image(text: str, url: str, sha256: str) -> str:
    """The manifest with `spec.url` and `spec.sha256` set; a missing `sha256` goes on the line below `url`.

    Args:
        text: YAML, one or more documents, exactly one of them a WasmPlugin with a `spec.url`.
        url: `oci://…`
        sha256: the image's digest, 64 hexadecimal digits.

    Raises:
        ManifestError: it is not such a text, or so written that it can't be edited in place.
    """
    spec = _spec(text)
    entries = _entries(spec)
    if "url" not in entries:
        raise ManifestError(f"the {_KIND} has no spec.url", f"add it: url: {url}")
    digest = f'"{sha256}"'  # quoted: sixty-four digits may be a number for YAML
    key, value = entries["url"]
    edits = [_replacement(value, url)]
    if "sha256" in entries:
        edits.append(_replacement(entries["sha256"][1], digest))
    elif spec.flow_style:
        edits.append((value.end_mark.index, value.end_mark.index, f", sha256: {digest}"))
    else:
        edits.append(
            _line_below(text, value.end_mark.index, f"{' ' * key.start_mark.column}sha256: {digest}")
        )
    edited = text
    for start, end, new in sorted(edits, reverse=True):
        edited = edited[:start] + new + edited[end:]
    _check(text, edited, url, sha256)
    return edited


# A replacement of text[start:end].
_Edit = tuple[int, int, str]


def _spec(text: str) -> yaml.MappingNode:
    """The `spec` of the only WasmPlugin in text."""
    try:
        documents = list(yaml.compose_all(text, Loader=yaml.SafeLoader))
    except yaml.YAMLError as error:
        raise ManifestError(f"it is not YAML: {error}") from error
    found = [_entries(document) for document in documents if isinstance(document, yaml.MappingNode)]
    plugins = [entries for entries in found if "kind" in entries and entries["kind"][1].value == _KIND]
    if len(plugins) != 1:
        raise ManifestError(f"it must hold one {_KIND} and holds {len(plugins)}")
    spec = plugins[0]["spec"][1] if "spec" in plugins[0] else None
    if not isinstance(spec, yaml.MappingNode):
        raise ManifestError(f"the {_KIND} has no spec")
    return spec


def _entries(mapping: yaml.MappingNode) -> dict[str, tuple[yaml.ScalarNode, yaml.Node]]:
    """The keys and values of a mapping, by key; other keys than scalars are of no interest."""
    return {key.value: (key, value) for key, value in mapping.value if isinstance(key, yaml.ScalarNode)}


def _replacement(node: yaml.Node, new: str) -> _Edit:
    # An empty value stands directly behind the colon, which wants a space.
    empty = node.start_mark.index == node.end_mark.index
    return (node.start_mark.index, node.end_mark.index, f" {new}" if empty else new)


def _line_below(text: str, position: int, line: str) -> _Edit:
    """Insert a line below the one that position is in."""
    end = text.find("\n", position)
    if end < 0:
        return (len(text), len(text), f"\n{line}")
    line_end = "\r\n" if text[end - 1] == "\r" else "\n"
    return (end + 1, end + 1, line + line_end)


def _check(before: str, after: str, url: str, sha256: str) -> None:
    """Check that the edit changed what it should and nothing else: aliases and anchors can spoil it."""
    try:
        expected = _load(before)
        for document in expected:
            if isinstance(document, dict) and document.get("kind") == _KIND:
                document["spec"].update(url=url, sha256=sha256)
        same = _load(after) == expected
    except yaml.YAMLError:
        same = False
    if not same:
        raise ManifestError(
            "url and sha256 can't be replaced in place",
            f'write them yourself: url: {url}, sha256: "{sha256}"',
        )


def _load(text: str) -> list[Any]:
    return list(yaml.safe_load_all(text))
