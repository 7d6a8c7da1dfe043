local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- ternary
for _, v in ipairs{0, 1, "", "x"} do show(v and "yes" or "no", v == 0 and "zero" or v) end
--- default-parameter
local function f(a, b) a = a or 1 b = b == nil and "d" or b return a, b end show(f()) show(f(2, false)) show(f(nil, "x"))
--- swap
local a, b = 1, 2 a, b = b, a show(a, b) local t = {1, 2, 3} t[1], t[3] = t[3], t[1] show(unpack(t))
--- counter-table
local c = {} for w in ("a b a c b a"):gmatch("%a") do c[w] = (c[w] or 0) + 1 end show(c.a, c.b, c.c, c.d)
--- set
local function set(l) local s = {} for _, v in ipairs(l) do s[v] = true end return s end local s = set{"GET", "POST"} show(s.GET, s.PUT, s["POST"] == true)
--- queue
local q = {first = 1, last = 0} local function push(v) q.last = q.last + 1 q[q.last] = v end local function pop() local v = q[q.first] q[q.first] = nil q.first = q.first + 1 return v end push("a") push("b") show(pop(), pop(), pop())
--- stack
local s = {} s[#s + 1] = 1 s[#s + 1] = 2 local v = s[#s] s[#s] = nil show(v, #s, s[#s])
--- memoize
local n = 0 local function memo(f) local c = {} return function(x) local v = c[x] if v == nil then v = f(x) c[x] = v end return v end end local sq = memo(function(x) n = n + 1 return x * x end) show(sq(3), sq(3), sq(4), n)
--- curry
local function add(a) return function(b) return function(c) return a + b + c end end end show(add(1)(2)(3))
--- reduce
local function reduce(t, f, a) for _, v in ipairs(t) do a = f(a, v) end return a end show(reduce({1, 2, 3}, function(a, b) return a + b end, 0), reduce({"a", "b"}, function(a, b) return a .. b end, ""))
--- filter-map
local function map(t, f) local r = {} for i = 1, #t do r[i] = f(t[i], i) end return r end local function filter(t, f) local r = {} for _, v in ipairs(t) do if f(v) then r[#r + 1] = v end end return r end show(unpack(map(filter({1, 2, 3, 4}, function(v) return v % 2 == 0 end), function(v, i) return v * i end)))
--- reverse-list
local function rev(t) local r = {} for i = #t, 1, -1 do r[#r + 1] = t[i] end return r end show(unpack(rev{1, 2, 3})) show(#rev{})
--- binary-search
local t = {1, 3, 5, 7, 9} local function find(x) local l, h = 1, #t while l <= h do local m = math.floor((l + h) / 2) if t[m] == x then return m elseif t[m] < x then l = m + 1 else h = m - 1 end end end show(find(7), find(4), find(1))
--- bubble-sort
local t = {5, 2, 9, 1} for i = 1, #t do for j = 1, #t - i do if t[j] > t[j + 1] then t[j], t[j + 1] = t[j + 1], t[j] end end end show(unpack(t))
--- gcd-and-primes
local function gcd(a, b) while b ~= 0 do a, b = b, a % b end return a end show(gcd(48, 18), gcd(7, 13)) local p = {} for i = 2, 30 do local ok = true for j = 2, i - 1 do if i % j == 0 then ok = false break end end if ok then p[#p + 1] = i end end show(table.concat(p, " "))
--- string-builder
local b = {} for i = 1, 5 do b[#b + 1] = i b[#b + 1] = "," end b[#b] = nil show(table.concat(b))
--- starts-and-ends
local function starts(s, p) return s:sub(1, #p) == p end local function ends(s, p) return p == "" or s:sub(-#p) == p end show(starts("hello", "he"), starts("he", "hello"), ends("hello", "lo"), ends("x", ""), ends("hello", "he"))
--- trim
local function trim(s) return (s:gsub("^%s+", ""):gsub("%s+$", "")) end show("[" .. trim("  a b ") .. "]", "[" .. trim("") .. "]", "[" .. trim("   ") .. "]")
--- parse-query
local function parse(q) local t = {} for k, v in q:gmatch("([^&=]+)=([^&]*)") do t[k] = v end return t end local t = parse("a=1&b=&c=x%20y") show(t.a, t.b, t.c, t.d)
--- parse-cookie
local c = {} for k, v in ("sid=abc; theme=dark;x=1"):gmatch("([^=;%s]+)=([^;]*)") do c[k] = v end show(c.sid, c.theme, c.x)
--- parse-header
local name, value = ("X-Rate: 10/60"):match("^([^:]+):%s*(.*)$") show(name, value) local n, p = value:match("(%d+)/(%d+)") show(n + p, tonumber(n) < tonumber(p))
--- ip-to-number
local function ip(s) local a, b, c, d = s:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$") if not a then return nil end return ((a * 256 + b) * 256 + c) * 256 + d end show(ip("10.0.0.1"), ip("255.255.255.255"), ip("x"))
--- cidr
local function inside(a, net, bits) local m = bit.lshift(0xffffffff, 32 - bits) return bit.band(a, m) == bit.band(net, m) end show(inside(0x0a000105, 0x0a000100, 24), inside(0x0a000205, 0x0a000100, 24))
--- hex
local function hex(s) return (s:gsub(".", function(c) return ("%02x"):format(c:byte()) end)) end local function unhex(s) return (s:gsub("%x%x", function(h) return string.char(tonumber(h, 16)) end)) end show(hex("Hi!"), unhex(hex("Hi!")))
--- base-conversion
local function base(n, b) local d, r = "0123456789abcdef", "" repeat local m = n % b r = d:sub(m + 1, m + 1) .. r n = math.floor(n / b) until n == 0 return r end show(base(255, 16), base(5, 2), base(0, 8))
--- round
local function round(n, d) local m = 10 ^ (d or 0) return math.floor(n * m + 0.5) / m end show(round(3.14159, 2), round(2.5), round(-2.5), round(1e15 + 0.3))
--- clamp
local function clamp(v, a, b) return math.max(a, math.min(b, v)) end show(clamp(5, 0, 3), clamp(-1, 0, 3), clamp(2, 0, 3))
--- version-compare
local function less(a, b) local x, y = {}, {} for n in a:gmatch("%d+") do x[#x + 1] = tonumber(n) end for n in b:gmatch("%d+") do y[#y + 1] = tonumber(n) end for i = 1, math.max(#x, #y) do local p, q = x[i] or 0, y[i] or 0 if p ~= q then return p < q end end return false end show(less("1.2.3", "1.10"), less("2.0", "1.9"), less("1.0", "1"))
--- wildcard
local function glob(p) return "^" .. p:gsub("([%.%-%+])", "%%%1"):gsub("%*", ".*") .. "$" end show(glob("*.a-b.com"), ("x.a-b.com"):match(glob("*.a-b.com")), ("xa-b.com"):match(glob("*.a-b.com")))
--- token-bucket
local b = {tokens = 3, last = 0} local function take(now) b.tokens = math.min(3, b.tokens + (now - b.last) * 0.5) b.last = now if b.tokens >= 1 then b.tokens = b.tokens - 1 return true end return false end for _, t in ipairs{0, 0, 0, 0, 1, 2, 4} do show(t, take(t), b.tokens) end
--- sliding-window
local w = {} local function hit(now) while w[1] and w[1] <= now - 10 do table.remove(w, 1) end w[#w + 1] = now return #w end for _, t in ipairs{1, 2, 11, 12, 30} do show(hit(t)) end
--- weighted-choice
local ws = {{"a", 1}, {"b", 3}} local function pick(x) local s = 0 for _, w in ipairs(ws) do s = s + w[2] if x < s then return w[1] end end end show(pick(0), pick(0.99), pick(1), pick(3.9), pick(4))
--- hash-bucket
local function h(s) local v = 5381 for i = 1, #s do v = (v * 33 + s:byte(i)) % 2^32 end return v end show(h("user1"), h("user2") % 100, h(""))
--- luhn
local function luhn(s) local sum = 0 for i = #s, 1, -1 do local d = tonumber(s:sub(i, i)) if (#s - i) % 2 == 1 then d = d * 2 if d > 9 then d = d - 9 end end sum = sum + d end return sum % 10 == 0 end show(luhn("4539578763621486"), luhn("1234567812345678"))
--- mask
local function mask(s) return s:sub(1, 2) .. ("*"):rep(#s - 4) .. s:sub(-2) end show(mask("1234567890"), mask("abcd"), mask("ab"))
--- camel
show((("x-request-id"):gsub("%f[%a]%a", string.upper))) show((("some_snake_case"):gsub("_(%a)", function(c) return c:upper() end))) show((("HelloBigWorld"):gsub("%u", function(c) return "_" .. c:lower() end)))
--- word-wrap
local line, out = "", {} for w in ("the quick brown fox jumps"):gmatch("%S+") do if #line + #w > 10 then out[#out + 1] = line line = w else line = line == "" and w or line .. " " .. w end end out[#out + 1] = line show(table.concat(out, "|"))
--- csv
local row = {} for f in ("a,b,,d" .. ","):gmatch("([^,]*),") do row[#row + 1] = f end show(#row, row[1], row[3] == "", row[4])
--- json-like
local function enc(v) if type(v) == "table" then local r = {} for i, x in ipairs(v) do r[i] = enc(x) end return "[" .. table.concat(r, ",") .. "]" elseif type(v) == "string" then return ("%q"):format(v) end return tostring(v) end show(enc{1, "a", {true, {}}, 2.5})
--- deep-copy
local function copy(t) if type(t) ~= "table" then return t end local r = {} for k, v in pairs(t) do r[k] = copy(v) end return r end local a = {x = {y = 1}} local b = copy(a) b.x.y = 2 show(a.x.y, b.x.y)
--- deep-equal
local function eq(a, b) if type(a) ~= "table" or type(b) ~= "table" then return a == b end for k, v in pairs(a) do if not eq(v, b[k]) then return false end end for k in pairs(b) do if a[k] == nil then return false end end return true end show(eq({1, {2}}, {1, {2}}), eq({1}, {1, 2}), eq({a = 1}, {a = "1"}))
--- merge
local function merge(...) local r = {} for i = 1, select("#", ...) do for k, v in pairs((select(i, ...))) do r[k] = v end end return r end local m = merge({a = 1, b = 2}, {b = 3}, {c = 4}) show(m.a, m.b, m.c)
--- group-by
local g = {} for _, u in ipairs{{"a", 1}, {"b", 2}, {"a", 3}} do local k = u[1] g[k] = g[k] or {} table.insert(g[k], u[2]) end show(#g.a, #g.b, g.a[2])
--- dispatch
local h = {GET = function(p) return "got " .. p end, POST = function(p) return "posted " .. p end} for _, m in ipairs{"GET", "POST", "PUT"} do local f = h[m] show(f and f("/x") or "405") end
--- state-machine
local s = "start" local next_ = {start = {a = "mid"}, mid = {b = "done", a = "mid"}, done = {}} for c in ("aab"):gmatch(".") do s = next_[s][c] or "error" end show(s)
--- events
local on = {} local function sub(e, f) on[e] = on[e] or {} on[e][#on[e] + 1] = f end local function emit(e, ...) for _, f in ipairs(on[e] or {}) do f(...) end end sub("x", function(a) show("1", a) end) sub("x", function(a, b) show("2", a, b) end) emit("x", 5, 6) emit("y")
--- linked-list
local l for i = 1, 4 do l = {v = i, next = l} end local n, s = l, {} while n do s[#s + 1] = n.v n = n.next end show(table.concat(s, ">"))
--- tree-insert
local function ins(t, v) if not t then return {v = v} end if v < t.v then t.l = ins(t.l, v) else t.r = ins(t.r, v) end return t end local function each(t, f) if t then each(t.l, f) f(t.v) each(t.r, f) end end local r for _, v in ipairs{5, 2, 8, 1} do r = ins(r, v) end local o = {} each(r, function(v) o[#o + 1] = v end) show(unpack(o))
--- matrix
local function mul(a, b) local r = {} for i = 1, 2 do r[i] = {} for j = 1, 2 do local s = 0 for k = 1, 2 do s = s + a[i][k] * b[k][j] end r[i][j] = s end end return r end local m = mul({{1, 2}, {3, 4}}, {{0, 1}, {1, 0}}) show(m[1][1], m[1][2], m[2][1], m[2][2])
--- try-finally
local log = {} local function with(f) log[#log + 1] = "open" local ok, e = pcall(f) log[#log + 1] = "close" if not ok then error(e, 0) end end show(pcall(with, function() error("x", 0) end)) show(pcall(with, function() end)) show(table.concat(log, ","))
--- validate
local rules = {age = function(v) return type(v) == "number" and v > 0, "age must be positive" end, name = function(v) return v ~= nil and #v > 0, "name is missing" end} local function check(t) for _, k in ipairs{"age", "name"} do local ok, m = rules[k](t[k]) if not ok then return nil, m end end return true end show(check{age = 1, name = "x"}) show(check{age = -1}) show(check{age = 5})
--- early-returns
local function f(x) if not x then return nil, "no x" end if type(x) ~= "number" then return nil, "bad type " .. type(x) end return x * 2 end show(f()) show(f("a")) show(f(4)) local v, e = f({}) show(v, e)
--- time-text
local function span(s) local h, m = math.floor(s / 3600), math.floor(s % 3600 / 60) return ("%02d:%02d:%02d"):format(h, m, s % 60) end show(span(3661), span(59), span(86399.5))
--- bytes-text
local function size(n) local u = {"B", "K", "M"} local i = 1 while n >= 1024 and i < #u do n = n / 1024 i = i + 1 end return ("%.1f%s"):format(n, u[i]) end show(size(10), size(2048), size(5 * 2^20), size(2^40))
--- roman
local function roman(n) local r = "" for _, p in ipairs{{10, "X"}, {9, "IX"}, {5, "V"}, {4, "IV"}, {1, "I"}} do while n >= p[1] do r = r .. p[2] n = n - p[1] end end return r end show(roman(4), roman(9), roman(14), roman(38))
--- fizzbuzz
for i = 1, 15 do show(i % 15 == 0 and "FizzBuzz" or i % 5 == 0 and "Buzz" or i % 3 == 0 and "Fizz" or i) end
--- collatz
local n, c = 27, 0 while n ~= 1 do n = n % 2 == 0 and n / 2 or 3 * n + 1 c = c + 1 end show(c)
--- object-with-closures
local function account(b) local self = {} function self.deposit(v) b = b + v return self end function self.balance() return b end return self end local a, c = account(10), account(0) a.deposit(5).deposit(1) show(a.balance(), c.balance())
--- varargs-forwarding
local function wrap(f) return function(...) show("call", select("#", ...)) return f(...) end end show(wrap(math.max)(3, 9, 4)) show(wrap(function(...) return ... end)(nil, 2, nil))
--- string-keys
local t = {} t["a.b"] = 1 t["c d"] = 2 t[""] = 3 show(t["a.b"], t["c d"], t[""], t.a)
--- callbacks-that-use-a-variable-named-args
local args = {a = "1", b = "2"} local t = {get = function(name) return args[name] end, all = function(...) return args.a, ... end, count = function() local n = 0 for _ in pairs(args) do n = n + 1 end return n end} show(t.get("a"), t.get("c"), t.all("x", "y"), t.count()) local u = {size = function(args, more) return #args + #more end, own = function(...) local args = {...} return #args, args[1] end, deep = function(args) return (function(x) return args .. x end)("!") end} show(u.size("ab", "c"), u.own(5, 6), u.deep("hey"))
