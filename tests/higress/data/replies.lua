local redis = require "resty.redis"
local red = redis:new()
local key = ngx.var.arg_key or ""
red:connect("redis.internal", 6379)
local value, err = red:get("value:" .. key)
if not value then
    ngx.log(ngx.ERR, key, " failed: ", err)
    ngx.exit(502)
end
if value == ngx.null then
    ngx.exit(404)
end
ngx.log(ngx.ERR, key, " is ", value)
red:incr("reads:" .. key)
