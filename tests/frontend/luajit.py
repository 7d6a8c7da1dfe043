"""Asks the real LuaJIT (Debian's `luajit2`): does it take a chunk, and what does the chunk compute?"""

from __future__ import annotations

import subprocess
from dataclasses import dataclass

# Reads jobs from standard input ("<length>\n<text>", many times) and answers each in the same form.
_DRIVER = r"""
local function quote(value)
  local kind = type(value)
  if kind == "string" then
    return '"' .. value:gsub('[^ !#-%[%]-~]', function(c) return ("\\%03d"):format(c:byte()) end) .. '"'
  elseif kind == "number" then
    return ("%.17g"):format(value)
  elseif kind == "table" then
    local meta = getmetatable(value)
    if meta and meta.trace then return rawget(value, meta) end
    local parts = {}
    for k, v in pairs(value) do parts[#parts + 1] = quote(k) .. "=" .. quote(v) end
    table.sort(parts)
    return "{" .. table.concat(parts, ",") .. "}"
  end
  return kind == "function" and kind or tostring(value)
end

-- Values that record how they are combined.
local tracer = { trace = true }
local function traced(text) return setmetatable({ [tracer] = text }, tracer) end
local function shown(value) return quote(value) end
for name, sign in pairs{ add = "+", sub = "-", mul = "*", div = "/", mod = "%", pow = "^", concat = ".." } do
  tracer["__" .. name] = function(a, b) return traced("(" .. shown(a) .. sign .. shown(b) .. ")") end
end
tracer.__unm = function(a) return traced("-" .. shown(a)) end
tracer.__index = function(t, k)
  return traced(shown(t) .. "[" .. shown(k) .. "]")
end
tracer.__call = function(f, ...)
  local parts = {}
  for i = 1, select("#", ...) do parts[i] = shown((select(i, ...))) end
  return traced(shown(f) .. "(" .. table.concat(parts, ",") .. ")")
end
local function environment()
  local env = { log = {} }
  for c in ("abcdefgh"):gmatch "." do env[c] = traced(c) end
  for _, name in ipairs{ "string", "table", "math", "select", "tostring", "tonumber", "type", "pairs",
                         "ipairs", "unpack",
                         "setmetatable", "getmetatable", "rawget", "assert", "error", "pcall" } do
    env[name] = _G[name]
  end
  env.none = function() end
  env.two = function() return 1, 2 end
  env.say = function(v) env.log[#env.log + 1] = shown(v) return v end
  env._G = env
  return env
end

local jobs = {
  load = function(text)
    local chunk, message = loadstring(text, "=L")
    return chunk and "ok" or message
  end,
  dump = function(text)
    local chunk, message = loadstring(text, "=L")
    return chunk and string.dump(chunk, true) or message
  end,
  run = function(text)
    local chunk, message = loadstring(text, "=L")
    if not chunk then return message end
    local env = environment()
    setfenv(chunk, env)
    local results = { pcall(chunk) }
    if not results[1] then return "error: " .. tostring(results[2]) end
    local parts = {}
    for i = 2, table.maxn(results) do parts[i - 1] = quote(results[i]) end
    return table.concat(parts, " ") .. " | " .. table.concat(env.log, " ")
  end,
}
while true do
  local length = io.read("*n")
  if not length then break end
  io.read(1)
  local answer = jobs[mode](length > 0 and io.read(length) or "")
  io.write(#answer, "\n", answer)
end
"""


@dataclass(frozen=True)
class Verdict:
    """What LuaJIT says of a chunk: `message` is None if it takes it; `line` is where the error is."""

    message: str | None
    line: int


def _ask(mode: str, texts: list[bytes]) -> list[bytes]:
    jobs = b"".join(b"%d\n%s" % (len(text), text) for text in texts)
    command = ["luajit", "-e", f"local mode = '{mode}' {_DRIVER}"]
    done = subprocess.run(command, input=jobs, capture_output=True, check=True, timeout=120)
    answers = []
    position = 0
    while position < len(done.stdout):
        end = done.stdout.index(b"\n", position)
        length = int(done.stdout[position:end])
        answers.append(done.stdout[end + 1 : end + 1 + length])
        position = end + 1 + length
    assert len(answers) == len(texts), done.stderr
    return answers


def verdicts(texts: list[bytes]) -> list[Verdict]:
    """Whether LuaJIT takes each chunk."""
    found = []
    for answer in _ask("load", texts):
        if answer == b"ok":
            found.append(Verdict(None, 0))
            continue
        text = answer.decode("utf-8", "surrogateescape")
        place, _, message = text.partition(": ")
        found.append(Verdict(message, int(place.partition(":")[2] or 0)))
    return found


def same_bytecode(pairs: list[tuple[bytes, bytes]]) -> list[bool]:
    """Whether both chunks of each pair have the same bytecode without debug information: the same meaning.

    LuaJIT writes a constant table's entries in the order of its hash part, which is not even the same for two
    dumps of one text; so the bytes are compared regardless of their order.
    """
    dumps = _ask("dump", [text for pair in pairs for text in pair])
    return [sorted(first) == sorted(second) for first, second in zip(dumps[::2], dumps[1::2], strict=True)]


def results(texts: list[bytes]) -> list[str]:
    """What each chunk returns and says.

    `a` to `h` are values that record the operators applied to them; `two()` returns 1, 2; `none()` nothing;
    `say(v)` notes v and returns it.
    """
    return [answer.decode("latin-1") for answer in _ask("run", texts)]
