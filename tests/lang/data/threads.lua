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
