local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- gmatch-words
for word in ("/a/bc//d"):gmatch("[^/]+") do show(word:upper()) end
for _ in string.gmatch("abc", "%a") do show("x") end
--- gmatch-pairs
for k, v in string.gmatch("a=1&b=&=2&c=3", "([^&=]+)=([^&]*)") do show(k, v, #v) end
for _, v in string.gmatch("a=1", "(%a)=(%d)") do show(v) end
for k in string.gmatch("a=1", "(%a)=(%d)") do show(k) end
--- gmatch-more-names-than-captures
for k, v, z in string.gmatch("a=1", "(%a)=(%d)") do show(k, v, z) end
for k, v in string.gmatch("a=1", "%a") do show(k, v) end
for a, b, c in string.gmatch("abc", "(.)(.)(.)") do show(a, b, c) end
--- gmatch-anchor-is-a-character
for w in string.gmatch("^a^bc", "^%a") do show(w) end
for w in string.gmatch("a$b$", "%a$") do show(w) end
--- gmatch-positions
for p in string.gmatch("abcb", "()b") do show(p) end
for p, w in string.gmatch("ab", "()(.)") do show(p, w) end
--- gmatch-empty-matches
for w in string.gmatch("abc", "") do show("<" .. w .. ">") end
for w in string.gmatch("abc", "b*") do show("<" .. w .. ">") end
for w in string.gmatch("", ".*") do show("<" .. w .. ">") end
--- gmatch-assigned-and-captured
for w in string.gmatch("abc", "%a") do w = w .. "x" show(w) end
local t = {}
for w in string.gmatch("abc", "%a") do t[#t+1] = function() return w end end
show(t[1](), t[3]())
--- gmatch-sets-balance-frontier
for w in string.gmatch("THE (quick (brown)) fox", "%f[%a]%a+%f[%A]") do show(w) end
for w in string.gmatch("f(a(b)c) g(x)", "%b()") do show(w) end
for a, b in string.gmatch("x-1 y-2", "([%w_]+)%-(%d)") do show(a, b) end
for w in string.gmatch("a]b^c-d", "[]^-]") do show(w) end
for w in string.gmatch("a-b.c%d", "[%-%.%%]") do show(w) end
for w in string.gmatch("key = value", "%s*(%w+)%s*=?") do show(w) end
--- gmatch-malformed
show(pcall(function() for w in string.gmatch("abc", "(") do show(w) end end))
show(pcall(function() for w in string.gmatch("abc", "[a") do show(w) end end))
show(pcall(function() for w in string.gmatch("abc", "%") do show(w) end end))
show(pcall(function() for w in string.gmatch("abc", "a)") do show(w) end end))
show(pcall(function() for w in string.gmatch("abab", "(a)%1") do show(w) end end))
show(pcall(function() for w in string.gmatch("aa", "(a)%1") do show(w) end end))
show(pcall(function() for w in string.gmatch("abc", "%b") do show(w) end end))
show(pcall(function() for w in string.gmatch("abc", "%f") do show(w) end end))
show(pcall(function() for w in string.gmatch("zzz", "b(") do show(w) end end))
