"""`snippet2wasm verify`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import click
import yaml
from rich.console import Console
from rich.table import Table
from rich.text import Text

from snippet2wasm.build.errors import BuildError
from snippet2wasm.cli import clusters, inputs
from snippet2wasm.cli.report import FORMAT_OPTION, Reporter
from snippet2wasm.cluster import Compiled
from snippet2wasm.compiler import Compilation, Options
from snippet2wasm.diagnostics import Refusal
from snippet2wasm.lower.directives import listeners
from snippet2wasm.verify import servers
from snippet2wasm.verify.cases import Case, CasesError, load_cases
from snippet2wasm.verify.http1 import HttpError
from snippet2wasm.verify.process import Address, ServerError
from snippet2wasm.verify.record import record, write_recordings
from snippet2wasm.verify.report import Report, Result, curl, show
from snippet2wasm.verify.resp import RespError
from snippet2wasm.verify.settings import SettingsError
from snippet2wasm.verify.verification import Prepared, prepare, verify

DIFFERENCES_FOUND = 4
"""The exit code when the plugin does not behave as nginx does."""

_REQUESTS = "requests.yaml"
_DEFAULT_COUNT = 100
_LONGEST_SHOWN = 300


@click.command("verify")
@click.argument("input_", metavar="INPUT")
@click.option(
    "--requests",
    metavar="FILE",
    help=f"Requests to send. Default: {_REQUESTS} beside INPUT, if there.",
)
@click.option(
    "--generate",
    type=click.IntRange(0, 100_000),
    metavar="N",
    help=f"Make N requests that reach INPUT's branches, and hostile ones. Default: {_DEFAULT_COUNT} if there "
    "are no others.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Of the generated requests.")
@click.option(
    "--redis",
    metavar="HOST:PORT",
    help="Redis to use; its database 0 has to be empty, and is left so. Default: one is started.",
)
@click.option(
    "--record",
    "recordings",
    metavar="DIR",
    help="Also write what nginx did, for the tests of the emitted project.",
)
@click.option(
    "--config", metavar="FILE", help="The plugin's configuration, YAML or JSON. Default: made-up values."
)
@inputs.NAME_OPTION
@inputs.PHASE_OPTION
@inputs.BINDINGS_OPTION
@inputs.LIBRARIES_OPTION
@inputs.LUA_PATH_OPTION
@inputs.LISTEN_OPTION
@FORMAT_OPTION
def command(
    input_: str,
    requests: str | None,
    generate: int | None,
    seed: int,
    redis: str | None,
    recordings: str | None,
    config: str | None,
    name: str | None,
    phase: str,
    bindings: str | None,
    libraries: tuple[str, ...],
    lua_path: tuple[str, ...],
    listen: int | None,
    format_: str,
) -> None:
    """Compare a snippet in nginx with its plugin in Envoy.

    INPUT is what `compile` takes; of Kubernetes files with several units, --name says which one.
    Real nginx and real Envoy get the same requests; every difference in answer, upstream, log and Redis is
    shown. Exit code 4 if there is one.
    """
    reporter = Reporter(format_)
    input_ = inputs.input_file(input_)
    folder = Path(input_).parent if input_ != "-" else Path()
    address = _address(redis) if redis else None
    given = _configuration(config) if config else {}
    objects = inputs.manifests(reporter, [input_])
    host = ""
    if objects is not None:
        bound = inputs.existing(bindings, "--bindings") if bindings else inputs.default_bindings(input_)
        shared = tuple(inputs.existing(library, "--with") for library in libraries)
        options = Options("", target="envoy", bindings=bound, libraries=shared, lua_path=lua_path)
        compilation = _unit(clusters.compiled_cluster(reporter, objects, input_, options), name)
        values, host = _place(compilation)
        given = {**values, **given}
    else:
        compilation = inputs.compile_input(
            reporter,
            input_,
            name,
            phase,
            "envoy",
            bindings,
            libraries,
            lua_path,
            with_recordings=recordings is None,
            listen=listen,
        )
        port = 0 if listen else _port(compilation)
        if port:
            click.echo(f"comparing the servers at port {port} (--listen says which)", err=True)
            options = replace(compilation.options, listen=port)
            compilation = inputs.compiled(reporter, compilation.source, folder, options)
    cases = _cases(requests, folder if input_ != "-" else None, host)
    count = generate if generate is not None else 0 if cases else _DEFAULT_COUNT
    try:
        prepared = prepare(compilation, folder, given)
        if recordings and prepared.settings.secrets:
            raise click.UsageError(
                "--record would write secrets: leave them out of --config, and bind literal ones"
            )
        report = verify(prepared, cases, count=count, seed=seed, redis=address, progress=_progress(reporter))
        if recordings:
            _record(prepared, report, Path(recordings))
    except Refusal as refusal:
        reporter.refused(refusal)
    except SettingsError as error:
        raise click.UsageError(f"--config: {error}") from None
    except CasesError as error:
        raise click.UsageError(str(error)) from None
    except (BuildError, ServerError) as error:
        reporter.fail(str(error), getattr(error, "hint", None), 3)
    except (OSError, HttpError, RespError) as error:
        reporter.fail(f"a server no longer answers as it should: {error}", None, 3)
    if reporter.json:
        status = "differs" if report.differing else "done"
        reporter.done("", {**report.to_json(), "status": status})
    else:
        _show(report, Console(highlight=False))
    if report.differing:
        sys.exit(DIFFERENCES_FOUND)


def _port(compilation: Compilation) -> int:
    """The port whose servers are compared, where they listen at several: the one with the most to do; 0 where
    they do not.
    """
    servers = [each for each in listeners.servers(compilation.parsed) if each.block]
    ports = {port: 0 for each in servers for port in listeners.listens(each.block or [])}
    if len({frozenset(listeners.listens(each.block or [])) for each in servers}) < 2:
        return 0
    for each in servers:
        for port in listeners.listens(each.block or []):
            ports[port] += each.span.end - each.span.start
    return max(ports, key=lambda port: ports[port])


def _unit(compiled: Compiled, name: str | None) -> Compilation:
    """The unit of a cluster that is meant."""
    units = {each.unit.name: each for each in compiled.compilations}
    if name is None and len(units) > 1:
        raise click.UsageError(f"there are several units; choose one with --name: {', '.join(units)}")
    if name is not None and name not in units:
        raise click.UsageError(f"--name: the units are {', '.join(units)}")
    return units[name or next(iter(units))]


def _place(compilation: Compilation) -> tuple[dict[str, str], str]:
    """The values that the first place of a unit has for its configuration, and a host of that place."""
    place = compilation.places[0]
    hosts = [match.host for match in place.match if match.host]
    return dict(place.values), hosts[0].replace("*", "any") if hosts else ""


def _cases(requests: str | None, folder: Path | None, host: str) -> list[Case]:
    if requests is None:
        beside = folder / _REQUESTS if folder is not None else None
        if beside is None or not beside.is_file():
            return []
        requests = str(beside)
    try:
        return load_cases(Path(requests), host)
    except CasesError as error:
        raise click.UsageError(str(error)) from None
    except (OSError, UnicodeDecodeError) as error:
        raise click.UsageError(
            f"can't read {requests}: {getattr(error, 'strerror', None) or error}"
        ) from None


def _address(text: str) -> Address:
    host, _, port = text.rpartition(":")
    if not host or not port.isdecimal() or not 0 < int(port) < 65536:
        raise click.UsageError("--redis: HOST:PORT is expected")
    return host, int(port)


def _configuration(path: str) -> dict[str, object]:
    try:
        found = yaml.safe_load(Path(path).read_text("utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise click.UsageError(f"--config: can't read {path}: {error}") from None
    if not isinstance(found, dict) or not all(isinstance(key, str) for key in found):
        raise click.UsageError("--config: a mapping is expected")
    return found


def _record(prepared: Prepared, report: Report, folder: Path) -> None:
    """Records the given requests; if there are none, the generated ones."""
    results: Sequence[Result] = [each for each in report.results if each.origin == "given"] or report.results
    cases = [each.case for each in results if each.status is not None]
    config = prepared.settings.config
    made = record(prepared.site(), cases, config=config, source_sha256=prepared.compilation.handlers)
    try:
        write_recordings(made, folder)
    except OSError as error:
        raise click.UsageError(f"--record: can't write {folder}: {error.strerror or error}") from None


def _progress(reporter: Reporter) -> Callable[[str], None]:
    def tell(text: str) -> None:
        if not reporter.json and sys.stderr.isatty():
            click.echo(f"{text} …", err=True)

    return tell


def _show(report: Report, console: Console) -> None:
    for result in report.differing:
        _show_result(report, console, "differs" if result.each_time else "differs, but not each time", result)
    for result in report.unsteady:
        _show_result(report, console, "differed when the clock ticked, then not", result)
    given = sum(result.origin == "given" for result in report.results)
    generated = len(report.results) - given
    words = [f"{given} given"] if given else []
    words += [f"{generated} generated, seed {report.seed}"] if generated else []
    verdict = f"{len(report.differing)} differ" if report.differing else "no difference"
    style = "bold red" if report.differing else "bold green"
    console.print(Text(f"{len(report.results)} requests ({'; '.join(words)}): {verdict}", style=style))
    statuses = ", ".join(f"{count} times {status}" for status, count in report.statuses().items())
    console.print(Text(f"nginx answered: {statuses}"))
    reached = len(report.branches) - len(report.uncovered)
    console.print(Text(f"branches reached: {reached} of {len(report.branches)}"))
    for branch in report.uncovered:
        console.print(Text(f"  not reached: {branch.file}:{branch.line} ({branch.what})"))
    applied = ", ".join(f"{name} {count}" for name, count in report.normalisations.items())
    console.print(Text(f"left aside (docs/differences.md): {applied or 'nothing'}"))
    if report.generated_config:
        console.print(Text(f"made-up configuration: {', '.join(report.generated_config)}"))


def _show_result(report: Report, console: Console, title: str, result: Result) -> None:
    console.print(Text(f"{result.case.name} {title}", style="bold"))
    console.print(Text(f"  {report.shown(curl(result.case))}"), soft_wrap=True)
    state = result.case.redis_error or result.case.redis
    if state != "up":
        console.print(Text(f"  Redis: {state}"))
    for command in result.case.setup:
        console.print(Text(f"  Redis before: {report.shown(show(b' '.join(command)))}"))
    for name in servers.known(result.case.request):
        console.print(Text(f"  nginx and Envoy differ here without any plugin (docs/differences.md): {name}"))
    table = Table("field", "nginx", "plugin")
    for each in result.differences or result.unsteady:
        values = (each.where, show(each.nginx), show(each.plugin))
        table.add_row(*(Text(_cut(report.shown(value))) for value in values))
    console.print(table)


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST_SHOWN else f"{text[:_LONGEST_SHOWN]}…"
