-- Sockets are not there in log_by_lua: records go to Redis from a timer.
local redis = require "resty.redis"
local cjson = require "cjson.safe"

local _M = { host = "redis.internal", port = 6379, keep = 100 }

local function connect()
    local red = redis:new()
    red:set_timeouts(1000, 1000, 1000)
    local ok, err = red:connect(_M.host, _M.port)
    if not ok then
        return nil, err
    end
    return red
end

local function send(premature, list, line)
    if premature then
        return
    end
    local red, err = connect()
    if not red then
        ngx.log(ngx.ERR, "audit: no redis: ", err, ", lost: ", line)
        return
    end
    local length, err = red:rpush(list, line)
    if not length then
        ngx.log(ngx.ERR, "audit: ", err, ", lost: ", line)
    elseif length > _M.keep then
        red:ltrim(list, -_M.keep, -1)
    end
    red:set_keepalive(10000, 20)
end

function _M.write(record)
    local line, err = cjson.encode({ record.user, record.method, record.uri, record.status, record.note or "-" })
    if not line then
        ngx.log(ngx.WARN, "audit: ", err)
        return false
    end
    local list = record.status >= 400 and "audit:failed" or "audit"
    local ok, err = ngx.timer.at(0, send, list, line)
    if not ok then
        ngx.log(ngx.ERR, "audit: ", err, ", lost: ", line)
        return false
    end
    return true
end

return _M
