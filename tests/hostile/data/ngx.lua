-- A little of nginx for LuaJIT: reads runs, prints for each what it logged and how it ended.
-- Input, on standard input, many times: "<length of the program> <query> <x-a>\n" and the program's text.
local CHUNK = "=access_by_lua(snippet.lua:1)"
local unpack, tostring, type = unpack, tostring, type
local ffi = require("ffi")
local EXIT = {}
local lines

local function escaped(text)
  return (text:gsub("[%c\\\128-\255]", function(c) return ("\\%03d"):format(c:byte()) end))
end

-- What nginx, which lets C round, writes of a number.
ffi.cdef("int snprintf(char *, size_t, const char *, ...);")
local buffer = ffi.new("char[64]")
local function number(n)
  if n == 0 then return "0" end -- nginx does not know -0
  return ffi.string(buffer, ffi.C.snprintf(buffer, 64, "%.14g", n))
end

-- What a function of nginx's writes of its arguments into the log.
local function shown(name, ...)
  local parts = {}
  for i = 1, select("#", ...) do
    local value = (select(i, ...))
    local kind, meta = type(value), debug.getmetatable(value)
    local problem
    if kind == "table" and not (meta and meta.__tostring) then
      problem = "expected table to have __tostring metamethod"
    elseif kind ~= "table" and kind ~= "string" and kind ~= "number" and kind ~= "boolean" and kind ~= "nil" then
      problem = "string, number, boolean, or nil expected, got " .. kind
    end
    if problem then error(("bad argument #%d to '%s' (%s)"):format(i, name, problem), 3) end
    parts[i] = kind == "number" and number(value) or tostring(value)
  end
  return table.concat(parts)
end

local function position(level)
  local info = debug.getinfo(level + 1, "Sl")
  return info.short_src .. ":" .. info.currentline
end

local function new_ngx(query, header)
  local ngx = { ERR = 4, WARN = 5, NOTICE = 7, INFO = 7, OK = 0, HTTP_FORBIDDEN = 403 }
  local var = {}
  ngx.var = setmetatable({}, { __index = function(_, name)
    if name == "args" then return query ~= "" and query or nil end
    local wanted = name:match("^arg_(.*)")
    if wanted then
      for key, value in query:gmatch("([^&=]+)=([^&]*)") do
        if key:lower() == wanted:lower() then return value end
      end
      return nil
    end
    if name == "http_x_a" and header ~= "" then return header end
    return var[name]
  end })
  function ngx.log(level, ...)
    local text = shown("log", ...)
    lines[#lines + 1] = ("%d %s: %s"):format(level, position(2), text)
  end
  function ngx.exit(code)
    error({ mark = EXIT, code = code })
  end
  return ngx
end

-- print, which writes into nginx's log.
local function log_print(...)
  local text = shown("print", ...)
  lines[#lines + 1] = ("7 %s: %s"):format(position(2), text)
end

-- As in nginx, an exit is no error to pcall.
local function is_exit(problem)
  return type(problem) == "table" and problem.mark == EXIT
end

local function results(ok, ...)
  if not ok and is_exit((...)) then error((...), 0) end
  return ok, ...
end
local function protected(f, ...)
  return results(pcall(f, ...))
end

local function run(text, query, header)
  lines = {}
  math.randomseed(0) -- as in a new VM
  local chunk = assert(loadstring(text, CHUNK))
  local environment = { ngx = new_ngx(query, header), pcall = protected, print = log_print }
  setfenv(chunk, setmetatable(environment, { __index = _G }))
  local ok, problem = pcall(chunk)
  local outcome = "passed"
  if not ok and is_exit(problem) then
    outcome = problem.code == 0 and "passed" or tostring(problem.code)
  elseif not ok then
    local has_text = type(problem) == "string" or type(problem) == "number"
    lines[#lines + 1] = "error " .. (has_text and problem or "unknown reason")
    outcome = "500"
  end
  for _, line in ipairs(lines) do io.write("  ", escaped(line), "\n") end
  io.write(outcome, "\n")
end

while true do
  local head = io.read("*l")
  if not head then break end
  local length, query, header = head:match("^(%d+) (%S*) (%S*)$")
  run(io.read(tonumber(length)), query, header)
end
