"""What the compiler accepts behaves as in nginx: data/snippets, in real nginx and as plugins in real Envoy.

A file is one plugin. It holds either `questions`, which become the arms of one handler and are chosen by the
request header `x-question`, or `conf`: nginx text, with requests of its own.

    phase: access                        # or rewrite; access unless given
    lib: |                               # Lua that runs first, as --with gives it; optional
    head: |                              # Lua in front of the questions; optional
    modules: {my.utils: "…"}             # the project's own modules; optional
    files: {rules.json: "…"}             # files that the Lua reads; optional
    bound_files: {geo.txt: {config: k}}  # what the bindings file says of others; optional
    environment: {NAME: "…"}             # variables of nginx's environment; optional
    globals: {secret_key: "…"}           # values from the plugin's configuration; optional
    location: |                          # directives for nginx's location, as ingress-nginx has them; optional
    variables: {user_id: {set: ""}}      # nginx's, that a bindings file declares; optional
    lifted: {redisPassword: "…"}         # configuration in the place of secret literals of the Lua; optional
    dicts: {limit: 1m}                   # shared dicts and their sizes; optional
    redis_timeout: 300                   # milliseconds, if Redis is slow in a question; optional
    later: 0.05                          # seconds after each answer in which timers run; optional
    questions:
      name:
        lua: |                           # what nginx runs
        requests:                        # one of "/" unless given
          - "/?a=1"
          - {target: /, method: POST, headers: [[x-a, b]], body: "…", times: 9, redis: refused}   # the body 9 times
        expect: [200, "text in the log"] # status (null: no answer) and log of the first request; optional
    refused:
      name: {lua: "…", code: S2W301}     # what the compiler has to refuse, and with which diagnostic

In the place of `lua`, a question may have a text for each of several phases: `access`, `content`,
`header_filter`, `body_filter`, `log`; then so have all questions of the file, and the phases of any of them
are the plugin's. `answer: {status: 404, headers: [[a, b]], body: [piece, piece]}` of a request says what the
upstream answers.

A request with `differs: NAME` is one that the plugin does not treat as nginx does, for the reason that
docs/differences.md gives in its row NAME.

`expect` says once in full what nginx does, so that both sides cannot be wrong alike. `redis` of a request is
up, refused, slow or {error: TEXT}. To run one question: pytest -k 'FILE and QUESTION'; only that plugin is
built.
"""

from __future__ import annotations

import contextlib
import json
import shlex
import time
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
import yaml

from snippet2wasm import catalogue
from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.build.errors import BuildError
from snippet2wasm.compiler import Compilation, Options, compile_text
from snippet2wasm.diagnostics import Refusal, Severity
from snippet2wasm.frontend import nginx as nginx_text
from snippet2wasm.ir.nodes import Phase
from snippet2wasm.lower.nginx import LuaText, Parts, collect
from snippet2wasm.source import Source
from snippet2wasm.verify.client import Request
from snippet2wasm.verify.compare import Observation, differences
from snippet2wasm.verify.gateway import EnvoyGateway, Json, Plugin
from snippet2wasm.verify.nginx import LuaBlock, ReferenceNginx, Site
from snippet2wasm.verify.observe import GatewaySubject, NginxSubject, Surroundings, observe
from snippet2wasm.verify.redis import Disturbance, RedisServer
from snippet2wasm.verify.sides import INGRESS_DIRECTIVES
from snippet2wasm.verify.site import site_of
from snippet2wasm.verify.upstream import ANSWER

DATA = Path(__file__).parent / "data" / "snippets"
DIFFERENCES = Path(__file__).parents[2] / "docs" / "differences.md"
HOST = "device.example"
SELECTOR = "x-question"
REDIS = "redis.internal:6379"
CLUSTER = "webdis|6379|redis.internal"
SERVICE = ("service.internal", 8080)
"""The host and port of an HTTP service that snippets call: the upstream; see support/service.py."""
NOWHERE = ("nowhere.internal", 80)
"""The same of one that is not there."""
BUILDERS = 2
PHASES = {phase.value for phase in Phase}
CONFIG_TYPES = {str: "string", int: "number", float: "number", bool: "boolean"}


