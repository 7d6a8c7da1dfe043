"""The reference: real nginx with ngx_lua, real resty.redis and resty.aes, running a snippet.

What differs from a production nginx, and why it does not matter to a snippet:

* One process (`master_process off`), as in ngx_lua's own tests: it can be stopped, and dies, as one.
* Debian installs the resty libraries as `nginx.redis`, `nginx.aes`, …; `package.preload` gives them their
  usual names `resty.*`. Its nginx.redis is lua-resty-redis 0.27, which has no set_timeouts.
* For libraries that Debian does not have, `lua/` beside this file has modules of our own (see its README).
* `connect(host, port)` of resty.redis looks (host, port) up in an address map first, so that a snippet's
  `redis.internal:6379` is a server on loopback. Addresses that are not in it go through unchanged. So does
  that of the sockets of resty.http.
* A statement of ours precedes the text of init_by_lua on its first line, so that line numbers stay right.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Literal

from snippet2wasm.verify import client
from snippet2wasm.verify.process import (
    LOOPBACK,
    Address,
    LogFile,
    Process,
    ProcessServer,
    ServerError,
    find_program,
    free_port,
    listens,
)
from snippet2wasm.verify.snippets import Snippets

Phase = Literal["rewrite", "access", "content", "header_filter", "body_filter", "log"]

_START_SECONDS = 10.0
_MODULE_FOLDERS = (Path("/usr/lib/nginx/modules"), Path("/usr/lib64/nginx/modules"))
# ngx_lua needs the development kit; headers-more comes before ngx_lua, as in ingress-nginx's build, so that
# its filter runs after header_filter_by_lua.
_MODULES = ("ndk_http_module", "ngx_http_headers_more_filter_module", "ngx_http_lua_module")
_SUBSTITUTIONS = "ngx_http_subs_filter_module"  # Debian's libnginx-mod-http-subs-filter
_RESTY_LIBRARIES = (
    *("redis", "aes", "cookie", "string", "random", "md5"),
    *("sha", "sha1", "sha224", "sha256", "sha384", "sha512"),
)
# Libraries that Debian does not have; lua/ has what stands for them, where nginx does not find the real ones.
_OWN_LIBRARIES = (
    *("hmac", "http", "jwt", "jwt-validators", "lock"),
    *("limit.conn", "limit.count", "limit.req", "limit.traffic"),
)
_OWN_FOLDER = Path(__file__).parent / "lua"
# nginx cuts a log record here (NGX_MAX_ERROR_STR), line feed included.
_LONGEST_RECORD = 2048


@dataclass(frozen=True)
class LuaBlock:
    """Lua as it stands between the braces of a *_by_lua_block.

    Attributes:
        text: all between the braces, latin-1 of the bytes; its first line is what follows the opening brace.
        chunk: the name that messages shall carry, e.g. "access_by_lua(nginx.conf:12)"; "" keeps nginx's own,
            which has the line of the generated configuration.
    """

    text: str
    chunk: str = ""


@dataclass(frozen=True)
class Site:
    """What nginx serves: one location with its handlers, everything else passed to the upstream.

    Attributes:
        handlers: the Lua of the location (or the server) by phase.
        upstream: where requests go that no handler stops.
        location: nginx's location argument, as "/api" or "= /exact"; "" puts the handlers into the server.
        init: the text of init_by_lua_block.
        init_worker: the text of init_worker_by_lua_block.
        libraries: Lua that runs before init, under its own chunk names.
        modules: what `require` finds, by name, before it looks for files.
        files: what io.open and io.lines find, by path, before they look for files.
        globals: Lua globals that hold strings, numbers or booleans, set before init runs.
        environment: variables of the environment that Lua may read.
        redis: from "host:port" as in the snippet, or "*" for any other, to a real address.
        http: the same for resty.http.
        redis_timeout_ms: resty.redis's default timeout; None leaves nginx's 60 seconds.
        http_directives, server_directives, location_directives: nginx text, put in first.
        snippets: what there is in the place of handlers and location, see `ingress.reference`.
        beside: files beside nginx.conf, by name.
        names: the arguments of server_name.
    """

    handlers: Mapping[Phase, LuaBlock]
    upstream: Address
    location: str = ""
    init: LuaBlock | None = None
    init_worker: LuaBlock | None = None
    libraries: Sequence[LuaBlock] = ()
    modules: Mapping[str, LuaBlock] = field(default_factory=dict)
    files: Mapping[str, bytes] = field(default_factory=dict)
    globals: Mapping[str, str | float | bool] = field(default_factory=dict)
    environment: Mapping[str, str] = field(default_factory=dict)
    redis: Mapping[str, Address] = field(default_factory=dict)
    http: Mapping[str, Address] = field(default_factory=dict)
    redis_timeout_ms: int | None = None
    http_directives: str = ""
    server_directives: str = ""
    location_directives: str = ""
    snippets: Snippets | None = None
    beside: Mapping[str, bytes] = field(default_factory=dict)
    names: str = "reference.internal"


class Origin(Enum):
    """Who wrote a log record."""

    SNIPPET = "snippet"  # ngx.log and print
    ABORT = "abort"  # ngx_lua, about a Lua error that ended a handler
    CORE = "core"  # nginx or ngx_lua, about anything else


@dataclass(frozen=True)
class LogRecord:
    """One record of nginx's error log; text is latin-1 of the bytes.

    Attributes:
        level: such as "error".
        origin: who wrote it.
        text: without time, level and process before it, and without client, server and request after it. A
            snippet's begins with its position, "access_by_lua(nginx.conf:12):14: ".
        message: a snippet's text without position and function name; else as text.
        cut: nginx cut the record at its longest length, so text may lack its end.
        raw: the whole record.
    """

    level: str
    origin: Origin
    text: str
    message: str
    cut: bool
    raw: str


ABORTS = (
    "lua entry thread aborted: ",
    "lua user thread aborted: ",
    *(f"failed to run {phase}_by_lua*: " for phase in ("set", "header_filter", "body_filter", "log")),
)
"""How records begin that are about a Lua error that ended a handler."""


class ReferenceNginx(ProcessServer):
    """A real nginx that serves a Site on a loopback port of its own."""

    _starts_itself = False
    """Whether the http level has an init_by_lua of its own, which runs the prelude."""

    def __init__(self, site: Site, *, log_level: str = "info") -> None:
        self.address: Address = (LOOPBACK, free_port())
        self._idle_address: Address = (LOOPBACK, free_port())
        self.site = site
        self._log_level = log_level
        self._chunk_names: dict[str, str] = {}

    def _start(self) -> None:
        self._log = LogFile(self.folder / "error.log")
        (self.folder / "prelude.lua").write_text(_prelude(self.site, self.folder), encoding="latin-1")
        for number, data in enumerate(self.site.files.values()):
            (self.folder / f"file{number}").write_bytes(data)
        for name, data in self.site.beside.items():
            (self.folder / name).parent.mkdir(parents=True, exist_ok=True)
            (self.folder / name).write_bytes(data)
        text = self._configuration()
        self._chunk_names = _chunk_names(text, self.site)
        configuration = self.folder / "nginx.conf"
        configuration.write_text(_MARKS.sub("", text), encoding="latin-1")
        program = find_program("nginx", "/usr/sbin", "/usr/local/sbin")
        command: list[str | Path] = [program, "-p", self.folder, "-c", configuration, "-e", self._log.path]
        environment = {**os.environ, **self.site.environment}
        self._process = Process(command, log=self.folder / "output.log", cwd=self.folder, env=environment)
        self._process.wait_ready(lambda: listens(self.address), _START_SECONDS)
        self.reset()

    def _configuration(self) -> str:
        lines = ["daemon off;", "master_process off;", f"pid {self.folder}/nginx.pid;"]
        if os.geteuid() == 0:
            lines.append("user root;")  # else the worker could not use the temporary folder
        lines.append(f"error_log {self._log.path} {self._log_level};")
        lines += [f"env {name};" for name in self.site.environment]
        http = self._http_block()
        lines += [f"load_module {_module(name)};" for name in _modules("\n".join(http))]
        lines += ["events { worker_connections 1024; }", "http {", *http, "}", ""]
        return "\n".join(lines)

    def _http_block(self) -> list[str]:
        site, folder = self.site, self.folder
        temporary = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        lines = [f"{name}_temp_path {folder}/{name};" for name in temporary]
        lines += [
            "access_log off;",
            "server_tokens off;",
            # An 8 KB argument does not fit into the default buffers (4 of 8k): nginx answers 414 by itself.
            "large_client_header_buffers 4 64k;",
        ]
        if site.redis_timeout_ms is not None:
            lines += [
                f"lua_socket_{what}_timeout {site.redis_timeout_ms}ms;"
                for what in ("connect", "send", "read")
            ]
        if site.http_directives:
            lines.append(site.http_directives)
        if not self._starts_itself:
            init = site.init or LuaBlock("")
            lines.append(_block("init", LuaBlock(f" {self.prelude()} {init.text}", init.chunk)))
        if site.init_worker is not None:
            lines.append(_block("init_worker", site.init_worker))
        idle = f"server {{ listen {listen(self._idle_address)}; {_IDLE} }}"
        return [*lines, idle, *self._servers()]

    def _servers(self) -> list[str]:
        """The server blocks, besides the one that tells when all is done."""
        return ["server {", *self._server_block(), "}"]

    def _server_block(self) -> list[str]:
        site = self.site
        pass_on = [
            f"proxy_pass http://{site.upstream[0]}:{site.upstream[1]};",
            "proxy_http_version 1.1;",
            "proxy_set_header Host $http_host;",
            'proxy_set_header Connection "";',
        ]
        handlers = [_block(phase, block) for phase, block in site.handlers.items()]
        lines = [f"listen {listen(self.address)};", f"server_name {site.names};"]
        if site.server_directives:
            lines.append(site.server_directives)
        inside = [site.location_directives] if site.location_directives else []
        if "content" not in site.handlers:
            inside += pass_on
        if not site.location and "content" not in site.handlers:
            return [*lines, *handlers, "location / {", *inside, "}"]
        location = site.location or "/"
        lines += [f"location {location} {{", *inside, *handlers, "}"]
        if location != "/":
            lines += ["location / {", *pass_on, "}"]
        return lines

    def prelude(self) -> str:
        """The Lua that runs before the text of init_by_lua."""
        return f'dofile("{self.folder}/prelude.lua")'

    def settle(self) -> None:
        """Returns when nginx has done all that it could do by now: its one process answers after that."""
        client.send(self._idle_address, client.Request())

    def empty_dicts(self) -> None:
        """Removes all keys from the shared dicts."""
        client.send(self._idle_address, client.Request(target=_EMPTY_DICTS))

    def reset(self) -> None:
        """Forgets the log so far."""
        self._log.reset()

    def log(self) -> list[LogRecord]:
        """The error log's records since the start or the last reset."""
        return [self._record(raw) for raw in _split_records(self._log.text())]

    def _record(self, raw: str) -> LogRecord:
        match = _RECORD_START.match(raw)
        if match is None:
            raise ValueError(f"not an nginx log record: {raw!r}")
        level, rest = match["level"] or "stderr", raw[match.end() :]
        cut = len(raw) + 1 >= _LONGEST_RECORD
        text = _without_suffix(rest, cut)
        text = _CHUNK_NAME.sub(lambda name: self._chunk_names.get(name[0], name[0]), text)
        if text.startswith("[lua] "):
            text = text.removeprefix("[lua] ")
            if text.startswith(_WRITE_GUARD):
                return LogRecord(level, Origin.CORE, text, text, cut, raw)
            return LogRecord(level, Origin.SNIPPET, text, _POSITION.sub("", text, count=1), cut, raw)
        origin = Origin.ABORT if text.startswith(ABORTS) else Origin.CORE
        return LogRecord(level, origin, text, text, cut, raw)


