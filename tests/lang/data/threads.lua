local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- running
local co co = coroutine.create(function()
  show(coroutine.running() == co, coroutine.status(co), type(coroutine.running()))
end)
show(coroutine.resume(co))
--- traceback
local function first(s) return (tostring(s):match("^([^\n]*)")) end
show(first(debug.traceback("msg")), first(debug.traceback("msg", 2)), first(debug.traceback()), type(debug.traceback()))
show(debug.traceback(nil) ~= nil, debug.traceback({ 1 })[1], debug.traceback(true), first(debug.traceback(5)))
local ok, err = xpcall(function() error("inner") end, debug.traceback)
show(ok, first(err), (err:find("stack traceback:", 1, true)) ~= nil)
local ok, err = xpcall(function() local x = nil return x.y end, function(e) return debug.traceback("got " .. e, 2) end)
show(ok, first(err))
show(select(2, xpcall(function() error({ code = 7 }) end, debug.traceback)).code)
--- pairs-as-values
local function keys(iter, t) local n = {} for k, v in iter(t) do n[#n + 1] = tostring(k) .. "=" .. tostring(v) end table.sort(n) return table.concat(n, ",") end
show(keys(pairs, { 1, 2, x = 3 }), keys(ipairs, { 1, 2, x = 3 }), keys(ipairs, {}), keys(pairs, {}))
local iter = select("#", 1) == 1 and pairs or ipairs
for k, v in iter({ a = 1 }) do show(k, v) end
local f, s, c = pairs({ 7 }) show(type(f), type(s), c, f(s, c)) show(f(s, 1))
local f, s, c = ipairs({ 7 }) show(type(f), type(s), c, f(s, c)) show(f(s, 1))
show(pcall(pairs, nil)) show(pcall(function() local p = { pairs } p[1](5) end))
local t = { go = pairs } for k in t.go({ z = 1 }) do show(k) end
show((function() for k, v in pairs({ 1 }) do return k, v end end)())
