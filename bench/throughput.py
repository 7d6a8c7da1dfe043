"""What plugins cost in every request, side by side in one Envoy."""

from __future__ import annotations

import statistics
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from contestants import contestants
from gateway import Contestant, LoadGateway
from load import CONNECTIONS, Load, Worker
from snippet2wasm.verify import client
from snippet2wasm.verify.process import ServerError

__all__ = ["CONNECTIONS", "Result", "measured", "ratio", "table"]

SECONDS = 1  # of load in a round; wrk takes whole ones
WARM_UP_SECONDS = 2
# What a browser sends. The example lets it pass.
HEADERS: Mapping[str, str] = {
    "Host": "shop.example",
    "User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:128.0) Gecko/20100101 Firefox/128.0",
    "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
    "Accept-Language": "en-US,en;q=0.5",
    "Accept-Encoding": "gzip, deflate, br",
}
# What the example does: a status and a part of the Location. All contestants but the bare gateway agree.
PROBES: Sequence[tuple[Mapping[str, str], int, str]] = (
    (HEADERS, 200, ""),
    ({"User-Agent": "sqlmap/1.9"}, 403, ""),
    ({"User-Agent": "python-requests/2.32.3"}, 403, ""),
    ({}, 403, ""),
    ({"User-Agent": "Mozilla/5.0 (iPhone) Mobile"}, 302, "/products?id=7"),
    ({"User-Agent": "Mozilla/5.0 (Linux; Android 15) Mobile Safari"}, 302, "/products?id=7"),
    ({"User-Agent": "Mozilla/5.0 (Linux; Android 15) Safari"}, 200, ""),
    ({"User-Agent": "Mozilla/5.0 (iPhone) Mobile", "Cookie": "theme=dark; site=desktop"}, 200, ""),
    ({"User-Agent": "Mozilla/5.0 (Android; Mobile) Googlebot/2.1"}, 200, ""),
)


@dataclass
class Result:
    """A contestant's rounds, and in the same order those of the bare gateway."""

    title: str
    bare: list[Load]
    rounds: list[Load] = field(default_factory=list)

    def rates(self) -> list[float]:
        """Requests a second."""
        return [load.rate for load in self.rounds]

    def added_cpu(self) -> list[float]:
        """Seconds of processor time that a request takes more than in the bare gateway's round."""
        return [load.cpu - bare.cpu for load, bare in zip(self.rounds, self.bare, strict=True)]

    def added_time(self) -> list[float]:
        """Seconds from answer to answer more than in the bare gateway's round."""
        return [1 / load.rate - 1 / bare.rate for load, bare in zip(self.rounds, self.bare, strict=True)]


def measured(rounds: int, say: Callable[[str], None]) -> dict[str, Result]:
    """Builds the contestants and loads each of them in every round; by key, the bare gateway first."""
    with tempfile.TemporaryDirectory(prefix="snippet2wasm-bench-") as folder:
        say("building the contestants")
        all_of_them = contestants(Path(folder))
        with LoadGateway(all_of_them) as gateway:
            for contestant in all_of_them:
                _check(gateway, contestant)
            say(f"{rounds} rounds of {len(all_of_them)} contestants")
            return _rounds(gateway, all_of_them, rounds)


def _check(gateway: LoadGateway, contestant: Contestant) -> None:
    """Makes sure that the contestant does what the example does."""
    for headers, status, location in PROBES:
        if contestant.wasm is None and contestant.lua is None:
            status, location = 200, ""
        sent = ("host", HEADERS["Host"]), *((name, headers[name]) for name in headers if name != "Host")
        response = client.send(gateway.address(contestant.key), client.Request("GET", "/products?id=7", sent))
        locations = (
            [value for name, value in response.headers if name.lower() == "location"] if response else []
        )
        if response is None or response.status != status or not "".join(locations).endswith(location):
            raise ServerError(f"{contestant.key} answers {response} to {headers}, not {status} {location}")


def _rounds(gateway: LoadGateway, all_of_them: Sequence[Contestant], rounds: int) -> dict[str, Result]:
    worker = Worker(gateway.pid)
    for contestant in all_of_them:
        worker.load(gateway.address(contestant.key), WARM_UP_SECONDS, HEADERS)
    bare: list[Load] = []
    results = {one.key: Result(one.title, bare) for one in all_of_them}
    results[all_of_them[0].key].rounds = bare
    for number in range(rounds):
        first = number % len(all_of_them)  # in another order every time
        for contestant in [*all_of_them[first:], *all_of_them[:first]]:
            taken = worker.load(gateway.address(contestant.key), SECONDS, HEADERS)
            results[contestant.key].rounds.append(taken)
    return results


def table(results: Mapping[str, Result]) -> list[str]:
    """The results as lines of a Markdown table: medians, and in brackets the middle half of the rounds."""
    head = "| in front of every request | requests/s | processor time added | time added | rounds |"
    lines = [head, "| --- | ---: | ---: | ---: | ---: |"]
    for result in results.values():
        cells = [result.title, _spread(result.rates(), 1, ",.0f")]
        if result.rounds is result.bare:
            cells += [f"{_spread([load.cpu for load in result.rounds], 1e6, '.1f', ' µs')} in all", ""]
        else:
            cells += [
                _spread(added, 1e6, ".1f", " µs") for added in (result.added_cpu(), result.added_time())
            ]
        lines.append(f"| {' | '.join([*cells, str(len(result.rounds))])} |")
    return lines


def ratio(above: Result, below: Result) -> str:
    """How the processor times that two contestants add compare, round by round."""
    pairs = zip(above.added_cpu(), below.added_cpu(), strict=True)
    return _spread([one / other for one, other in pairs], 1, ".2f")


def _spread(values: Sequence[float], scale: float, form: str, unit: str = "") -> str:
    low, median, high = (value * scale for value in statistics.quantiles(values, n=4, method="inclusive"))
    return f"{median:{form}}{unit} ({low:{form}} to {high:{form}})"