def versions() -> dict[str, str]:
    """The versions of nginx and ngx_lua, as in {"nginx": "1.22.1", "ngx_lua": "0.10.23"}."""
    code = 'print("versions ", ngx.config.nginx_version, " ", ngx.config.ngx_lua_version)'
    site = Site(handlers={}, upstream=(LOOPBACK, 9), init=LuaBlock(code))
    with ReferenceNginx(site) as nginx:
        nginx._log.start = 0
        found = next(record.message for record in nginx.log() if record.message.startswith("versions "))
    names = ("nginx", "ngx_lua")
    return {name: _dotted(int(word)) for name, word in zip(names, found.split()[1:], strict=True)}


def _dotted(number: int) -> str:
    if number < 1_000_000:  # ngx_lua counts minor * 1000 + patch below version 1
        return f"0.{number // 1000}.{number % 1000}"
    return f"{number // 1_000_000}.{number // 1000 % 1000}.{number % 1000}"


_EMPTY_DICTS = "/empty-dicts"
_IDLE = (
    "location / { return 204; } "
    f"location = {_EMPTY_DICTS} {{ content_by_lua_block {{ "
    "for _, dict in pairs(ngx.shared) do dict:flush_all() dict:flush_expired() end } }"
)
_DIRECTIVES = tuple(
    f"{phase}_by_lua"
    for phase in (
        *("init", "init_worker", "set", "server_rewrite", "rewrite", "access", "content", "header_filter"),
        *("body_filter", "log"),
    )
)
_MARK = "\x00"  # stands before each directive of ours in the configuration while its line is looked up
_MARKS = re.compile(f"{_MARK}([^{_MARK}\n]*{_MARK})?")
_RECORD_START = re.compile(r"\d{4}/\d\d/\d\d \d\d:\d\d:\d\d \[(?P<level>[a-z]*)\] \d+#\d+: (\*\d+ )?")
_CHUNK_NAME = re.compile(r"\w+_by_lua\(nginx\.conf:\d+\)")
_WRITE_GUARD = "_G write guard:"  # ngx_lua's own warning, in Lua, that a global was written
_POSITION = re.compile(r"[^\n]*?:\d+: (\w+\(\): )?")
_SUFFIX = ", client: 127.0.0."
# Where there is no request, nginx says so: behind it is the address at which the timer's creator was asked.
_CONTEXT = re.compile(r", context: (ngx\.timer|init_worker_by_lua\*)(, client: [^,\n]*, server: [^,\n]*)?$")
# nginx appends what it was doing, if it was doing something in particular.
_ACTION = re.compile(
    r" while (logging request|sending to client|reading client request \w+|waiting for request|connecting to "
    r"upstream|sending request to upstream|reading response header from upstream|reading upstream)$"
)