@dataclass(frozen=True)
class Question:
    """One request to one plugin.

    Attributes:
        name: of the question in its file; "" in a file with `conf`.
        request: what is asked.
        redis: as in the file.
        expect: as in the file; empty for nothing.
        differs: the documented difference that shows; "" for none.
    """

    name: str
    request: Request
    redis: Any
    expect: tuple[Any, ...]
    differs: str


@dataclass(frozen=True)
class Snippet:
    """One file.

    Attributes:
        name: the file's, and the plugin's.
        source: what is compiled.
        raw: all of the file.
        questions: all requests, in order.
    """

    name: str
    source: Source
    raw: Mapping[str, Any] = field(repr=False)
    questions: tuple[Question, ...] = field(repr=False)


def load(path: Path) -> Snippet:
    """Reads a file."""
    raw = yaml.safe_load(path.read_text("utf-8"))
    entries = {"": raw} if "conf" in raw else raw["questions"]
    if "conf" in raw:
        source = Source("snippet.conf", raw["conf"].encode())
    elif PHASES & {key for entry in entries.values() for key in entry}:
        source = Source("snippet.conf", configuration_text(entries))
    else:
        source = Source("snippet.lua", handler(entries, raw.get("head", "")))
    questions = [
        _question(name, entry, asked, index == 0)
        for name, entry in entries.items()
        for index, asked in enumerate(entry.get("requests", ["/"]))
    ]
    return Snippet(path.stem, source, raw, tuple(questions))


def handler(questions: Mapping[str, Any], head: str = "") -> bytes:
    """The Lua of all questions, each in an arm of its own."""
    arms = [f'if question == "{name}" then\n{entry["lua"].rstrip()}\n' for name, entry in questions.items()]
    return f"{head}local question = ngx.var.http_x_question\n{'else'.join(arms)}end\n".encode()


def configuration_text(questions: Mapping[str, Any]) -> bytes:
    """The nginx text with the handlers of all questions, phase by phase."""
    handlers = []
    for phase in Phase:
        texts = {
            name: {"lua": entry[phase.value]} for name, entry in questions.items() if phase.value in entry
        }
        if texts:
            handlers.append(f"{phase.value}_by_lua_block {{\n{handler(texts).decode()}}}\n".encode())
    return b"location / {\n%b}\n" % b"".join(handlers)


def _question(name: str, entry: Mapping[str, Any], asked: Any, first: bool) -> Question:
    asked = {"target": asked} if isinstance(asked, str) else asked
    headers = [("host", asked.get("host", HOST))] + [(key, value) for key, value in asked.get("headers", [])]
    if name:
        headers.append((SELECTOR, name))
    if "answer" in asked:
        headers.append((ANSWER, json.dumps(asked["answer"])))
    request = Request(
        asked.get("method", "GET"),
        asked.get("target", "/"),
        tuple(headers),
        asked.get("body", "").encode("latin-1") * asked.get("times", 1),
    )
    expect = asked.get("expect", entry.get("expect", []) if first else [])
    redis = asked.get("redis", entry.get("redis", "up"))
    return Question(name, request, redis, tuple(expect), asked.get("differs", ""))


REPLIES = DATA / "redis-replies.yaml"
SNIPPETS = {path.stem: load(path) for path in sorted(DATA.glob("*.yaml")) if path != REPLIES}
CASES = [(snippet, question) for snippet in SNIPPETS.values() for question in snippet.questions]
REFUSED = [
    pytest.param(snippet, entry, id=f"{snippet.name} {name}")
    for snippet in SNIPPETS.values()
    for name, entry in snippet.raw.get("refused", {}).items()
]


def label(snippet: Snippet, question: Question) -> str:
    """A question's name in pytest's output."""
    request = question.request
    parts = [
        snippet.name,
        question.name,
        request.method if request.method != "GET" else "",
        request.target[:60],
    ]
    parts += [f"{name}={value[:40]}" for name, value in request.headers if name not in ("host", SELECTOR)]
    if question.redis != "up":
        parts.append(json.dumps(question.redis))
    return " ".join(part for part in parts if part).encode("ascii", "backslashreplace").decode()


