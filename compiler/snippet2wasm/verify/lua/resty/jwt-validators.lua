-- resty.jwt-validators for the reference nginx: written from the documented behaviour of lua-resty-jwt 0.3.
local M = {}
local leeway, clock = 0, ngx.now

local function fail(form, ...)
  error(form:format(...), 0)
end

local function there(value, name)
  return value or fail("Cannot create validator for nil %s.", name)
end

local function typed(value, kind, name)
  return type(value) == kind and value or fail("Cannot create validator for non-%s %s.", kind, name)
end

local function filled(values, kind, name)
  typed(values, "table", name)
  if next(values) == nil then
    fail("Cannot create validator for empty table %s.", name)
  end
  for _, value in ipairs(values) do
    if type(value) ~= kind then
      fail("Cannot create validator for non-%s table %s.", kind, name)
    end
  end
end

local function malformed(claim, kind)
  fail("'%s' is malformed.  Expected to be a %s.", claim, kind)
end

function M.chain(...)
  local functions = {...}
  for _, f in ipairs(functions) do
    typed(f, "function", "chain_function")
  end
  return function(...)
    for _, f in ipairs(functions) do
      if f(...) == false then
        return false
      end
    end
    return true
  end
end

function M.required(f)
  local function there_is(value, claim)
    return value and true or fail("'%s' claim is required.", claim)
  end
  return f and M.chain(there_is, f) or there_is
end

function M.require_one_of(names)
  there(names, "claim_keys")
  filled(names, "string", "claim_keys")
  return function(token, claim)
    if type(token) ~= "table" then
      malformed(claim, "table")
    elseif type(token.payload) ~= "table" then
      malformed(claim .. ".payload", "table")
    end
    for _, name in ipairs(names) do
      if token.payload[name] ~= nil then
        return true
      end
    end
    fail("Missing one of claims - [ %s ].", table.concat(names, ", "))
  end
end

local function define(name, make)
  M["opt_" .. name] = make
  M[name] = function(...) return M.required(make(...)) end
end

local function of_type(kind, f)
  return function(value, claim)
    if value == nil then
      return true
    elseif type(value) ~= kind or not value then
      malformed(claim, kind)
    end
    return f(value)
  end
end

define("check", function(wanted, f, name, kind)
  there(wanted, name or "check_val")
  typed(there(f, "check_function"), "function", "check_function")
  return of_type(kind or type(wanted), function(value) return f(value, wanted) end)
end)

define("equals", function(wanted)
  return M.opt_check(wanted, function(value) return value == wanted end)
end)

define("matches", function(pattern)
  typed(pattern, "string", "pattern")
  return of_type("string", function(value) return value:match(pattern) ~= nil end)
end)

define("any_of", function(values, f, name, kind, item_kind)
  name = name or "check_values"
  typed(there(values, name), "table", name)
  item_kind = item_kind or type(values[1])
  filled(values, item_kind, name)
  typed(there(f, "check_function"), "function", "check_function")
  return of_type(kind or item_kind, function(value)
    for _, item in ipairs(values) do
      if f(value, item) then
        return true
      end
    end
    return false
  end)
end)

define("equals_any_of", function(values)
  return M.opt_any_of(values, function(value, item) return value == item end)
end)

define("matches_any_of", function(patterns)
  return M.opt_any_of(patterns, function(value, item) return value:match(item) ~= nil end, "patterns", "string", "string")
end)

define("contains_any_of", function(values, name)
  return M.opt_any_of(values, function(list, item)
    for _, value in pairs(list) do
      if value == item then
        return true
      end
    end
  end, name, "table", "string")
end)

for name, fits in pairs {
  greater_than = function(a, b) return a > b end,
  greater_than_or_equal = function(a, b) return a >= b end,
  less_than = function(a, b) return a < b end,
  less_than_or_equal = function(a, b) return a <= b end,
} do
  define(name, function(limit)
    typed(limit, "number", "check_val")
    return of_type("number", function(value) return fits(value, limit) end)
  end)
end

local function not_negative(value, message)
  if type(value) ~= "number" or not (value >= 0) then
    error(message, 0)
  end
  return value
end

function M.set_system_leeway(seconds)
  leeway = not_negative(seconds, "leeway must be a non-negative number")
end

function M.set_system_clock(f)
  if type(f) ~= "function" then
    error("clock must be a function", 0)
  end
  not_negative(f(), "clock function must return a non-negative number")
  clock = f
end

for name, date in pairs {
  is_not_before = {"not valid until", function(value, now, slack) return value <= now + slack end},
  is_not_expired = {"expired at", function(value, now, slack) return value > now - slack end},
  is_at = {"is only valid at", function(value, now, slack) return value >= now - slack and value <= now + slack end},
} do
  define(name, function(options)
    local own = options and typed(options, "table", "options").leeway
    return function(value, claim)
      if value == nil then
        return true
      end
      not_negative(value, ("'%s' is malformed.  Expected to be a positive numeric value."):format(claim))
      if not date[2](value, clock(), own or leeway) then
        fail("'%s' claim %s %s", claim, date[1], ngx.http_time(value))
      end
      return true
    end
  end)
end

return M