def listen(address: Address) -> str:
    """An address as the directive `listen` has it."""
    return f"{address[0]}:{address[1]}"


def _modules(configuration: str) -> list[str]:
    """The modules that a configuration needs, in the order of ingress-nginx's build."""
    optional = [_SUBSTITUTIONS] if "subs_filter" in configuration else []
    return [*_MODULES[:-1], *optional, _MODULES[-1]]


def _module(name: str) -> Path:
    for folder in _MODULE_FOLDERS:
        if (path := folder / f"{name}.so").is_file():
            return path
    find_program("nginx", "/usr/sbin", "/usr/local/sbin")  # says so when nginx itself is missing
    package = "libnginx-mod-http-lua libnginx-mod-http-headers-more-filter"
    raise ServerError(f"nginx's {name}.so is not installed in {_MODULE_FOLDERS[0]}: apt install {package}")


def _block(phase: str, block: LuaBlock) -> str:
    # The closing brace stands on a line of its own: the text may end in a comment.
    return f"{_MARK}{phase}_by_lua_block {{{block.text}\n}}"


def placed(text: str, first: int) -> str:
    """An nginx text whose Lua says in messages that it is in nginx.conf, from line `first` on."""
    lines = text.split("\n")
    return "\n".join(f"{_MARK}@{number}{_MARK}{line}" for number, line in enumerate(lines, start=first))


