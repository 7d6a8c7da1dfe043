local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- find
local s = "hello world"
show(s:find("o")) show(s:find("o", 6)) show(s:find("o", -3)) show(s:find("xyz")) show(s:find("")) show(s:find("", 5)) show(s:find("", 12)) show(s:find("", 13)) show(s:find("l+")) show(s:find("(o)( )")) show(s:find("()ll()"))
show(s:find(".", 1, true)) show(s:find("l", 1, true)) show(s:find("o w", 1, true)) show(s:find("+", 1, 1)) show((""):find("")) show((""):find("x")) show(s:find("^h")) show(s:find("^e")) show(s:find("^e", 2)) show(s:find("d$")) show(s:find("l$"))
show(s:find("o", 100)) show(s:find("o", 0)) show(s:find("h", -100)) show(s:find("w", "3")) show(s:find("o", 4.9))
--- match
show(("key = value"):match("^(%w+)%s*=%s*(%w+)$")) show(("2024-01-15"):match("(%d+)-(%d+)-(%d+)")) show(("abc"):match("b")) show(("abc"):match("x")) show(("abc"):match("()b()")) show(("abc"):match("", 2))
show(("  trim  "):match("^%s*(.-)%s*$") .. "|") show(("abc123"):match("%a+", 2)) show(("x=1, y=2"):match("y=(%d)")) show(("hello"):match(".", -1)) show(("aaa"):match("a-b") , ("aaab"):match("a-b")) show(("[[x]]"):match("%[%[(.-)%]%]"))
--- classes
local all = {}
for i = 0, 255 do all[#all + 1] = string.char(i) end
local text = table.concat(all)
for c in ("acdglpsuwxzACDGLPSUWXZ"):gmatch(".") do
  local n, first, last = 0
  for at in text:gmatch("()%" .. c) do n = n + 1 first = first or at last = at end
  show(c, n, first, last)
end
--- sets
local function count(p) return (select(2, ("The quick-brown fox. 123 [x] ^y%z\n\0é"):gsub(p, ""))) end
for _, p in ipairs{"[a-z]", "[^a-z]", "[%a%d]", "[%w_]", "[]]", "[^]]", "[a-]", "[-a]", "[%-x]", "[%]]", "[^%s]", "[%^y]", "[a-cx-z]", "[%z]", "[\128-\255]", "[a%-z]", "[.]", "[+-]"} do show(p, count(p)) end
--- quantifiers
for _, p in ipairs{"a*", "a+", "a-", "a?", "a*b", "a+b", "a-b", "a?b", "(a*)(b*)", "(a-)(b+)", "(a?)(a?)(a?)", ".-b", ".*b", "[ab]*c?"} do show(p, ("aaabbbc"):match(p)) show(("bbb"):match(p)) end
--- anchors
show(("abc"):gsub("^a", "x")) show(("aaa"):gsub("^a", "x")) show(("abc"):gsub("c$", "x")) show(("a^c"):gsub("%^", "x")) show(("a$c"):gsub("a$", "x")) show(("a$c"):gsub("a$c", "x")) show((""):gsub("^$", "empty")) show(("abc"):gsub("$", "!")) show(("abc"):gsub("^", "!")) show(("a\nb"):find("a$"))
--- balance
show(("f(a(b)c)d"):match("%b()")) show(("((x)"):match("%b()")) show(("if x then y end"):match("%bxd")) show(("aXbXc"):match("%bXX")) show(("{a{b}c}{d}"):gsub("%b{}", "_")) show((")("):match("%b()"))
show(pcall(function() return (("x"):match("%b")) end)) show(pcall(function() return (("x"):match("%bx")) end))
--- frontier
show(("THE (quick) fox"):find("%f[%a]%a+%f[%A]")) show(("foo bar"):gsub("%f[%w]%w+", "<%0>")) show(("  x"):find("%f[%w]")) show(("abc"):gsub("%f[%z]", "!")) show(("aXb"):gsub("%f[X]", "|"))
show(pcall(function() return (("x"):match("%f")) end))
--- back-references
show(("abab"):match("(ab)%1")) show(("'quoted' \"x\""):match("(['\"])(.-)%1")) show(("hello"):match("(l)%1")) show(("xyyx"):find("(y)%1")) show(("abcabc"):gsub("(%w)(%w)(%w)%1%2%3", "%3%2%1"))
show(pcall(function() return (("aa"):match("%1")) end)) show(pcall(function() return (("aa"):match("(a%1)")) end)) show(pcall(function() return (("aa"):match("(a)%2")) end))
--- malformed
for _, p in ipairs{"[", "[a", "[^", "[]", "[%", "%", "a%", "(", "(a", ")", "a)", "%f", "%b", "(()", "[a-", "[%a", "(a))"} do
  show(p, pcall(function() return (("abc"):find(p)) end))
  show(p, pcall(function() return (("abc"):gsub(p, "x")) end))
end
--- specials-in-plain-text
show(("a.b*c"):find(".b", 1, true)) show(("a%b"):find("%", 1, true)) show(("a[b"):find("[", 1, true)) show(("a+b"):gsub("%+", "-")) show(("x(1)"):gsub("[()]", "")) show(("1.2.3"):gsub("%.", "")) show(("a-b-c"):gsub("-", "_"))
--- embedded-zeros
show(("a\0b"):find("\0")) show(("a\0b"):find("%z")) show(#("a\0b\0c"):gsub("%z", "-")) show(("a\0b"):match("a.b") == "a\0b") show(("\0\0"):gsub("\0", "0"))
--- gsub-strings
show(("hello world"):gsub("o", "0")) show(("hello"):gsub("", "-")) show(("hello"):gsub("l", "L", 1)) show(("hello"):gsub("l", "L", 0)) show(("hello"):gsub("x", "y")) show(("abc"):gsub("%w", "%0%0")) show(("abc"):gsub("(%w)(%w)", "%2%1")) show(("a b"):gsub("%s", "%%")) show(("abc"):gsub("b", "%1")) show(("hello"):gsub("l+", function() end))
show(pcall(function(r) return (("abc"):gsub("b", r)) end, "%2")) show(pcall(function(r) return (("abc"):gsub("(b)", r)) end, "%2")) show(("abc"):gsub("b", "%z")) show(("x"):gsub("x", "a%")) show(("abc"):gsub("b", 5)) show(("abc"):gsub("b", "%9", 0))
--- gsub-tables
show(("$name is $age"):gsub("%$(%w+)", {name = "Bob", age = 42})) show(("$x $y"):gsub("%$(%w+)", {x = false})) show(("abc"):gsub("%w", {a = 1, b = true and "B"})) show(("a b"):gsub("(%w)()", {a = "x", [1] = "n"})) show(("112"):gsub("%d", {["1"] = "one"}))
show(pcall(function(t) return (("a"):gsub("a", t)) end, {a = {}})) show(pcall(function(t) return (("a"):gsub("a", t)) end, {a = true}))
--- gsub-functions
show(("hello world"):gsub("%w+", function(w) return w:upper() end)) show(("abc"):gsub("%w", function(c) if c == "b" then return nil end return c .. c end)) show(("abc"):gsub("%w", function(c) return c == "b" and false or "x" end)) show(("a1b2"):gsub("(%a)(%d)", function(a, d) return d .. a end)) show(("a1"):gsub("()%d", function(p) return p end)) show(("3 4"):gsub("%d", function(d) return d * 2 end)) show(("abc"):gsub("%w", string.upper)) show(("x"):gsub("x", function() return 1.5 end))
show(pcall(function() return (("a"):gsub("a", function() return {} end)) end)) show(pcall(function() return (("a"):gsub("a", function() return true end)) end)) show(pcall(function() return (("a"):gsub("a", function() error("inside") end)) end)) show(pcall(function() return (("a"):gsub("a", function() error({}) end)) end))
show(pcall(function(r) return (("a"):gsub("a", r)) end, nil)) show(pcall(function(r) return (("a"):gsub("a", r)) end, true)) show(pcall(function(n) return (("a"):gsub("a", "b", n)) end, "x")) show(("aaa"):gsub("a", "b", "2")) show(("aaa"):gsub("a", "b", -1)) show(("aaa"):gsub("a", "b", 2.9))
--- gmatch
for w in ("one two  three"):gmatch("%a+") do show(w) end
for k, v in ("a=1, b=2, c=3"):gmatch("(%w+)=(%w+)") do show(k, v) end
for p in ("abc"):gmatch("()") do show(p) end
for s in ("abc"):gmatch("") do show("[" .. s .. "]") end
for a in ("^a^b"):gmatch("^a") do show("anchored", a) end
local f = ("x1y2"):gmatch("%a(%d)") show(f(), f(), f()) show(f())
for line in ("l1\nl2\n\nl4"):gmatch("([^\n]*)\n?") do show("<" .. line .. ">") end
show(pcall(function() for w in ("abc"):gmatch("(") do show(w) end end))
show(pcall(function(v) for w in string.gmatch(v, ".") do show(w) end end, nil))
--- many-captures
show(("abcdefghi"):match("(.)(.)(.)(.)(.)(.)(.)(.)(.)")) show(("abcdefghi"):gsub("(.)(.)(.)(.)(.)(.)(.)(.)(.)", "%9%8%7%6%5%4%3%2%1"))
show(pcall(function() return (("x"):rep(40):match(("(x)"):rep(33))) end)) show(select("#", ("x"):rep(40):match(("(x)"):rep(32)))) show(("abc"):match("((a)(b(c)))"))
--- deep
show(pcall(function() return (("a"):rep(300):match(("a?"):rep(300))) end)) show(#("a"):rep(300000):match(".-b?$")) show(pcall(function() return #("a"):rep(1000):match(("(a*)"):rep(3)) end))
--- split
local function split(s, sep)
  local t, from = {}, 1
  while true do
    local i, j = s:find(sep, from, true)
    if not i then t[#t + 1] = s:sub(from) return t end
    t[#t + 1] = s:sub(from, i - 1)
    from = j + 1
  end
end
show(unpack(split("a,b,,c", ","))) show(#split("", ","), #split(",", ","), table.concat(split("1--2--3", "--"), "|"))
--- url-decode
local function decode(s) return (s:gsub("+", " "):gsub("%%(%x%x)", function(h) return string.char(tonumber(h, 16)) end)) end
local function encode(s) return (s:gsub("[^%w]", function(c) return ("%%%02X"):format(c:byte()) end)) end
show(decode("a%20b+c%2Fd%zz"), encode("a b/c?é"))
--- template
local env = {user = "bob", n = 3}
show((("Hi {{user}}, {{n}} new{{none}}"):gsub("{{(%w+)}}", function(k) return tostring(env[k] or "") end)))
--- constant-tests
local values = {"/app/x", "x.css", "", "a%b", 12.5, "x\0y"}
for _, v in ipairs(values) do
  if v:find("^/app/") then show("prefix") end
  if v:find("%.css$") then show("suffix") end
  if v:find("^$") then show("empty") end
  if v:find("^a%%b$") then show("whole") end
  if v:find("%.") and not v:find("css") then show("dot") end
  show(v:find("^x") ~= nil, v:find("y", 1, true) == nil, v:find("y") ~= nil, v:find("[%d.]+") ~= nil, v:find("$") ~= nil, v:find("^") == nil)
end
--- constant-tests-of-others
local values = {n = 5, t = {}, b = true}
show(pcall(function() if values.none:find("^a") then show("no") end end))
show(pcall(function() return values.t:find("a", 1, true) ~= nil end))
show(pcall(function() return values.b:match("^(%w+)$") end))
show(pcall(function() local a, b = values.n:match("(a)(b)") return a end))
show(pcall(function() local a, b = string.match(values.n, "(%d)()") return a, b end))
show(pcall(function() return (string.gsub(values.t, "a", "b")) end))
show(string.find(values.n, "^5") ~= nil, (string.gsub(values.n, "5", "%0%%")))
--- captured-texts
local function parse(text)
  local a, b = text:match("^(%w+)=(%w*)$")
  local c, d, e = text:match("(.)(.)(.)")
  local f, g, h, i = text:match("(.)(.)(.)(.)")
  local only = text:match("(%w)(%w)")
  show(a, b, c, d, e, f, g, h, i, only, (text:match("(a)(b)(c)(d)(e)")))
  if a then show(#a + #b) end
  local x, y, z, more, last = "x", text:match("(.)=(.)")
  show(x, y, z, more, last)
  b, a = text:match("(.)(.)")
  show(a, b, text:match("(.)(.)"))
  return text:match("(x)(y)")
end
show(parse("key=value")) show(parse("k=")) show(parse("")) show(select("#", parse("")), select("#", parse("xy")))
show(#{("ab"):match("(.)(.)")}, #{("a"):match("(.)(.)")})
--- replacements
local s = "a.b-c%d"
show((s:gsub("%.", "")), (s:gsub("(%w)", "<%1>")), (s:gsub("%w", "%0%1")), (s:gsub("%%", "%%%%")))
show((s:gsub("[.-]", {["."] = "_", ["-"] = "="})), (s:gsub("%w", {a = "1", "b"})))
local one = s:gsub("^a", "z") local two, n = s:gsub("%a", "x") show(one, two, n)
show(pcall(function() return (s:gsub("a", "%2")) end)) show(pcall(function() return (s:gsub("(a)", "%2")) end))
show(pcall(function() return (s:gsub("a", {a = {}})) end)) show(pcall(function() return (s:gsub("[a", "b")) end))
show(s:gsub("a", "b"):upper(), #s:gsub("a", "bb"), s:gsub("x*", "-"))
--- single-bytes
local s = "aé\0"
for i = -1, #s + 1 do show(i, s:byte(i), s:byte(i) == 97, s:byte(i) ~= nil, s:byte(i) or "none") end
local c = s:byte() show(c, c + 1, s:byte(2) + 1, s:byte(0), s:byte(99) == nil, s:byte(1.9), (s:byte(10)))
show(pcall(function() return s:byte(99) + 1 end)) show(select("#", s:byte(99)), #{s:byte(99)}, #{s:byte(1, -1)})
show(pcall(function(v) return (v:byte(1)) end, 5)) show(pcall(function(v) return v:byte(1) == 53 end, nil))
