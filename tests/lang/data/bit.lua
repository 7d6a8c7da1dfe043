local function show(...)
  local text = {}
  for i = 1, select("#", ...) do text[i] = tostring((select(i, ...))) end
  print(table.concat(text, " "))
end
--- operators
for _, n in ipairs{0, 1, -1, 255, 0xdeadbeef, 2^31, -2^31, 2^32, 2^32 + 5, 1.5, 2.5, -0.5, 1e10} do
  show(bit.tobit(n), bit.bnot(n), bit.bswap(n), bit.tohex(n), bit.tohex(n, 4), bit.tohex(n, -4))
  for _, m in ipairs{0, 3, 31, 32, 33, -1} do
    show(bit.band(n, m), bit.bor(n, m), bit.bxor(n, m), bit.lshift(n, m), bit.rshift(n, m), bit.arshift(n, m), bit.rol(n, m), bit.ror(n, m))
  end
end
--- several-operands
show(bit.band(255, 127, 63), bit.bor(1, 2, 4, 8), bit.bxor(1, 3, 7), bit.band(5), bit.bor("0x10", "3"))
local function all(...) return bit.bor(...) end
show(all(1, 2, 4))
--- tohex-sizes
for _, n in ipairs{0, 1, 8, 9, -9, 20, 300, -300, 0.4} do show(bit.tohex(0xabcdef, n)) end
--- required
local bit = require "bit"
local band = bit.band
local lshift = bit.lshift
show(band(0xff, 0x0f), lshift(1, 4), require("bit").bor(1, 2))
--- errors
show(pcall(function(v) local x = bit.band(1, v) return x end)) show(pcall(function(v) local x = bit.tohex(1, v) return x end, {}))
show(pcall(function(v) local x = bit.tohex(v) return x end, "x")) show(pcall(function(v) return bit.bnot(v) end, "x"))
show(pcall(function(v) local x = bit.band(v, 1) return x end, {}))
show(pcall(function(v) local x = bit.bxor(1, v) return x end, "z"))
--- checksum
local function adler(s)
  local a, b = 1, 0
  for i = 1, #s do a = (a + s:byte(i)) % 65521 b = (b + a) % 65521 end
  return bit.bor(bit.lshift(b, 16), a)
end
show(adler("hello world"), bit.tohex(adler("Wikipedia")))
local function fnv(s)
  local h = 2166136261
  for i = 1, #s do h = bit.tobit(bit.bxor(h, s:byte(i)) * 403) end
  return h
end
show(fnv("abc"))