def lua_block(directive: str, block: LuaBlock) -> str:
    """The nginx text of a `*_by_lua_block` directive: its name with arguments, and its Lua."""
    return f"{_MARK}{block.chunk}{_MARK}{directive} {{{block.text}\n}}"


def set_by_lua(name: str, block: LuaBlock, args: Sequence[str]) -> str:
    """The nginx text of a set_by_lua directive; the arguments are as they stand there."""
    mark = f"{_MARK}{block.chunk}{_MARK}"
    if not args:
        return lua_block(f"set_by_lua_block ${name}", block)
    # nginx counts the line of the `;`: the code stands on one line, with its line feeds written out.
    code = "".join(f"\\{char}" if char in "'\\" else char for char in block.text).replace("\n", "\\n")
    return f"{mark}set_by_lua ${name} '{code}' {' '.join(args)};"


def _chunk_names(configuration: str, site: Site) -> dict[str, str]:
    """From the chunk names that nginx will give the blocks to the ones that the site declares."""
    declared = {f"{phase}_by_lua": block.chunk for phase, block in site.handlers.items()}
    if site.init is not None:
        declared["init_by_lua"] = site.init.chunk
    if site.init_worker is not None:
        declared["init_worker_by_lua"] = site.init_worker.chunk
    names: dict[str, str] = {}
    for number, line in enumerate(configuration.split("\n"), start=1):
        if line.startswith(f"{_MARK}@"):  # a line of a text, which may have handlers of all kinds
            for directive in _DIRECTIVES:
                names[f"{directive}(nginx.conf:{number})"] = (
                    f"{directive}(nginx.conf:{line[2:].split(_MARK)[0]})"
                )
        elif line.startswith(_MARK) and line.count(_MARK) == 2:  # it brings the name along
            _, chunk, written = line.split(_MARK)
            directive = written.partition("_by_lua")[0]  # of a file the chunk's name does not say it
            names[f"{directive}_by_lua(nginx.conf:{number})"] = chunk
        elif line.startswith(_MARK):
            directive = line.removeprefix(_MARK).split("_block")[0]
            if declared.get(directive):
                names[f"{directive}(nginx.conf:{number})"] = declared[directive]
    return names


