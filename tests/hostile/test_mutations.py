"""Whatever the input is, compiling it ends soon, with a project or with diagnostics."""

from __future__ import annotations

import random
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
import yaml

from compile import cases
from hostile.programs import program
from snippet2wasm import naming
from snippet2wasm.compiler import Options, compile_text
from snippet2wasm.diagnostics import Refusal, render_text, to_json
from snippet2wasm.frontend import lua_tokens
from snippet2wasm.source import Source

SEED = 20261121
ROOT = Path(__file__).parents[2]
HEARTBEAT = ROOT / "examples" / "device-heartbeat"
HANDLERS = ROOT / "tests" / "handlers"
SNIPPETS = ROOT / "tests" / "behaviour" / "data" / "snippets"
LONGEST_SECONDS = 10.0
BINDINGS = b"""globals:
  secret_key: {config: aesKey, type: string, secret: true}
  limit: {config: limit, type: number}
  aes_decrypt: {lua: aes.lua}
  debug_mode: {nil: true}
  hook: {go: ./hooks}
"""


@dataclass(frozen=True)
class Input:
    """What is given to the compiler: a text with its file name, and a bindings file."""

    name: str
    text: bytes
    bindings: bytes = BINDINGS


def lua_inputs() -> Iterator[Input]:
    """Handlers: the example's, the compile cases' and random ones."""
    yield Input("snippet.lua", (HEARTBEAT / "snippet.lua").read_bytes())
    for path in sorted(cases.DATA.glob("*.test")):
        for case in cases.load(path):
            name = "snippet.conf" if case.name.startswith("nginx") else "snippet.lua"
            yield Input(
                name, case.sections["input"].encode(), case.sections.get("bindings", "").encode() or BINDINGS
            )
    for path in sorted(SNIPPETS.glob("*.yaml")):
        for entry in yaml.safe_load(path.read_text("utf-8")).get("questions", {}).values():
            if "lua" in entry:
                yield Input("snippet.lua", entry["lua"].encode())
    for seed in range(200):
        yield Input("snippet.lua", program(seed, redis=seed % 2 == 0).encode())


def nginx_inputs() -> Iterator[Input]:
    """nginx texts: the example's and those of the differential tests."""
    yield Input("nginx.conf", (HEARTBEAT / "nginx.conf").read_bytes())
    for path in sorted(SNIPPETS.glob("*.yaml")):
        text = yaml.safe_load(path.read_text("utf-8")).get("conf")
        if text:
            yield Input("nginx.conf", text.encode())


def binding_inputs() -> Iterator[Input]:
    """The heartbeat with several bindings files."""
    handler = (HEARTBEAT / "snippet.lua").read_bytes()
    for text in (
        BINDINGS,
        (HEARTBEAT / "snippet2wasm.yaml").read_bytes(),
        b"globals: {secret_key: {nil: true}}\n",
    ):
        yield Input("snippet.lua", handler, text)


def verdict(given: Input, folder: Path) -> str:
    """ "accepted", or the codes of the diagnostics."""
    bindings = folder / "snippet2wasm.yaml"
    bindings.write_bytes(given.bindings)
    options = Options("hostile", target="envoy", bindings=bindings)
    try:
        compile_text(Source(given.name, given.text), folder, options).files()
    except Refusal as refusal:
        for diagnostic in refusal.diagnostics:
            assert render_text(diagnostic)
            assert to_json(diagnostic)
        return " ".join(sorted({diagnostic.code for diagnostic in refusal.diagnostics}))
    return "accepted"


def lua_parts(text: bytes) -> list[bytes]:
    """The tokens of a Lua text; of what is none, words and characters."""
    try:
        return [text[t.start : t.end] for t in lua_tokens.scan(Source("L", text)) if t.end > t.start]
    except Refusal:
        return text_parts(text)


def text_parts(text: bytes) -> list[bytes]:
    """Words, blanks and single characters."""
    return re.findall(rb"\w+|\s+|[^\w\s]", text)


KEYWORDS = re.compile(
    rb"and|break|do|else|elseif|end|for|function|if|in|local|not|or|repeat|return|then|until|while"
)


KINDS = {"name": rb"[A-Za-z_]\w*", "number": rb"[\d.].*", "operator": rb"[-+*/%^<>=~]+|\.\."}


def word_kind(word: bytes) -> str:
    """What may stand in the place of a word: another of this kind."""
    if KEYWORDS.fullmatch(word):
        return word.decode()
    for kind, pattern in (
        ("name", rb"[A-Za-z_]\w*"),
        ("number", rb"[\d.].*"),
        ("operator", rb"[-+*/%^<>=~]+|\.\."),
    ):
        if re.fullmatch(pattern, word):
            return kind
    return "string" if word[:1] in (b'"', b"'", b"[") and len(word) > 1 else word.decode("latin-1")


