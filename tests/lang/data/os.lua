local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- conversions
local t = 1700000000
for c in ("aAbBcCdDeFgGhHIjklmMnprRsStTuUVwWxXyYzZ%EOPqJ"):gmatch(".") do show(c, os.date("!%" .. c, t)) end
--- conversions-at-other-times
for _, t in ipairs{0, 1, 86399, -1, 951782400, 1483228800, 1609459200, 1230768000, 4102444800, -62135596800, -99999999999, 999999999999} do
  show(os.date("!%c|%F %T|%D|%G-W%V-%u|%g|%U %W %w|%j|%I %p %l %k|%C %y|%h %e|%R|%r", t))
end
--- flags-and-widths
show(os.date("!%_5d|%-H|%010Y|%^a|%#Z|%5%|%-j|%_j|%^c|%#B|%#p|%_I|%-I|%0e|%-e|%12F|%-y|%_y|%^Z|%^h|%5h|%-m/%-d", 5))
--- local-time
show(os.date("%Y-%m-%d %H:%M:%S %Z", 86400), os.date("%z", 0), os.date("%x %X", 3600))
--- table
for _, f in ipairs{"*t", "!*t"} do
  local d = os.date(f, 1700000000)
  show(d.year, d.month, d.day, d.hour, d.min, d.sec, d.wday, d.yday, d.isdst)
end
local d = os.date("*t", 0)
d.month = d.month + 13
show(os.time(d), os.date("%F", os.time(d)))
--- time-of-table
show(os.time{year = 2020, month = 1, day = 1}, os.time{year = 2020, month = 1, day = 1, hour = 0})
show(os.time{year = 2020, month = 14, day = -3, hour = 25, min = 61, sec = 61}, os.time{year = "2020", month = "1", day = "1.7", hour = "x"})
show(os.time{year = 1900, month = 1, day = 1}, os.time{year = 1969, month = 12, day = 31, hour = 23, min = 59, sec = 59}, os.time{year = -1, month = 1, day = 1})
show(os.time{year = 2020, month = 1, day = 1, isdst = true}, os.time{year = 2020, month = 1, day = 1, hour = 12.9, min = -0.5})
show(os.time{year = 2024, month = 2, day = 29}, os.time{year = 2023, month = 2, day = 29}, os.time{year = 2020, month = 0, day = 0})
--- time-errors
local function try(t) local x = os.time(t) return x end
show(pcall(try, {year = 2020})) show(pcall(try, {year = 2020, month = 1})) show(pcall(try, {month = 1, day = 1}))
show(pcall(try, 5)) show(pcall(try, "x")) show(pcall(try, {year = {}, month = 1, day = 1}))
show(pcall(function(t) local x = os.time(t) return x end, {}))
--- date-arguments
show(os.date("", 0), os.date(5, 0), os.date("!%Y", "86400"), os.date("!%c", 1.9), os.date("!%c", -1.9))
show(os.date("!%a\0b", 0))
show(pcall(function(f, t) local d = os.date(f, t) return d end, {}, 0)) show(pcall(function(t) local d = os.date("%Y", t) return d end, "x"))
show(os.date("!%c", 2^60), os.date("!%c", 1e300), os.date("!*t", 1e300))
show(pcall(function(f, t) local d = os.date(f, t) return d end, "%Y", {}))
local format = "!%H:%M"
show(os.date(format, 3661), type(os.date()), #os.date("%Y-%m-%d"), type(os.date("*t")), os.date("%Y") == os.date("*t").year .. "")
--- now
show(os.time() > 1700000000, os.time() == math.floor(os.time()), os.date("%Y") >= "2023", os.time(nil) > 0, os.date("!%s") + 0 > 0)
--- durations
show(os.difftime(5, 3), os.difftime(7.5, 2), os.difftime("7", "2"), type(os.clock()), os.clock() >= 0)

--- round-trip
for _, t in ipairs{0, 951782400, 1582934400, 1700000000, 4102444799} do
  local d = os.date("!*t", t)
  show(os.time{year = d.year, month = d.month, day = d.day, hour = d.hour, min = d.min, sec = d.sec} == t)
end
