"""`verify`: a snippet in a real nginx beside its plugin in a real Envoy, request by request.

The command line, the project's own tests and the examples all use this.
"""

from __future__ import annotations

import contextlib
import tempfile
import time
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from snippet2wasm.analysis.effects import uses_timers, works_side_by_side
from snippet2wasm.backend.project import write
from snippet2wasm.build import build
from snippet2wasm.compiler import Compilation
from snippet2wasm.ir.nodes import Unit
from snippet2wasm.verify import nginx
from snippet2wasm.verify.cases import Case
from snippet2wasm.verify.compare import (
    COARSE_CLOCK_SECONDS,
    NORMALISATIONS,
    SIDE_BY_SIDE,
    Difference,
    Normalisation,
    Observation,
    differences,
)
from snippet2wasm.verify.conditions import conditions_of
from snippet2wasm.verify.coverage import Branch, Instrumented
from snippet2wasm.verify.drafts import draft_of
from snippet2wasm.verify.generate import Copy, generate
from snippet2wasm.verify.ingress import normalisations, reference
from snippet2wasm.verify.nginx import Site
from snippet2wasm.verify.observe import Surroundings
from snippet2wasm.verify.process import Address
from snippet2wasm.verify.redis import GivenRedis
from snippet2wasm.verify.report import Origin, Report, Result
from snippet2wasm.verify.settings import Clock, Settings, settings_of
from snippet2wasm.verify.sides import Sides, running_sides, started, types_of
from snippet2wasm.verify.site import Texts, texts_of
from snippet2wasm.verify.vocabulary import vocabulary_of

_ATTEMPTS = 3
_TIMERS_SECONDS = 0.05
"""How long after an answer timers may run before it is looked what has come of the request."""
_PLUGIN = "plugin"

Progress = Callable[[str], None]


@dataclass(frozen=True)
class Prepared:
    """What a comparison is about, before anything runs.

    Attributes:
        compilation: the snippet.
        texts: its Lua, for nginx.
        settings: the plugin's configuration.
    """

    compilation: Compilation
    texts: Texts
    settings: Settings

    def site(self) -> Site:
        """The original, for the reference nginx."""
        return self.texts.site(self.settings.lua_globals)

    def normalisations(self) -> Sequence[Normalisation]:
        """What is left aside when nginx and the plugin are compared."""
        levels = self.texts.levels
        found = NORMALISATIONS if levels is None or levels.servers else normalisations(levels.text())
        return [*found, SIDE_BY_SIDE] if works_side_by_side(self.compilation.unit) else found


def prepare(compilation: Compilation, folder: Path, config: Mapping[str, object] | None = None) -> Prepared:
    """What is compared.

    Args:
        compilation: the snippet.
        folder: where the files are that it names.
        config: values of the plugin's configuration; the missing ones are made up.

    Raises:
        Refusal: S2W501, nginx can't run a part of it.
        SettingsError: the configuration does not fit.
    """
    return Prepared(compilation, texts_of(compilation, folder), settings_of(compilation, config or {}))


def verify(
    prepared: Prepared,
    cases: Sequence[Case] = (),
    *,
    count: int = 0,
    seed: int = 0,
    redis: Address | None = None,
    progress: Progress = lambda _: None,
) -> Report:
    """Compares the plugin with nginx.

    Args:
        prepared: the snippet; compiled for Envoy.
        cases: requests that a person wrote.
        count: how many more to make.
        seed: of those.
        redis: the address of a Redis to use, with an empty database 0; None starts one.
        progress: is told what is being done.

    Raises:
        ServerError: a server is not installed or did not start.
        BuildError: the plugin can't be built.
    """
    with tempfile.TemporaryDirectory(prefix="snippet2wasm-") as folder:
        progress("building the plugin")
        module = build_plugin(prepared.compilation, Path(folder) / "project")
        with Surroundings(GivenRedis(redis) if redis else None) as surroundings:
            requests = requests_for(prepared, surroundings, cases, count=count, seed=seed, progress=progress)
            slow = any(case.redis == "slow" for case, _ in requests.cases)
            progress(f"comparing {len(requests.cases)} requests")
            later = _TIMERS_SECONDS if uses_timers(prepared.compilation.unit) else 0.0
            with running_sides(
                surroundings, prepared.site(), {_PLUGIN: module}, prepared.settings, slow=slow, later=later
            ) as sides:
                left_aside = prepared.normalisations()
                tally = {each.name: 0 for each in left_aside}
                clock = prepared.settings.clock
                results = tuple(
                    _compare(sides, case, origin, left_aside, tally, clock) for case, origin in requests.cases
                )
        return replace(requests.report, results=results, normalisations={k: v for k, v in tally.items() if v})


def build_plugin(compilation: Compilation, folder: Path) -> Path:
    """Writes and builds the project; the module's path."""
    write(compilation.files(), folder, force=False)
    return build(folder).path


@dataclass(frozen=True)
class Requests:
    """The requests of a comparison, and a report that has all but what comes of them."""

    cases: tuple[tuple[Case, Origin], ...]
    report: Report


