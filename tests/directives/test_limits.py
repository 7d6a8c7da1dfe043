"""limit_req and limit_conn with several requests at a time, in real nginx and in a plugin in real Envoy.

The cases of data/limits.yaml send one request after the other. What delays a request there would leave the
other side time to forget it.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from directives.cases import DirectiveCase
from directives.servers import Directives
from snippet2wasm.verify import client
from snippet2wasm.verify.client import OpenRequest, Request
from snippet2wasm.verify.ingress import Snippets
from snippet2wasm.verify.observe import GatewaySubject, NginxSubject, Surroundings
from snippet2wasm.verify.process import wait_until
from support.service import ScriptedUpstream

HTTP = """\
limit_req_zone $arg_a zone=delayed:1m rate=5r/s;
limit_req_zone $arg_b zone=partly:1m rate=5r/s;
limit_conn_zone $arg_c zone=held:1m;
limit_conn_zone $arg_d zone=also:1m;"""
CASES = {
    "delay": "limit_req zone=delayed burst=3;",
    "partly": "limit_req zone=partly burst=4 delay=2; limit_req zone=delayed burst=9 nodelay;",
    "hold": "limit_conn held 2; limit_conn also 1; limit_conn_status 429;"
    " access_by_lua_block { ngx.sleep(tonumber(ngx.var.arg_wait) or 0.001) }",
    "dry": "limit_conn held 1; limit_conn_dry_run on;"
    " access_by_lua_block { ngx.sleep(tonumber(ngx.var.arg_wait) or 0.001) }",
    "both": "limit_conn held 1; limit_req zone=delayed;"
    " access_by_lua_block { ngx.sleep(tonumber(ngx.var.arg_wait) or 0.001) }",
}
SHOWN = 'add_header X-Limit "[$limit_req_status][$limit_conn_status]" always;'


def _case(name: str) -> DirectiveCase:
    snippets = Snippets(http=HTTP, server="", location=f"{CASES[name]}\n{SHOWN}", path="/")
    return DirectiveCase(f"limits-{name}", snippets, (f"{name}.limits.example",), {}, ())


class Side:
    """One of the two that are compared, for one case."""

    def __init__(self, subject: NginxSubject | GatewaySubject, host: str) -> None:
        self.address = subject.address
        self.host = host

    def request(self, target: str) -> Request:
        return Request(target=target, headers=(("host", self.host),))

    def send(self, target: str) -> str:
        """One request: its status, $limit_req_status and $limit_conn_status."""
        response = client.send(self.address, self.request(target))
        assert response is not None
        shown = next((value for name, value in response.headers if name.lower() == "x-limit"), "")
        return f"{response.status} {shown}"

    def burst(self, target: str, count: int) -> list[tuple[str, float]]:
        """Requests at once: what became of them and in how many tenths of a second, in that order."""

        def one(_: int) -> tuple[str, float]:
            found = self.send(target)
            return found, round(time.monotonic() - start, 1)

        start = time.monotonic()
        with ThreadPoolExecutor(count) as pool:
            return sorted(pool.map(one, range(count)), key=lambda each: (each[1], each[0]))

    @contextlib.contextmanager
    def held(self, target: str) -> Iterator[OpenRequest]:
        """A request that is under way."""
        with OpenRequest(self.address, self.request(target)) as found:
            time.sleep(0.15)
            yield found


@pytest.fixture(scope="module")
def servers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Directives]:
    with Surroundings(upstream=ScriptedUpstream()) as surroundings, contextlib.ExitStack() as stack:
        yield Directives(list(map(_case, CASES)), surroundings, tmp_path_factory.mktemp("limits"), stack)


def _sides(servers: Directives, name: str) -> list[Side]:
    case = _case(name)
    return [Side(subject, case.hosts[0]) for subject in (servers.nginx(case), servers.plugin(case))]


@pytest.mark.parametrize(
    ("name", "target", "count"), [("delay", "/?a=1", 6), ("partly", "/?b=1", 7), ("partly", "/?b=2&a=2", 7)]
)
def test_requests_at_once(servers: Directives, name: str, target: str, count: int) -> None:
    nginx, plugin = (side.burst(target, count) for side in _sides(servers, name))
    assert [what for what, _ in plugin] == [what for what, _ in nginx]
    for (_, expected), (_, found) in zip(nginx, plugin, strict=True):
        assert abs(expected - found) <= 0.15, (nginx, plugin)


@pytest.mark.parametrize("side", [0, 1], ids=["nginx", "plugin"])
def test_connections_at_once(servers: Directives, side: int) -> None:
    found = _sides(servers, "hold")[side]
    with found.held("/?c=1&wait=0.6"):
        assert found.send("/?c=1") == "200 [][PASSED]"
        with found.held("/?c=1&wait=0.3"):
            assert found.send("/?c=1") == "429 [][REJECTED]"
            assert found.send("/?c=2") == "200 [][PASSED]"
            assert found.send("/") == "200 []" + "[]"
        time.sleep(0.3)
        assert found.send("/?c=1") == "200 [][PASSED]"
    with found.held("/?c=3&d=3&wait=0.4"):
        assert found.send("/?c=3&d=3") == "429 [][REJECTED]"
        assert (
            found.send("/?c=3") == "200 [][PASSED]"
        )  # what the second zone rejects the first does not count


@pytest.mark.parametrize("side", [0, 1], ids=["nginx", "plugin"])
def test_a_client_that_leaves_is_counted_until_its_request_ends(servers: Directives, side: int) -> None:
    found = _sides(servers, "hold")[side]
    for _ in range(2):
        with OpenRequest(found.address, found.request("/?c=gone&wait=0.5")):
            time.sleep(0.15)
    assert found.send("/?c=gone") == "429 [][REJECTED]"
    wait_until(lambda: found.send("/?c=gone") == "200 [][PASSED]", 5, "the requests to end")


@pytest.mark.parametrize("side", [0, 1], ids=["nginx", "plugin"])
def test_a_client_that_leaves_while_its_request_is_delayed(servers: Directives, side: int) -> None:
    found = _sides(servers, "delay")[side]
    assert found.send("/?a=leaves") == "200 [PASSED][]"
    servers.surroundings.upstream.reset()
    with OpenRequest(found.address, found.request("/?a=leaves")):
        pass
    time.sleep(0.6)
    assert servers.surroundings.upstream.received == []
    assert found.send("/?a=leaves") == "200 [PASSED][]"


@pytest.mark.parametrize("side", [0, 1], ids=["nginx", "plugin"])
def test_connections_of_a_dry_run(servers: Directives, side: int) -> None:
    found = _sides(servers, "dry")[side]
    with found.held("/?c=1&wait=0.4"):
        assert found.send("/?c=1") == "200 [][REJECTED_DRY_RUN]"
        assert found.send("/?c=2") == "200 [][PASSED]"


@pytest.mark.parametrize("side", [0, 1], ids=["nginx", "plugin"])
def test_the_rate_is_looked_at_before_the_connections(servers: Directives, side: int) -> None:
    found = _sides(servers, "both")[side]
    with found.held("/?c=9&a=9&wait=0.5"):
        assert found.send("/?c=9&a=10") == "503 [PASSED][REJECTED]"
        assert found.send("/?c=9&a=10") == "503 [REJECTED][]"