def _prelude(site: Site, own: Path) -> str:
    """The Lua that runs before the site's own init text."""
    lines = [f"local libraries = {{{', '.join(map(_quote, _RESTY_LIBRARIES))}}}"]
    lines.append(f"local own = {{{', '.join(map(_quote, _OWN_LIBRARIES))}}}")
    lines.append(f"local folder = {_quote(str(_OWN_FOLDER))}")
    for name, known in (("addresses", site.redis), ("services", site.http)):
        lines.append(f"local {name} = {{")
        lines += [f"  [{_quote(each)}] = {{{_quote(host)}, {port}}}," for each, (host, port) in known.items()]
        lines.append("}")
    lines.append(_PRELUDE)
    lines += [
        f"modules[{_quote(name)}] = {{{_quote(block.text, 'latin-1')}, {_quote('@' + block.chunk)}}}"
        for name, block in site.modules.items()
    ]
    if site.files:
        lines.append("local files = {}")
        for number, name in enumerate(site.files):
            lines.append(f"files[{_quote(name)}] = {_quote(str(own / f'file{number}'))}")
        lines.append(_FILES)
    lines += [f"_G[{_quote(name)}] = {_literal(value)}" for name, value in site.globals.items()]
    for library in site.libraries:
        # "=" makes the name the chunk's name as it is.
        lines.append(
            f"assert(loadstring({_quote(library.text, 'latin-1')}, {_quote('=' + library.chunk)}))()"
        )
    return "\n".join(lines) + "\n"


