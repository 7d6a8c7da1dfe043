-- A little of nginx for LuaJIT: reads runs, prints for each what it logged and how it ended.
-- Input, on standard input, many times: "<length of the program> <query> <x-a>\n" and the program's text.
local CHUNK = "=access_by_lua(snippet.lua:1)"
local unpack, tostring, type = unpack, tostring, type
local EXIT = {}
local lines

local function escaped(text)
  return (text:gsub("[%c\\\128-\255]", function(c) return ("\\%03d"):format(c:byte()) end))
end

local function shown(value)
  if value == 0 then return "0" end -- ngx.log does not know -0
  return tostring(value)
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
    local parts = {}
    for i = 1, select("#", ...) do parts[i] = shown((select(i, ...))) end
    lines[#lines + 1] = ("%d %s: %s"):format(level, position(2), table.concat(parts))
  end
  function ngx.exit(code)
    error({ mark = EXIT, code = code })
  end
  return ngx
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
  local chunk = assert(loadstring(text, CHUNK))
  local environment = { ngx = new_ngx(query, header), pcall = protected }
  setfenv(chunk, setmetatable(environment, { __index = _G }))
  local ok, problem = pcall(chunk)
  local outcome = "passed"
  if not ok and is_exit(problem) then
    outcome = problem.code == 0 and "passed" or tostring(problem.code)
  elseif not ok then
    lines[#lines + 1] = "error " .. problem
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