def compiled(snippet: Snippet, folder: Path, source: Source | None = None) -> Compilation:
    """The compiled snippet, or another handler in its place; `folder` is for the files that it needs."""
    folder.mkdir(parents=True)
    libraries: tuple[Path, ...] = ()
    if "lib" in snippet.raw:
        libraries = (folder / "lib.lua",)
        libraries[0].write_text(snippet.raw["lib"], "utf-8")
    for name, text in snippet.raw.get("modules", {}).items():
        path = folder / f"{name.replace('.', '/')}.lua"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, "utf-8")
    bound = {
        name: {"config": name, "type": CONFIG_TYPES[type(value)]}
        for name, value in snippet.raw.get("globals", {}).items()
    }
    bindings = folder / "snippet2wasm.yaml"
    bound_too = {"variables": snippet.raw.get("variables", {}), "shared_dicts": snippet.raw.get("dicts", {})}
    bound_too["files"] = snippet.raw.get("bound_files", {})
    for name, text in snippet.raw.get("files", {}).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, "utf-8", newline="")
    bindings.write_text(yaml.safe_dump({"globals": bound, **bound_too}), "utf-8")
    phase = Phase(snippet.raw.get("phase", "access"))
    options = Options(snippet.name, phase, "envoy", bindings, libraries)
    return compile_text(source or snippet.source, folder, options)


def built(snippet: Snippet, folder: Path) -> Path:
    """The snippet's plugin.wasm."""
    write(compiled(snippet, folder / "input").files(), folder / "project", force=False)
    return build(folder / "project", "local").path


def configuration(snippet: Snippet) -> Json:
    """The plugin's configuration."""
    found: dict[str, Json] = {**snippet.raw.get("globals", {}), **snippet.raw.get("lifted", {})}
    found.update({f"env.{name}": value for name, value in snippet.raw.get("environment", {}).items()})
    if "redis_timeout" in snippet.raw:
        found["redis"] = {REDIS: {"timeout": snippet.raw["redis_timeout"]}}
    return found


def site(snippet: Snippet, behind: Surroundings) -> Site:
    """What nginx serves."""
    if snippet.source.name.endswith(".conf"):
        parts = collect(nginx_text.parse(snippet.source))
    else:
        directive = f"{snippet.raw.get('phase', 'access')}_by_lua"
        whole = snippet.source.span(0, len(snippet.source.data))
        text = LuaText(f"{directive}_block", snippet.source, "", f"{directive}(snippet.lua:1)", whole)
        parts = Parts(handlers={Phase(snippet.raw.get("phase", "access")): text})
    found = site_of(parts, DATA, {})
    libraries = [*found.libraries, LuaBlock(_lua_globals(snippet), "globals")]
    if "lib" in snippet.raw:
        libraries.append(LuaBlock(snippet.raw["lib"].encode().decode("latin-1"), "lib.lua"))
    dicts = [f"lua_shared_dict {name} {size};" for name, size in snippet.raw.get("dicts", {}).items()]
    if found.http_directives:
        dicts.append(found.http_directives)
    variables = snippet.raw.get("variables", {})
    declared = [f'set ${name} "{each["set"]}";' for name, each in variables.items()]
    return replace(
        found,
        # $request_id is in use elsewhere in ingress-nginx: else each read gives another one.
        http_directives="\n".join((INGRESS_DIRECTIVES, "map $request_id $unused { default 1; }", *dicts)),
        location_directives=snippet.raw.get("location", ""),
        server_directives="\n".join([*declared, found.server_directives]),
        upstream=behind.upstream.address,
        libraries=libraries,
        modules={
            name: LuaBlock(text.encode().decode("latin-1"), f"{name.replace('.', '/')}.lua")
            for name, text in snippet.raw.get("modules", {}).items()
        },
        files={name: text.encode() for name, text in _texts(snippet).items()},
        environment=snippet.raw.get("environment", {}),
        redis={REDIS: behind.proxy.address},
        http={_text(SERVICE): behind.upstream.address, _text(NOWHERE): ("127.0.0.1", 1)},
        redis_timeout_ms=snippet.raw.get("redis_timeout"),
    )