_PRELUDE = """
local modules = {}
table.insert(package.loaders, 2, function(name)
  local module = modules[name]
  if module then
    return assert(loadstring(module[1], module[2]))
  end
end)
for _, name in ipairs(libraries) do
  package.preload["resty." .. name] = function() return require("nginx." .. name) end
end
for _, name in ipairs(own) do
  if not package.searchpath("resty." .. name, package.path) then
    local path = folder .. "/resty/" .. name:gsub("%.", "/") .. ".lua"
    package.preload["resty." .. name] = function() return dofile(path) end
  end
end
local load_http = package.preload["resty.http"]
  or function(name) return dofile(package.searchpath(name, package.path)) end
package.preload["resty.http"] = function(name)
  local tcp = ngx.socket.tcp
  function ngx.socket.tcp()
    local sock = tcp()
    local connect = sock.connect
    function sock:connect(host, port, ...)
      local address = services[tostring(host) .. ":" .. tostring(port)] or services["*"]
      if address then
        return connect(self, address[1], address[2], ...)
      end
      return connect(self, host, port, ...)
    end
    return sock
  end
  local http = load_http(name)
  ngx.socket.tcp = tcp
  return http
end
-- Loaded when a snippet first asks for it: ngx.socket is not there yet while this file runs.
package.preload["resty.redis"] = function()
  local redis = require "nginx.redis"
  local connect = redis.connect
  function redis.connect(self, host, port, ...)
    local address = addresses[tostring(host) .. ":" .. tostring(port)] or addresses["*"]
    if address then
      return connect(self, address[1], address[2], ...)
    end
    return connect(self, host, port, ...)
  end
  return redis
end"""


_FILES = """
local function found(path)
  local rest = tostring(path):gsub("/%.?/", "/"):gsub("^%.?/", "")
  while rest do
    if files[rest] then
      return files[rest]
    end
    rest = rest:match("^[^/]*/(.*)$")
  end
  return path
end
for _, name in ipairs({"open", "lines"}) do
  local original = io[name]
  io[name] = function(path, ...)
    if type(path) ~= "string" then
      return original(path, ...)
    end
    local real = found(path)
    if name == "lines" then
      return original(real, ...)
    end
    local file, err, code = original(real, ...)
    if file then
      return file
    end
    return file, (err:gsub("^.*: ", path:gsub("%%", "%%%%") .. ": ")), code
  end
end"""
"""The files of a site, found as a plugin finds them."""


def _literal(value: str | float | bool) -> str:
    """A value as Lua writes it."""
    return _quote(value) if isinstance(value, str) else json.dumps(value)


def _quote(text: str, encoding: str = "utf-8") -> str:
    """A Lua string literal; every byte as a decimal escape, so that nothing can end it."""
    return '"' + "".join(f"\\{byte:03d}" for byte in text.encode(encoding)) + '"'


def _split_records(text: str) -> Iterator[str]:
    """Cuts the log into records; a message may hold line feeds."""
    starts = [match.start() for match in re.finditer(rf"^{_RECORD_START.pattern}", text, re.MULTILINE)]
    for start, end in zip(starts, [*starts, len(text)][1:], strict=True):
        yield text[start:end].removesuffix("\n")


def _without_suffix(text: str, cut: bool) -> str:
    """The text without what nginx appends about client and request; a cut record holds a part of that."""
    text = _CONTEXT.sub("", text)
    end = text.find(_SUFFIX)
    if end >= 0:
        return _ACTION.sub("", text[:end])
    if cut:
        for length in range(len(_SUFFIX) - 1, 0, -1):
            if text.endswith(_SUFFIX[:length]):
                return text[:-length]
    return text
