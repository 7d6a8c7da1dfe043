"""A bundle of hundreds of units in real Envoy, each on a route of its own."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from bundle.conftest import inputs, match
from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.bundle import bundle, compile_all
from snippet2wasm.verify import client
from snippet2wasm.verify.client import Request, Response
from snippet2wasm.verify.gateway import EnvoyGateway, Json, Plugin
from snippet2wasm.verify.process import ServerError, wait_until
from snippet2wasm.verify.upstream import Upstream

COUNT = 500
SAME = range(100, 200)  # these units have the same code
DISABLED = 7
HOOKED = "hooked"
NAME = "shop"
HOOKS = """// Package hooks is the user's.
package hooks

// Check panics when it gets nothing.
func Check(text string) string {
	return text[:1]
}
"""


def source(number: int) -> str:
    """The Lua of a unit."""
    said = "same" if number in SAME else f"unit {number}"
    return (
        'local n = ngx.var.arg_n\nif n == "fail" then\n    n = n .. ngx.var.arg_absent\nend\n'
        f'ngx.log(ngx.WARN, "{said}")\nngx.say("{said}")\n'
    )


def texts() -> dict[str, str]:
    """The sources and bindings of all units, and what finds a bug in a hook."""
    found = {}
    for number in range(COUNT):
        found[f"unit-{number}.lua"] = source(number)
        found[f"unit-{number}.lua.yaml"] = match({"route": f"shop/unit-{number}"})
    found[f"{HOOKED}.lua"] = 'ngx.say(check(ngx.var.arg_n or ""))\n'
    found[f"{HOOKED}.lua.yaml"] = "globals: {check: {go: ./hooks}}\n" + match({"route": f"shop/{HOOKED}"})
    found["located.conf"] = (
        "server {\n  location /located {\n    access_by_lua_block { ngx.say('located') }\n  }\n}\n"
    )
    found["hosted.lua"] = "ngx.say('hosted')\n"
    found["hosted.lua.yaml"] = match({"host": "*.example.com", "location": "= /only"})
    found["idle.lua"] = "ngx.exit(403)\n"
    return found


@dataclass(frozen=True)
class Running:
    """The gateway and what stands behind it."""

    gateway: EnvoyGateway
    upstream: Upstream
    first: list[Response | None]
    project: Path

    def ask(self, target: str, host: str = "h") -> Response:
        answer = client.send(self.gateway.address(), Request("GET", target, (("host", host),)))
        assert answer is not None
        return answer

    def lines(self) -> list[str]:
        """What the plugin logged since the last reset."""
        self.gateway.settle()
        return [line.message for line in self.gateway.log() if line.plugin == NAME]

    def counted(self, name: str, what: str) -> int:
        """The value of a counter of the plugin."""
        stats = self.gateway.stats(f"snippet2wasm.unit.{name}.{what}")
        assert len(stats) <= 1
        return sum(stats.values())


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Running]:
    folder = tmp_path_factory.mktemp("bundle")
    (folder / "in" / "hooks").mkdir(parents=True)
    (folder / "in" / "hooks" / "hooks.go").write_text(HOOKS)
    made = bundle(NAME, "envoy", compile_all(inputs(folder / "in", texts(), "envoy")))
    write(made.files(), folder / "out", force=False)
    module = build(folder / "out", "local").path
    table: list[dict[str, Json]] = [
        {"name": each.unit.name, "match": [match.parts() for match in each.bindings.match]}
        for each in made.compilations
    ]
    table[DISABLED]["disabled"] = True
    for entry in table:
        if entry["name"] == "located":
            entry["match"] = [{"location": "/located"}]
    routes = {f"shop/unit-{number}": f"/{number}" for number in range(COUNT)}
    routes[f"shop/{HOOKED}"] = f"/{HOOKED}"
    plugin = Plugin(NAME, module, {"units": table}, routes=routes)
    with Upstream() as upstream, EnvoyGateway([plugin], upstream.address) as gateway:
        requests = [Request("GET", f"/{number}") for number in range(COUNT)]
        first = client.send_interleaved(gateway.address(), requests)
        yield Running(gateway, upstream, first, folder / "out")


def test_each_unit_answers_on_its_route_right_after_the_start(running: Running) -> None:
    for number, answer in enumerate(running.first):
        assert answer is not None
        if number == DISABLED:
            assert answer.body == b"GET /7\n"
        else:
            said = "same" if number in SAME else f"unit {number}"
            assert (answer.status, answer.body.decode()) == (200, f"{said}\n")


def test_identical_units_are_compiled_once(running: Running) -> None:
    packages = {path.name for path in (running.project / "units").iterdir()}
    assert {f"unit{number}" for number in SAME} & packages == {f"unit{SAME[0]}"}
    assert len(packages) == COUNT - len(SAME) + 1 + 4


def test_log_lines_name_their_unit_and_its_own_chunk(running: Running) -> None:
    running.gateway.reset()
    for number in (3, 150, 151):
        running.ask(f"/{number}")
    assert running.lines() == [
        "unit-3: [lua] access_by_lua(unit-3.lua:1):5: unit 3",
        "unit-150: [lua] access_by_lua(unit-150.lua:1):5: same",
        "unit-151: [lua] access_by_lua(unit-151.lua:1):5: same",
    ]


def test_a_unit_that_fails_fails_alone(running: Running) -> None:
    before = running.counted("unit-9", "requests")
    running.gateway.reset()
    assert running.ask("/9?n=fail").status == 500
    assert running.ask("/9").body == b"unit 9\n"
    lines = running.lines()
    assert lines[0].startswith(
        "unit-9: lua entry thread aborted: runtime error: access_by_lua(unit-9.lua:1):3: attempt to concatenate"
    )
    wait_until(lambda: running.counted("unit-9", "requests") == before + 2, 10, "the counter")
    assert running.counted("unit-9", "failures") == 1
    assert running.counted("unit-8", "failures") == 0


def test_a_bug_in_a_unit_answers_500_alone(running: Running) -> None:
    running.gateway.reset()
    running.upstream.reset()
    assert running.ask(f"/{HOOKED}?n=good").body == b"g\n"
    assert [running.ask(f"/{HOOKED}").status for _ in range(3)] == [500, 500, 500]
    assert running.ask(f"/{HOOKED}?n=good").body == b"g\n"
    assert running.ask("/12").body == b"unit 12\n"
    assert running.upstream.received == []
    assert any("while running hooked: access_by_lua(hooked.lua:1)" in line for line in running.lines())
    wait_until(lambda: running.counted(HOOKED, "failures") == 3, 10, "the counter")


@pytest.mark.parametrize(
    ("target", "host", "answer"),
    [
        ("/located/x", "h", b"located\n"),
        ("/loc%61ted", "h", b"located\n"),
        ("/located", "x.example.com", b"GET /located\n"),  # another host, so another server
        ("/only", "x.Example.com:80", b"hosted\n"),
        ("/only/", "x.example.com", b"GET /only/\n"),
        ("/only", "example.com", b"GET /only\n"),
        ("/3", "x.example.com", b"unit 3\n"),
        ("/other", "h", b"GET /other\n"),
    ],
)
def test_hosts_and_locations(running: Running, target: str, host: str, answer: bytes) -> None:
    assert running.ask(target, host).body == answer


def test_a_wrong_configuration_refuses_all_of_it(running: Running) -> None:
    table: Json = {"units": [{"name": "unit-1", "match": [{"route": "a"}]}, {"name": "unit-x", "macth": []}]}
    plugin = Plugin(NAME, running.project / "plugin.wasm", table)
    refused = (
        'shop: configuration refused: "units.1. unit-x": "unit": there is no unit "unit-x" in this plugin'
    )
    with pytest.raises(ServerError, match=refused), EnvoyGateway([plugin], running.upstream.address):
        pass


@pytest.fixture(scope="module")
def ruled(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EnvoyGateway]:
    """A plugin with one unit, once with rules and a configuration for all, once with rules alone."""
    folder = tmp_path_factory.mktemp("ruled")
    texts = {"said.lua": "ngx.say(word)\n", "said.lua.yaml": "globals: {word: {config: word}}\n"}
    (compilation,) = compile_all(inputs(folder / "in", texts, "envoy"))
    write(compilation.files(), folder / "out", force=False)
    module = build(folder / "out", "local").path
    rules: list[Json] = [
        {"_match_route_": ["shop/one"], "word": "route"},
        {"_match_domain_": ["*.example", "begin*"], "word": "domain"},
        {"_match_route_prefix_": ["shop/"], "word": "prefix"},
    ]
    routes = {"shop/one": "/one", "shop/two": "/two"}
    plugins = [
        Plugin("global", module, {"word": "all", "_rules_": rules}, routes=routes),
        Plugin("rules", module, {"_rules_": rules}, routes=routes),
    ]
    with Upstream() as upstream, EnvoyGateway(plugins, upstream.address) as gateway:
        yield gateway


@pytest.mark.parametrize(
    ("target", "host", "said"),
    [
        ("/one", "x.example", "route"),
        ("/two", "x.example:80", "domain"),
        ("/", "beginning", "domain"),
        ("/two", "h", "prefix"),
        ("/", "h", "all"),
        ("/", "X.EXAMPLE", "all"),
    ],
)
def test_rules_of_a_plugin_with_one_unit(ruled: EnvoyGateway, target: str, host: str, said: str) -> None:
    for plugin in ("global", "rules"):
        answer = client.send(ruled.address(plugin), Request("GET", target, (("host", host),)))
        assert answer is not None
        passed = said == "all" and plugin == "rules"
        assert answer.body.decode() == (f"GET {target}\n" if passed else f"{said}\n")