def _texts(snippet: Snippet) -> Mapping[str, str]:
    """The files that the Lua reads; of those that the configuration has, by their keys."""
    bound = {
        name: snippet.raw["lifted"][each["config"]]
        for name, each in snippet.raw.get("bound_files", {}).items()
        if "config" in each
    }
    return {**snippet.raw.get("files", {}), **bound}


def _text(address: tuple[str, int]) -> str:
    return f"{address[0]}:{address[1]}"


def _clusters(behind: Surroundings) -> dict[str, tuple[str, int] | None]:
    """What plugins call, by the names that they have for it."""
    return {
        CLUSTER: behind.webdis.address,
        f"http|{SERVICE[1]}|{SERVICE[0]}": behind.upstream.address,
        f"http|{NOWHERE[1]}|{NOWHERE[0]}": ("127.0.0.1", 1),
    }


def _lua_globals(snippet: Snippet) -> str:
    """Lua that sets what the plugin has from its configuration; JSON's scalars are Lua's, too."""
    return "\n".join(
        f"{name} = {json.dumps(value)}" for name, value in snippet.raw.get("globals", {}).items()
    )


@dataclass(frozen=True)
class Servers:
    """An nginx for each snippet, started when first asked for, and one gateway with all plugins."""

    gateway: EnvoyGateway
    failures: Mapping[str, Exception]
    behind: Surroundings
    stack: contextlib.ExitStack
    references: dict[str, ReferenceNginx] = field(default_factory=dict)

    def nginx(self, snippet: Snippet) -> NginxSubject:
        """The reference that runs the snippet."""
        if snippet.name not in self.references:
            log_level = "debug" if snippet.raw.get("debug") else "info"
            server = ReferenceNginx(site(snippet, self.behind), log_level=log_level)
            self.references[snippet.name] = self.stack.enter_context(server)
        return NginxSubject(self.references[snippet.name])

    def plugin(self, snippet: Snippet) -> GatewaySubject:
        """The plugin that was made of the snippet.

        Raises:
            Refusal, BuildError: it could not be made.
        """
        if snippet.name in self.failures:
            raise self.failures[snippet.name]
        return GatewaySubject(self.gateway, snippet.name)