def requests_for(
    prepared: Prepared,
    surroundings: Surroundings,
    given: Sequence[Case],
    *,
    count: int,
    seed: int,
    now: int | None = None,
    progress: Progress = lambda _: None,
) -> Requests:
    """The given requests and `count` more, and which branches they reach in nginx.

    Args:
        prepared: the snippet.
        surroundings: running.
        given: requests that a person wrote.
        count, seed: of the requests to make.
        now: the Unix time that those may be about; the current one unless given.
        progress: is told what is being done.
    """
    now = int(time.time()) if now is None else now
    with _running_copy(prepared, surroundings) as copy:
        words = vocabulary_of(prepared.texts.all())
        made: list[Case] = []
        if count:
            progress("looking for requests that reach the snippet's branches")
            # The nginx for a slow Redis has shared dicts of its own: what the others stored is not there.
            slow = not prepared.settings.dials and not prepared.texts.dicts
            location = prepared.texts.location
            levels = prepared.texts.levels
            conditions = None if levels is None else conditions_of(levels, words)
            copy.responds |= conditions is not None and conditions.answers
            made = generate(
                copy, words, location, given, count, seed=seed, now=now, slow=slow, conditions=conditions
            )
        copy.reached.clear()
        for case in (*given, *made):
            copy.run(draft_of(case))
        branches = _used(copy.marked.branches(frozenset(copy.reached)), prepared.compilation.unit)
    origins: list[tuple[Case, Origin]] = [(case, "given") for case in given]
    origins += [(case, "generated") for case in made]
    settings = prepared.settings
    report = Report(
        prepared.compilation.unit.name,
        (),
        branches,
        generated_config=settings.generated,
        versions=nginx.versions(),
        seed=seed,
        now=now,
        secrets=settings.secrets,
    )
    return Requests(tuple(origins), report)


def _used(branches: Sequence[Branch], unit: Unit) -> tuple[Branch, ...]:
    """The branches of the files that the plugin is made of: bindings may name others."""
    used = {function.span.outermost().source.name for function in unit.bodies}
    return tuple(branch for branch in branches if branch.file in used)


@contextlib.contextmanager
def _running_copy(prepared: Prepared, surroundings: Surroundings) -> Iterator[Copy]:
    marked, settings = Instrumented(), prepared.settings
    site = prepared.texts.site(settings.lua_globals, marked.block, marked.mark)
    site = replace(
        site,
        libraries=(marked.tracer(), *site.libraries),
        upstream=surroundings.upstream.address,
        redis={"*": surroundings.proxy.address},
        http={"*": surroundings.upstream.address},
        redis_timeout_ms=100,
        http_directives=f"{types_of(site)}\n{marked.server()}\n{site.http_directives}",
    )
    slow_seconds = 1.5 * max(settings.timeout_ms, 100) / 1000
    server = started(lambda: reference(site))
    try:
        responds = any(phase.of_response for phase in prepared.texts.handlers)
        yield Copy(server, marked, surroundings, slow_seconds, responds=responds)
    finally:
        server.stop()


def _compare(
    sides: Sides,
    case: Case,
    origin: Origin,
    left_aside: Sequence[Normalisation],
    tally: dict[str, int],
    clock: Clock,
) -> Result:
    """One request to both; again when they differ: a clock may have ticked in between, or a timer is late."""
    first: tuple[Difference, ...] = ()
    ticked = False
    for _ in range(_ATTEMPTS):
        reference, plugin = sides.nginx(case), sides.plugin(case, _PLUGIN)
        found = (*_unexpected(case, reference), *differences(reference, plugin, left_aside))
        status = reference.response.status if reference.response else None
        if not found:
            _count_needed(reference, plugin, left_aside, tally)
            if first and not ticked:
                return Result(case, origin, status, first, each_time=False)
            return Result(case, origin, status, (), first)
        if not first:
            ticked = sides.later > 0 or _ticked(clock, reference, plugin)
            sides = sides.patient()
        first = first or found
    return Result(case, origin, status, found)


def _ticked(clock: Clock, reference: Observation, plugin: Observation) -> bool:
    """Whether the clock that a snippet looks at may have shown the two servers different times."""
    if clock == "seconds":
        return int(reference.began - COARSE_CLOCK_SECONDS) != int(plugin.ended)
    return clock == "finer"


def _unexpected(case: Case, reference: Observation) -> Collection[Difference]:
    """A difference between nginx and what the case's writer expected of it."""
    response = reference.response
    status = response.status if response else None
    found = []
    if case.status not in (None, status):
        found.append(Difference(f"status, of which the requests file expects {case.status}", status, None))
    if case.expected is not None:
        problems = case.expected.problems(response, reference.upstream)
        found += [Difference(f"what the requests file expects: {each}", each, None) for each in problems]
    return found


def _count_needed(
    reference: Observation,
    plugin: Observation,
    left_aside: Sequence[Normalisation],
    tally: dict[str, int],
) -> None:
    for each in left_aside:
        others = [other for other in left_aside if other is not each]
        if differences(reference, plugin, others):
            tally[each.name] += 1
