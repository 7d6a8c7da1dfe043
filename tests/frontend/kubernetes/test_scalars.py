"""Scalars: what a file's bytes stand for is what pyyaml (with and without libyaml) and json make of them, and
each byte of the value comes from the byte of the file that it maps to.
"""

from __future__ import annotations

import json
import random
import re

import pytest
import yaml

from snippet2wasm.frontend.kubernetes import jsontree, scalars, yamltree
from snippet2wasm.frontend.kubernetes.nodes import STRING, Mapping, Offsets, Scalar
from snippet2wasm.source import Source

SEED = 20261122
WANTED = 2000  # scalars of each kind of reader
CHARACTERS = [
    *("a", "b", " ", "  ", "\t", "\n", "\n\n", "\r\n", "\r", "é", "\u2028", "\x85", "😀", "'", '"', "\\"),
    *("#", " #", ":", ": ", "-", "{", "}", "|", "%", "&", "!", "\ufeff", "\xa0"),
]
WORDS = ["a", "b c", " ", "\t", "é", "#", "- x", ":", "\u2028x", "\x85  z"]
ESCAPES = [
    *(
        r"\n",
        r"\t",
        r"\x41",
        r"\u00e9",
        r"\U0001F600",
        r"\L",
        r"\_",
        r"\"",
        r"\\",
        r"\/",
        r"\ ",
        r"\e",
        r"\0",
    ),
    *(r"\N", r"\P", "\\\n   ", "\\\r\n"),
]


def characters(chooser: random.Random) -> str:
    return "".join(chooser.choice(CHARACTERS) for _ in range(chooser.randrange(25)))


def block(chooser: random.Random) -> str:
    """A block scalar, with all that its header and its lines may have."""
    header = chooser.choice("|>") + chooser.choice(["", "", "+", "-", "2", "4", "2-", "+1", "3+"])
    indentation = chooser.choice(["  ", "    ", " ", "   "])
    line_end = chooser.choice(["\n", "\r\n", "\n"])
    lines = []
    for _ in range(chooser.randrange(8)):
        text = "".join(chooser.choice(WORDS) for _ in range(chooser.randrange(5)))
        blank = not text.strip() and chooser.random() < 0.5
        spaces = chooser.choice(["", " ", indentation + " "]) if blank else indentation
        lines.append(spaces + (chooser.choice(["", "", "", " ", "  "]) if text else "") + text)
    end = chooser.choice(["", line_end, line_end * 2, line_end + " " + line_end])
    return header + chooser.choice(["", " # c", "  "]) + line_end + line_end.join(lines) + end


def quoted(chooser: random.Random) -> str:
    parts = [
        chooser.choice(ESCAPES if chooser.random() < 0.4 else CHARACTERS[:14])
        for _ in range(chooser.randrange(20))
    ]
    return '"' + "".join(parts).replace("\n", "\n  ") + '"'


def document(chooser: random.Random) -> str:
    """A mapping with the scalar `k` and, maybe, something around it. Not each is YAML."""
    form = chooser.choice(["block", "single", "double", "plain"])
    if form == "block":
        text = block(chooser)
    elif form == "single":
        text = "'" + characters(chooser).replace("'", "''").replace("\n", "\n  ") + "'"
    elif form == "double":
        text = quoted(chooser)
    else:
        text = "a" + characters(chooser).replace("\n", "\n  ")
    tail = chooser.choice(["", "\n", "\nb: c\n", "\n# x\n"])
    if text.endswith(("\n", "\r")):
        tail = tail[1:]
    front = chooser.choice(["", "x: y\n", "# é\n"])
    properties = chooser.choice(["", "", "", "&a ", "!!str ", "&a\n  "])
    return f"{front}k: {properties}{text}{tail}"


# What a character of a value may stand for, besides itself.
STANDS = re.compile(
    rb"\\(?:x[0-9a-fA-F]{2}|u[0-9a-fA-F]{4}(?:\\u[dD][0-9a-fA-F]{3})?|U[0-9a-fA-F]{8}|[^xuU\r\n])|\r\n|[\r\n]|\xc2\x85|''"
)


def check_mapping(data: bytes, value: scalars.Value) -> None:
    """Each character comes from itself, or from all of an escape, a line end or a doubled quote; one comes behind
    the other.
    """
    source = Source("k.yaml", data).child(value.data, value.mapping, wide=value.wide)
    heres = [here for here, _ in value.mapping]
    assert heres == sorted(set(heres))
    offset = behind = 0
    for character in value.data.decode():
        own = character.encode()
        place = source.span(offset, offset + len(own)).outermost()
        there = data[place.start : place.end]
        assert there == own or STANDS.fullmatch(there), (data, value, offset)
        if there.startswith(b"\\") and there != own:
            wanted = json.loads(b'"%s"' % there) if b"u" in there[:2] else yaml.safe_load(b'"%s"' % there)
            assert re.sub("[\ud800-\udfff]", "\ufffd", wanted) == character
        assert place.start >= behind
        offset, behind = offset + len(own), place.end