@pytest.fixture(scope="module")
def servers(
    request: pytest.FixtureRequest,
    started_surroundings: Surroundings,
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[Servers]:
    """The servers for the snippets whose questions were selected."""
    wanted = {name for item in request.session.items if (name := _asked(item))}
    chosen = [snippet for name, snippet in SNIPPETS.items() if name in wanted]
    folder = tmp_path_factory.mktemp("snippets")
    failures: dict[str, Exception] = {}

    def plugin(snippet: Snippet) -> Plugin:
        module = None
        try:
            module = built(snippet, folder / snippet.name)
        except (Refusal, BuildError) as failure:
            failures[snippet.name] = failure
        return Plugin(snippet.name, module, configuration(snippet))

    with ThreadPoolExecutor(BUILDERS) as pool:
        plugins = list(pool.map(plugin, chosen))
    behind = started_surroundings
    with contextlib.ExitStack() as stack:
        gateway = EnvoyGateway(plugins, behind.upstream.address, clusters=_clusters(behind))
        yield Servers(stack.enter_context(gateway), failures, behind, stack)


def _asked(item: pytest.Item) -> str:
    """The snippet that a test asks; "" for none."""
    if isinstance(item, pytest.Function) and item.originalname == "test_question":
        match item.callspec.params["case"]:
            case (Snippet(name=name), Question()):
                return name
    return ""


@contextlib.contextmanager
def disturbed(surroundings: Surroundings, snippet: Snippet, redis: Any) -> Iterator[None]:
    """Redis in the state that a request asks for."""
    if redis == "refused":
        with surroundings.redis_down():
            yield
        return
    if redis == "slow":
        surroundings.proxy.disturbance = Disturbance(delay=3 * snippet.raw["redis_timeout"] / 1000)
    elif redis != "up":
        surroundings.proxy.disturbance = Disturbance(instead=f"-{redis['error']}\r\n".encode())
    yield


@pytest.mark.parametrize("case", CASES, ids=[label(*case) for case in CASES])
def test_question(servers: Servers, surroundings: Surroundings, case: tuple[Snippet, Question]) -> None:
    snippet, question = case
    nginx, plugin = _observed(servers, surroundings, snippet, question)
    found = [str(each) for each in differences(nginx, plugin)]
    if question.differs:
        assert found
        assert f"| {question.differs} |" in DIFFERENCES.read_text("utf-8")
    else:
        assert not found, "\n".join(found)
    if question.expect:
        status, *texts = question.expect
        assert (nginx.response and nginx.response.status) == status
        assert [text for text in texts if not _logged(nginx, text)] == []


def _observed(
    servers: Servers, surroundings: Surroundings, snippet: Snippet, question: Question
) -> tuple[Observation, Observation]:
    """What nginx and the plugin do; timers that are late on a busy machine get a second chance."""
    later = snippet.raw.get("later", 0)
    with disturbed(surroundings, snippet, question.redis):
        for wait in (later, 1.0):
            nginx, plugin = (
                observe(subject, surroundings, question.request, later=wait)
                for subject in (servers.nginx(snippet), servers.plugin(snippet))
            )
            if not later or not differences(nginx, plugin):
                break
            time.sleep(1.0)  # what is still on its way is not the next one's
    return nginx, plugin


def _logged(observation: Observation, text: str) -> bool:
    return any(text in line.text for line in observation.log if line.origin != "core")


@pytest.mark.parametrize(("snippet", "entry"), REFUSED)
def test_refused(snippet: Snippet, entry: Mapping[str, Any], tmp_path: Path) -> None:
    with pytest.raises(Refusal) as refusal:
        compiled(snippet, tmp_path / "input", Source("snippet.lua", entry["lua"].encode())).files()
    errors = [each for each in refusal.value.diagnostics if each.severity is Severity.ERROR]
    assert [diagnostic.code for diagnostic in errors] == [entry["code"]]


def test_every_question_is_told_apart() -> None:
    """A bare `pytest -k` finds each; nginx would quietly take the first of two arms with one name."""
    for snippet in SNIPPETS.values():
        for name, entry in snippet.raw.get("questions", {}).items():
            assert {*entry} <= {"lua", "requests", "expect", "redis", *PHASES}, (snippet.name, name)


def _kind(reply: object) -> str:
    """The Lua type that lua-resty-redis makes of a reply."""
    kinds: dict[type, str] = {type(None): "null", bytes: "string", int: "number", list: "table"}
    return kinds[type(reply)]


def test_replies_of_redis_are_of_the_catalogue_s_kinds(redis: RedisServer) -> None:
    data = yaml.safe_load(REPLIES.read_text("utf-8"))
    entries = catalogue.load().entries
    missing = []
    for name, sequences in data["replies"].items():
        for sequence in sequences:
            redis.clear()
            commands = [shlex.split(command) for command in sequence.split(";")]
            assert commands[-1][0] == name
            for command in commands[:-1]:
                redis.call(*command)
            kind = _kind(redis.call(*commands[-1]))
            if kind not in entries[f"redis:{name}"].results[0]:
                missing.append(f"{sequence}: {kind}")
    assert missing == []


def test_every_command_of_the_catalogue_is_tried_or_excused() -> None:
    data = yaml.safe_load(REPLIES.read_text("utf-8"))
    own = {
        "connect",
        "set_timeout",
        "set_timeouts",
        "set_keepalive",
        "get_reused_times",
        "close",
        "auth",
        "select",
    }
    own |= {"init_pipeline", "cancel_pipeline", "commit_pipeline", "array_to_hash", "*"}
    entries = catalogue.load().entries
    commands = {
        name.removeprefix("redis:")
        for name in entries
        if name.startswith("redis:") and not entries[name].refused
    }
    assert {*data["replies"], *data["not_tried"]} == commands - own
    assert not {*data["replies"]} & {*data["not_tried"]}