def mutated(
    chooser: random.Random, text: bytes, words: list[bytes], parts_of: Callable[[bytes], list[bytes]]
) -> bytes:
    """The text cut, with a byte changed, with parts dropped, doubled, swapped, or replaced by words of other texts."""
    kind = chooser.random()
    if kind < 0.1:
        return text[: chooser.randrange(len(text) + 1)]
    if kind < 0.2:
        place = chooser.randrange(len(text) + 1)
        return text[:place] + bytes([chooser.randrange(256)]) + text[place + chooser.randrange(2) :]
    parts = parts_of(text)
    if not parts:
        return chooser.choice(words)
    blank = b" " if parts_of is lua_parts else b""
    if kind < 0.7:  # most texts stay as well formed as they were
        place = chooser.randrange(len(parts))
        parts[place] = chooser.choice(
            [word for word in sorted({*parts}) if word_kind(word) == word_kind(parts[place])]
        )
        return blank.join(parts)
    for _ in range(chooser.randrange(1, 4)):
        place, other = chooser.randrange(len(parts)), chooser.randrange(len(parts))
        match chooser.randrange(4):
            case 0:
                parts[place] = chooser.choice(words)
            case 1:
                parts.insert(place, chooser.choice(words))
            case 2:
                parts[place], parts[other] = parts[other], parts[place]
            case _ if len(parts) > 1:
                del parts[place]
    return blank.join(parts)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with the files that the inputs name."""
    (tmp_path / "aes.lua").write_bytes((HEARTBEAT / "aes.lua").read_bytes())
    (tmp_path / "hooks").mkdir()
    (tmp_path / "hooks" / "hooks.go").write_text("package hooks\n\nfunc Hook(s string) string { return s }\n")
    return tmp_path


def check(given: Input, folder: Path) -> str:
    """The verdict, which has to come soon and without any other exception."""
    began = time.monotonic()
    try:
        found = verdict(given, folder)
    except Exception as error:
        raise AssertionError(f"{given.name}:\n{given.text!r}\nbindings:\n{given.bindings!r}") from error
    assert time.monotonic() - began < LONGEST_SECONDS, given
    return found


def test_mutated_lua(folder: Path) -> None:
    chooser = random.Random(SEED)
    corpus = list(lua_inputs())
    words = sorted({word for given in corpus for word in lua_parts(given.text)})
    found = []
    for _ in range(3_000):
        given = chooser.choice(corpus)
        text = mutated(chooser, given.text, words, lua_parts)
        found.append(check(Input(given.name, text, given.bindings), folder))
    assert found.count("accepted") > 100
    assert len(set(found)) > 20


def test_mutated_nginx(folder: Path) -> None:
    chooser = random.Random(SEED)
    corpus = list(nginx_inputs())
    words = sorted({word for given in corpus for word in text_parts(given.text)})
    found = []
    for _ in range(500):
        text = mutated(chooser, chooser.choice(corpus).text, words, text_parts)
        found.append(check(Input("nginx.conf", text), folder))
    assert found.count("accepted") > 30
    assert len(set(found)) > 10


def test_mutated_bindings(folder: Path) -> None:
    chooser = random.Random(SEED)
    corpus = list(binding_inputs())
    words = sorted({word for given in corpus for word in text_parts(given.bindings)})
    words += [
        b"- ",
        b"{}",
        b"[]",
        b"~",
        b"1",
        b"true",
        b"!!python/object:os.system",
        b"&a",
        b"*a",
        b"<<",
        b"\x00",
        b"config",
    ]
    found = []
    for _ in range(400):
        given = chooser.choice(corpus)
        changed = mutated(chooser, given.bindings, words, text_parts)
        found.append(check(Input(given.name, given.text, changed), folder))
    assert len(set(found)) > 5


def test_mutated_projects(tmp_path: Path) -> None:
    chooser = random.Random(SEED)
    modules = sorted(HANDLERS.rglob("*.lua"))
    words = sorted({word for path in modules for word in lua_parts(path.read_bytes())})
    found = []
    for number in range(300):
        module = chooser.choice(modules)
        project = HANDLERS / module.relative_to(HANDLERS).parts[0]
        copy = tmp_path / str(number)
        shutil.copytree(project, copy)
        changed = copy / module.relative_to(project)
        changed.write_bytes(mutated(chooser, module.read_bytes(), words, lua_parts))
        conf = Input("nginx.conf", (copy / "nginx.conf").read_bytes(), b"{}\n")
        if (copy / naming.BINDINGS).exists():
            conf = Input(conf.name, conf.text, (copy / naming.BINDINGS).read_bytes())
        found.append(check(conf, copy))
    assert found.count("accepted") > 50
    assert len(set(found)) > 10


def test_every_cut_of_the_example(folder: Path) -> None:
    for name in ("snippet.lua", "nginx.conf"):
        text = (HEARTBEAT / name).read_bytes()
        for end in range(0, len(text), 7):
            check(Input(name, text[:end]), folder)
