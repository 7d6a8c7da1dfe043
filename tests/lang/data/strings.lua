local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- len-and-case
for _, s in ipairs{"", "a", "Hello World", "ÄÖ", "a\0b", "123"} do show(s:len(), #s, s:upper(), s:lower(), s:reverse()) end
show(string.len(12), ("x"):rep(3):upper(), string.upper(5))
--- sub
local s = "abcdef"
for _, i in ipairs{-10, -6, -3, -1, 0, 1, 3, 6, 7, 100} do
  show(i, s:sub(i), "|", s:sub(i, -2), "|", s:sub(i, 3), "|", s:sub(1, i))
end
show(s:sub(2.9, 4.9), s:sub("2", "3"), s:sub(-2^40), s:sub(1, 2^40), s:sub(0/0))
show(pcall(function(a, b) return (s:sub(a, b)) end)) show(pcall(function(a, b) return (s:sub(a, b)) end, {}))
show(pcall(function(a, b) return (s:sub(1, b)) end, 1, nil)) show(string.sub(12345, 2, 3))
--- byte
local s = "abc\0\255"
show(s:byte(), s:byte(2), s:byte(-1), s:byte(10), s:byte(0)) show(s:byte(1, -1)) show(s:byte(2, 3)) show(s:byte(4, 2)) show((""):byte())
show(select("#", s:byte(10)), select("#", s:byte(1, 3)), s:byte("2"), s:byte(1.9))
show(pcall(function(v) return (s:byte(v)) end, "x")) show(pcall(function(v) return (string.byte(v)) end, {}))
--- char
show(string.char(), string.char(65, 66, 67), #string.char(0, 255), string.char("72", 105.7))
show(pcall(function(v) return (string.char(v)) end, 256)) show(pcall(function(v) return (string.char(1, v)) end, -1))
show(pcall(function(v) return (string.char(v)) end, "x")) show(pcall(function(v) return (string.char(v)) end, nil))
local codes = {104, 105}
show(string.char(unpack(codes)))
--- rep
show(("ab"):rep(3), ("ab"):rep(0), ("ab"):rep(-1), (""):rep(5), ("ab"):rep(3, ","), ("ab"):rep(1, ","), (""):rep(3, "-"), ("x"):rep(2.9), ("x"):rep("3"))
show(pcall(function(v) return (("x"):rep(v)) end, {})) show(pcall(function(v) return (string.rep(v, 2)) end, nil))
show(pcall(function(v) return (string.rep("a", 2, v)) end, {}))
--- coerced-receivers
show(string.rep(5, 3), string.reverse(123), string.byte(7), string.len(-1.5), string.find(12345, 34), string.sub(1e15, 1))

show(pcall(function(v) return v:upper() end, nil)) show(pcall(function(v) return v:upper() end, true))
show(pcall(function(v) return v:nothing() end, "x")) show(pcall(function(v) return v.nothing end, "x"))
--- method-chains
show((" Trim Me "):gsub("^%s+", ""):upper())
show(("a,b,c"):gsub(",", ";"), (("a,b"):gsub(",", "")), #("x"):rep(10), ("%d"):format(5), ("%s=%s"):format("a", 1))
show(("key"):len() + ("k"):byte())
--- comparison
local list = {"b", "a", "B", "", "aa", "a\0", "10", "9", "é", "z"}
table.sort(list)
for i, v in ipairs(list) do show(i, #v, v:byte(1, -1)) end
--- concat-operator
show("a" .. "b" .. "c", 1 .. 2, 1.5 .. "x", -1 .. "", 1e100 .. "", (2^53) .. "", "a" .. 1 + 2, "x" .. -3 .. "y")
show(pcall(function(v) return "a" .. v .. "b" end, nil)) show(pcall(function(v) return 1 .. v end, {})) show(pcall(function(v) return v .. 1 end, true))
show(pcall(function(a, b) return a .. b end, {}, nil)) show(pcall(function(a, b, c) return a .. b .. c end, "x", false, nil))
--- tostring-and-tonumber
show(tostring(nil), tostring(true), tostring(12), tostring(1.5), tostring("x"), tostring(-0), tostring(1e15), tostring(2^31))
show(tonumber("10"), tonumber("  10  "), tonumber("0x1F"), tonumber("1e2"), tonumber("1e"), tonumber(""), tonumber(" "), tonumber("10x"), tonumber("1 2"))
show(tonumber(".5"), tonumber("5."), tonumber("."), tonumber("0x"), tonumber("0x.8p1"), tonumber("1_000"), tonumber("inf"), tonumber("nan") ~= tonumber("nan"), tonumber("-0x10"), tonumber("+5"), tonumber("--5"), tonumber("0b101"), tonumber("1e400"), tonumber("-1e400"), tonumber("1\0"))
show(tonumber(nil), tonumber(true), tonumber({}), tonumber(5))
for _, b in ipairs{2, 8, 10, 16, 36} do show(b, tonumber("101", b), tonumber("zz", b), tonumber("7f", b), tonumber("-11", b), tonumber(" 11 ", b), tonumber("", b), tonumber("1.5", b)) end
show(pcall(function(b) return (tonumber("10", b)) end, 1)) show(pcall(function(b) return (tonumber("10", b)) end, 37)) show(pcall(function(b) return (tonumber("10", b)) end, "x"))
show(pcall(function(v) return (tonumber(v, 16)) end, nil)) show(pcall(function(v) return (tonumber(v, 16)) end, {})) show(tonumber(10, 16), tonumber("ff", "16"), tonumber("10", 10.9), tonumber("0xff", 16), tonumber("ffffffffffffffffff", 16), tonumber("11111111111111111111111111111111111111111111111111111111111111111111", 2))
