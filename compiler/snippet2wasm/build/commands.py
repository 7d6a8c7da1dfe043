"""The two commands that make plugin.wasm: the same in every builder, so that all give the same bytes.

The project's Dockerfile (codegen_templates/Dockerfile.j2) says the same in its own words; a test compares its
module with the builders'.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from snippet2wasm.build.errors import CompileError, GoMessage
from snippet2wasm.build.project import Project

# Settings that reach the bytes, or the network, are fixed. Empty means Go's default, whatever the environment
# or an image says.
ENVIRONMENT: Mapping[str, str] = {
    "CGO_ENABLED": "0",
    "GO111MODULE": "",
    "GODEBUG": "",
    "GOENV": "off",
    "GOEXPERIMENT": "",
    "GOFIPS140": "",
    "GOFLAGS": "-mod=vendor",
    "GOPROXY": "off",
    "GOTOOLCHAIN": "local",
    "GOWASM": "",
    "GOWORK": "off",
}
# Only the module is built for WebAssembly: the strip tool runs on the machine that builds.
TARGET: Mapping[str, str] = {"GOARCH": "wasm", "GOOS": "wasip1"}

# Go's garbage collector works beside the program, in goroutines that nothing switches to while a callback
# of the gateway runs: one handler that made more garbage than a VM holds ended it, with all its requests (the
# case `churn` of tests/survival). So it has to stop the program while it works. Only this way to say so
# needs nothing of the gateway's configuration.
_COLLECTOR = "-X=runtime.godebugDefault=gcstoptheworld=1"

_MESSAGE = re.compile(
    r"^(?:\./)?(?P<file>[^\s:][^:]*\.go):(?P<line>\d+):(?:(?P<column>\d+):)? (?P<message>.*)$"
)


def link(go: str, output: str) -> list[str]:
    """The command, run in the project with ENVIRONMENT and TARGET, that links the module to output."""
    return [
        go,
        "build",
        "-buildmode=c-shared",
        "-trimpath",
        "-buildvcs=false",
        f"-ldflags=-s -w -buildid= {_COLLECTOR}",
        "-o",
        output,
        ".",
    ]


def strip(go: str, project: Project, module: str) -> list[str]:
    """The command, run in the project with ENVIRONMENT, that strips module of unused callbacks."""
    # -trimpath: the tool is the same for projects in all folders, and Go's cache keeps it once.
    return [go, "run", "-trimpath", "./runtime/cmd/stripexports", "-keep", ",".join(project.exports), module]


def compile_error(output: str) -> CompileError:
    """The error that Go's output tells of.

    Go writes a comment line with the package, `./main.go:12:3: undefined: x`, and further lines of the same
    message indented by a tab.
    """
    messages: list[GoMessage] = []
    for line in output.splitlines():
        if found := _MESSAGE.match(line):
            messages.append(
                GoMessage(
                    file=found["file"],
                    line=int(found["line"]),
                    column=int(found["column"] or 0),
                    message=found["message"],
                )
            )
        elif line.startswith("\t") and messages:
            last = messages[-1]
            messages[-1] = GoMessage(last.file, last.line, last.column, f"{last.message}; {line.strip()}")
    return CompileError(messages, output)
