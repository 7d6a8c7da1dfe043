local http = require "resty.http"
local lrucache = require "resty.lrucache"

local _M = {}

local cache = assert(lrucache.new(200))

function _M.token(token)
    local known = cache:get(token)
    if known then
        return known
    end

    local httpc = http.new()
    httpc:set_timeout(1000)
    local res, err = httpc:request_uri("http://auth.internal:8080/introspect", {
        method = "POST",
        body = ngx.encode_args({ token = token }),
        headers = { ["Content-Type"] = "application/x-www-form-urlencoded" },
    })
    if not res then
        return nil, err
    end
    if res.status ~= 200 then
        return nil, "status " .. res.status
    end

    local info = { active = res.body ~= "", subject = res.headers["X-Subject"] or "unknown" }
    cache:set(token, info, 60)
    return info
end

return _M