@pytest.mark.parametrize("loader", [yaml.CSafeLoader, yaml.SafeLoader])
def test_scalars_of_yaml(loader: type[yaml.SafeLoader]) -> None:
    chooser = random.Random(SEED)
    styles: dict[str, int] = {}
    while sum(styles.values()) < WANTED:
        text = document(chooser)
        try:
            root = yaml.compose(text, Loader=loader)
        except yaml.YAMLError:
            continue
        if not isinstance(root, yaml.MappingNode):
            continue
        data, offset = text.encode(), Offsets(text, 0)
        for key, node in root.value:
            if key.value == "k" and isinstance(node, yaml.ScalarNode):
                start, end = offset(node.start_mark.index), offset(node.end_mark.index)
                scalar = Scalar(start, end, node.value, node.style or "", STRING)
                value = scalars.unquoted(data, scalar, node.value.encode())
                assert value.data == node.value.encode(), text
                check_mapping(data, value)
                styles[scalar.style] = styles.get(scalar.style, 0) + 1
    assert min(styles[style] for style in ("|", ">", "'", '"', "")) > WANTED // 20


def test_nodes_of_yaml_are_those_of_pyyaml() -> None:
    chooser = random.Random(SEED + 1)
    compared = 0
    while compared < WANTED:
        text = "- " + "\n- ".join(document(chooser).replace("\n", "\n  ") for _ in range(2)) + "\n"
        try:
            wanted = [each for _, each in walked(yaml.compose(text, Loader=yaml.SafeLoader))]
        except yaml.YAMLError:
            continue
        source = Source("k.yaml", text.encode())
        found = scalars_of(yamltree.documents(source, text, 0)[0])
        assert found == wanted
        compared += len(wanted)


def walked(node: yaml.Node) -> list[tuple[int, str]]:
    """The values of a tree, by place; of pyyaml's."""
    if isinstance(node, yaml.ScalarNode):
        return [(node.start_mark.index, node.value)]
    parts = (
        node.value if isinstance(node, yaml.SequenceNode) else [each for pair in node.value for each in pair]
    )
    return [each for part in parts for each in walked(part)]


def scalars_of(node: object) -> list[str]:
    """The same of ours; the keys of a mapping stand before their values."""
    if isinstance(node, Scalar):
        return [node.value]
    if isinstance(node, Mapping):
        pairs = [[key, entry] for key, entry in node.entries.values()]
        return [each for pair in pairs for part in pair for each in scalars_of(part)]
    return [each for part in getattr(node, "items", []) for each in scalars_of(part)]


JSON_PARTS = [
    *("a", " ", "é", "😀", "\u2028", "\x7f", "/"),
    *(r"\n", r"\"", r"\\", r"\/", r"\u00e9", r"\uD83D\uDE00", r"\ud83d", r"\udE00", r"\u0000", r"\b", r"\f"),
]


def test_strings_of_json() -> None:
    chooser = random.Random(SEED)
    for _ in range(WANTED):
        text = '{"k": "' + "".join(chooser.choice(JSON_PARTS) for _ in range(chooser.randrange(12))) + '"}'
        wanted = re.sub("[\ud800-\udfff]", "\ufffd", json.loads(text)["k"])
        source = Source("k.json", text.encode())
        [root] = jsontree.documents(source, text, 0)
        assert isinstance(root, Mapping)
        scalar = root.entries["k"][1]
        assert isinstance(scalar, Scalar)
        assert scalar.value == wanted
        value = scalars.unquoted(source.data, scalar, wanted.encode())
        assert value.data.decode() == wanted
        check_mapping(source.data, value)


def test_a_value_that_is_not_what_the_bytes_say_maps_to_the_scalar() -> None:
    # Helm writes a boolean in another way.
    value = scalars.value_of(b"k: yes", Scalar(3, 6, "yes", "", "boolean"), "true")
    assert value.data == b"true"
    child = Source("", b"k: yes").child(value.data, value.mapping)
    assert [child.to_parent(offset) for offset in range(4)] == [3] * 4


# What sigs.k8s.io/yaml (the reader of kubectl and of the API server) makes of a plain scalar.
KINDS = {
    "string": "a 1.2.3 1:30 2020-01-01 2020-01-01T00:00:00Z 1e = << 0x 1h --- 8m + . e3 0b2 yess nUll _1 0o8 +y Y.",
    "boolean": "y Y n N yes Yes YES no true True TRUE false on On ON off Off OFF",
    "number": "1 -1 +1 014 0o14 0x1f 0b11 1_000 .5 5. 1e3 12e03 1.5E-3 0_1 -0x1f 089 1__0 +.5 1e+5 0O7 .5_0 12345678901234567890 .inf -.INF .nan",
    "null": "~ null Null NULL",
}


@pytest.mark.parametrize(("kind", "text"), [(kind, text) for kind in KINDS for text in KINDS[kind].split()])
def test_plain_scalars_are_what_kubernetes_takes_them_for(kind: str, text: str) -> None:
    assert yamltree.kind_of(text) == kind
