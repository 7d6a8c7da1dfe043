-- resty.http for the reference nginx, on cosockets: written from the documented behaviour of lua-resty-http 0.17,
-- which Debian does not package. It has what request_uri, connect, request and the response's readers do; no proxies.
local M = {}
M.__index = M

local tcp = ngx.socket.tcp
local USER_AGENT = "lua-resty-http/0.17.2 (Lua) ngx_lua/10028"
local URI = [[^(?:(http[s]?):)?//((?:[^\[\]:/\?]+)|(?:\[.+\]))(?::(\d+))?([^\?]*)\??(.*)]]
local WITH_BODY = {POST = true, PUT = true, PATCH = true}

local function normal(name)
  return (name:gsub("_", "-"):lower())
end

-- A table whose string keys are found in any case, and with underscores for dashes.
local function new_headers()
  local names = {}
  return setmetatable({}, {
    __index = function(t, key)
      return type(key) == "string" and names[normal(key)] and rawget(t, names[normal(key)]) or nil
    end,
    __newindex = function(t, key, value)
      local name = normal(key)
      names[name] = names[name] or key:gsub("_", "-")
      rawset(t, names[name], value)
    end,
  })
end

local function copy(t)
  if type(t) ~= "table" then
    return t
  end
  local found = {}
  for key, value in next, t do
    found[key] = copy(value)
  end
  return found
end

function M.new()
  return setmetatable({sock = tcp(), reusable = true}, M)
end

function M:set_timeout(ms)
  return self.sock:settimeout(ms)
end

function M:set_timeouts(connect, send, read)
  return self.sock:settimeouts(connect, send, read)
end

function M:parse_uri(uri, query_in_path)
  local found = ngx.re.match(uri, URI, "jo")
  if not found then
    return nil, "bad uri: " .. uri
  end
  found[1] = found[1] or ngx.var.scheme
  found[3] = found[3] and tonumber(found[3]) or (found[1] == "https" and 443 or 80)
  if found[4] == "" then
    found[4] = "/"
  end
  if query_in_path ~= false and found[5] ~= "" then
    found[4] = found[4] .. "?" .. found[5]
    found[5] = nil
  end
  return found
end

function M:connect(options, port)
  if type(options) ~= "table" then
    self.host, self.port, self.ssl = options, type(port) == "number" and port or nil, false
    return self.sock:connect(options, port)
  end
  local scheme, number = options.scheme, options.port
  if scheme and not number then
    number = scheme == "https" and 443 or 80
  elseif number and not scheme then
    return nil, "'scheme' is required when providing a port"
  end
  local request_host = options.host
  local pool = (scheme or "") .. ":" .. request_host .. ":" .. tostring(number)
  local ok, err = self.sock:connect(request_host, number, {pool = pool})
  if not ok then
    return nil, err
  end
  if scheme == "https" and self.sock:getreusedtimes() == 0 then
    ok, err = self.sock:sslhandshake(nil, options.ssl_server_name or request_host, options.ssl_verify ~= false)
    if not ok then
      self:close()
      return nil, err
    end
  end
  self.host, self.port, self.ssl, self.reusable = request_host, number, scheme == "https", true
  return true
end

function M:close()
  return self.sock:close()
end

function M:get_reused_times()
  return self.sock:getreusedtimes()
end

function M:set_keepalive(...)
  if self.reusable then
    return self.sock:setkeepalive(...)
  end
  local ok, err = self.sock:close()
  if ok then
    return 2, "connection must be closed"
  end
  return ok, err
end

local function body_length(body)
  if type(body) ~= "table" then
    return #tostring(body)
  end
  local length = 0
  for _, piece in ipairs(body) do
    length = length + #tostring(piece)
  end
  return length
end

local function is_chunked(headers)
  local encoding = headers["Transfer-Encoding"]
  return encoding and tostring(encoding):lower():find("chunked", 1, true) ~= nil
end

local function request_headers(self, params)
  local headers, body = new_headers(), params.body
  for name, value in pairs(params.headers or {}) do
    headers[name] = value
  end
  if is_chunked(headers) then
    headers["Content-Length"] = nil
  elseif not headers["Content-Length"] then
    if type(body) == "function" then
      return nil, "Request body is a function but a length or chunked encoding is not specified"
    elseif body ~= nil then
      headers["Content-Length"] = body_length(body)
    elseif WITH_BODY[params.method:upper()] then
      headers["Content-Length"] = 0
    end
  end
  local own = self.ssl and 443 or 80
  headers["Host"] = headers["Host"] or (self.port and self.port ~= own and self.host .. ":" .. self.port or self.host)
  headers["User-Agent"] = headers["User-Agent"] or USER_AGENT
  return headers
end

local function send_request(self, params)
  params.method, params.path = params.method or "GET", params.path or "/"
  local headers, err = request_headers(self, params)
  if not headers then
    return nil, err
  end
  local query = params.query or ""
  if type(query) == "table" then
    query = "?" .. ngx.encode_args(query)
  elseif query ~= "" and query:sub(1, 1) ~= "?" then
    query = "?" .. query
  end
  local lines = {params.method:upper() .. " " .. params.path .. query .. " HTTP/1.1"}
  for name, values in pairs(headers) do
    for _, value in pairs(type(values) == "table" and values or {values}) do
      lines[#lines + 1] = tostring(name) .. ": " .. tostring(value)
    end
  end
  local ok, problem = self.sock:send(table.concat(lines, "\r\n") .. "\r\n\r\n")
  if not ok then
    return nil, problem
  end
  local body = params.body
  if type(body) == "function" then
    local piece, why = body()
    while piece do
      ok, problem = self.sock:send(piece)
      if not ok then
        return nil, problem
      end
      piece, why = body()
    end
    if why then
      return nil, why
    end
    return true
  end
  if body ~= nil then
    return self.sock:send(body)
  end
  return true
end

local function read_headers(sock)
  local headers = new_headers()
  while true do
    local line, err = sock:receive("*l")
    if not line then
      return nil, err
    end
    local name, value = line:match("^([^:%s]+):%s*(.*)$")
    if not name then
      return headers
    end
    local before = headers[name]
    if type(before) == "table" then
      before[#before + 1] = value
    elseif before then
      headers[name] = {before, value}
    else
      headers[name] = value
    end
  end
end

-- A coroutine as a function, which says so when it has ended.
local function reader(run)
  local thread = coroutine.create(run)
  return function(...)
    if coroutine.status(thread) ~= "suspended" then
      return nil, "can't resume a " .. coroutine.status(thread) .. " coroutine"
    end
    return select(2, coroutine.resume(thread, ...))
  end
end

local function chunked_reader(sock)
  return reader(function()
    while true do
      local line, err = sock:receive("*l")
      local length = line and tonumber(line, 16)
      if not length then
        coroutine.yield(nil, err or "unable to read chunksize")
        return
      end
      local chunk, problem = "", nil
      if length > 0 then
        chunk, problem = sock:receive(length)
        if not chunk then
          coroutine.yield(nil, problem)
        end
      end
      if length > 0 then
        coroutine.yield(chunk)
      end
      sock:receive(2)
      if length == 0 then
        return
      end
    end
  end)
end

local function sized_reader(sock, length)
  return reader(function(size)
    if not length then
      coroutine.yield(sock:receive("*a"))
      return
    elseif not size then
      coroutine.yield(sock:receive(length))
      return
    end
    local left = length
    while math.min(size, left) > 0 do
      local piece, err = sock:receive(math.min(size, left))
      if not piece then
        coroutine.yield(nil, err)
      end
      left = left - math.min(size, left)
      size = tonumber((coroutine.yield(piece)))
      if not size or size < 0 then
        ngx.log(ngx.ERR, "Buffer size not specified, bailing")
        return
      end
    end
  end)
end

local function read_body(res)
  local chunks = {}
  while true do
    local chunk, err = res.body_reader()
    if err then
      return nil, err, table.concat(chunks)
    elseif not chunk then
      return table.concat(chunks)
    end
    chunks[#chunks + 1] = chunk
  end
end

local function read_response(self, params)
  local sock = self.sock
  local line, err = sock:receive("*l")
  if not line then
    return nil, err
  end
  local status, reason = tonumber(line:sub(10, 12)), line:sub(14)
  local headers
  headers, err = read_headers(sock)
  if not headers then
    return nil, err
  end
  self.reusable = not tostring(headers["Connection"]):lower():find("close", 1, true)
  local has_body = params.method ~= "HEAD" and status ~= 204 and status ~= 304
  local body_reader = function() return nil end
  if has_body and is_chunked(headers) then
    body_reader = chunked_reader(sock)
  elseif has_body then
    body_reader = sized_reader(sock, tonumber(headers["Content-Length"]))
  end
  return {
    status = status,
    reason = reason,
    headers = headers,
    has_body = has_body,
    body_reader = body_reader,
    read_body = read_body,
    read_trailers = function() return nil, "no trailers" end,
  }
end

function M:request(params)
  params = copy(params)
  local ok, err = send_request(self, params)
  if not ok then
    return nil, err
  end
  return read_response(self, params)
end

function M:request_uri(uri, params)
  params = copy(params or {})
  local parsed, err = self:parse_uri(uri, false)
  if not parsed then
    return nil, err
  end
  local path, query
  params.scheme, params.host, params.port, path, query = unpack(parsed, 1, 5)
  params.path, params.query = params.path or path, params.query or query
  local ok
  ok, err = self:connect(params)
  if not ok then
    return nil, err
  end
  local res
  res, err = self:request(params)
  if not res then
    self:close()
    return nil, err
  end
  res.body, err = res:read_body()
  if not res.body then
    self:close()
    return nil, err
  end
  if params.keepalive == false then
    self:close()
  else
    self:set_keepalive(params.keepalive_timeout, params.keepalive_pool)
  end
  return res
end

return M
