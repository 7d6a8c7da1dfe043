local redis = require "resty.redis"

local function deny(status, message)
    ngx.status = status
    ngx.header["Content-Type"] = "application/json"
    ngx.say('{"error":"' .. message .. '"}')
    return ngx.exit(status)
end

local key = ngx.var.http_x_api_key
if not key or key == "" then
    return deny(ngx.HTTP_UNAUTHORIZED, "missing API key")
end

local red = redis:new()
red:set_timeout(500)
local ok, err = red:connect("redis.internal", 6379)
if not ok then
    ngx.log(ngx.ERR, "failed to connect to Redis: ", err)
    return deny(ngx.HTTP_SERVICE_UNAVAILABLE, "try again later")
end

-- API keys are fields of one hash: HSET api-keys KEY CONSUMER
local consumer, err = red:hget("api-keys", key)
if not consumer then
    ngx.log(ngx.ERR, "failed to look up the API key: ", err)
    return deny(ngx.HTTP_SERVICE_UNAVAILABLE, "try again later")
end
red:set_keepalive(10000, 100)

if consumer == ngx.null then
    ngx.log(ngx.WARN, "unknown API key from ", ngx.var.remote_addr)
    return deny(ngx.HTTP_UNAUTHORIZED, "unknown API key")
end

-- The service trusts this header; what the client sent under its name is replaced.
ngx.req.set_header("X-Consumer", consumer)
ngx.req.clear_header("X-Api-Key")
