-- Where operands stand: each TEXT and NUMBER becomes a call with a number of its own.
out(tbl[TEXT])
out(tbl[TEXT].x)
out(dyn[TEXT])
out(own[TEXT], own.inner[TEXT])
tbl[TEXT] = TEXT
tbl[NUMBER] = TEXT
dyn[TEXT] = NUMBER
out(list[NUMBER])
out(seen[TEXT] or seen[TEXT])
out(seen[NUMBER > 1 and NUMBER or TEXT])
out(seen[function() return TEXT end])
out(seen[not TEXT], seen[TEXT == NUMBER], seen[TEXT .. NUMBER], seen[#TEXT], seen[-NUMBER])
out(TEXT .. TEXT)
out(NUMBER + NUMBER, -NUMBER, NUMBER % NUMBER, NUMBER ^ NUMBER)
out(TEXT == TEXT, NUMBER < NUMBER, TEXT < TEXT, TEXT ~= nil)
out(#TEXT)
out((TEXT):sub(NUMBER, NUMBER))
out((TEXT):byte(NUMBER))
out((TEXT):upper(), (TEXT):rep(NUMBER), (TEXT):find(TEXT, NUMBER, true), (TEXT):find(TEXT))
out((TEXT):match(TEXT), (TEXT):match("a(b)c"))
out((TEXT):gsub("a", TEXT), (TEXT):gsub(TEXT, TEXT, NUMBER))
out(string.format("%s %d", TEXT, NUMBER), (TEXT):format(TEXT))
out(table.concat(list, TEXT), table.concat(dyn, TEXT))
table.insert(list2, TEXT)
table.insert(list2, NUMBER, TEXT)
table.remove(list2, NUMBER)
out(unpack(list2, NUMBER, NUMBER))
out(tonumber(TEXT), tonumber(TEXT, NUMBER), tostring(NUMBER))
out(math.floor(NUMBER), math.max(NUMBER, NUMBER), math.min(NUMBER, 3))
out(ngx.escape_uri(TEXT), ngx.unescape_uri(TEXT), ngx.md5(TEXT), ngx.encode_base64(TEXT), ngx.crc32_short(TEXT))
out(ngx.re.match(TEXT, "a(b)", "jo"), ngx.re.find(TEXT, "a", "jo"), ngx.re.gsub(TEXT, "a", TEXT), ngx.re.match(TEXT, TEXT))
ngx.req.set_header(TEXT, TEXT)
ngx.header[TEXT] = TEXT
out(ngx.header[TEXT])
out(ngx.req.get_headers()[TEXT])
out(ngx.var[TEXT])
out(ngx.req.get_uri_args(NUMBER)[TEXT])
ngx.ctx[TEXT] = TEXT
out(ngx.ctx[TEXT])
out(dict:get(TEXT))
dict:set(TEXT, TEXT, NUMBER)
out(dict:incr(TEXT, NUMBER, NUMBER))
out(red:get(TEXT))
out(red:setex(TEXT, NUMBER, TEXT))
out(red:hmget(TEXT)[NUMBER])
red:connect("redis.internal", 6379, { pool_size = NUMBER, pool = TEXT })
out(red:connect("redis.internal", 6379, { pool_size = NUMBER, pool = TEXT }))
out(captures[NUMBER], captures[TEXT])
out(cjson.encode({ [TEXT] = TEXT, a = NUMBER }), cjson.decode(TEXT))
out(type(TEXT), select(NUMBER, TEXT, TEXT))
for i = NUMBER, NUMBER, NUMBER do out(i) end
for word in (TEXT):gmatch(TEXT) do out(word) end
for key, value in pairs({ [TEXT] = TEXT }) do out(key, value) end
for key, value in ipairs({ TEXT, TEXT }) do out(key, value) end
if TEXT == TEXT and not TEXT then out(1) end
while NUMBER > 3 do break end
repeat out(1) until TEXT
ngx.log(ngx.INFO, TEXT, NUMBER)
ngx.status = NUMBER
out(bit.band(NUMBER, NUMBER), bit.lshift(NUMBER, NUMBER))
out(rawget(tbl, TEXT), rawequal(TEXT, TEXT))
rawset(tbl, TEXT, TEXT)
out(ngx.time() > NUMBER, ngx.http_time(NUMBER), ngx.parse_http_time(TEXT))
out(os.date(TEXT, NUMBER))
out(record.a[TEXT], record.a[NUMBER])
local first, second = tbl[TEXT], tbl[TEXT]; out(first, second)
tbl[TEXT], tbl[TEXT] = TEXT, TEXT
tbl[TEXT][TEXT] = TEXT
out(({ a = TEXT, [NUMBER] = TEXT })[TEXT])
out((tbl[TEXT] or tbl)[TEXT])
out(pcall(plain, TEXT, NUMBER))
out(plain(TEXT, NUMBER))
out(object:method(TEXT, NUMBER), object[TEXT](TEXT))
out(setmetatable({ [TEXT] = NUMBER }, { __index = tbl })[TEXT])
return ngx.redirect(TEXT, NUMBER)
