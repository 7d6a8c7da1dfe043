-- Sessions in a signed cookie: base64(key=value&…) "." hex(hmac).
local str = require "resty.string"

local Session = {}
Session.__index = Session

local function sign(text)
    return str.to_hex(ngx.hmac_sha1(session_key, text))
end

function Session.open(cookie)
    if not cookie then
        return nil
    end
    local body, signature = cookie:match("^([^.]+)%.(%x+)$")
    if not body then
        return nil, "malformed"
    end
    if sign(body) ~= signature:lower() then
        return nil, "wrong signature"
    end
    local plain = ngx.decode_base64(body)
    if not plain then
        return nil, "not base64"
    end
    return setmetatable({ values = ngx.decode_args(plain) }, Session)
end

function Session:get(name, default)
    local value = self.values[name]
    if value == nil or value == true then
        return default
    end
    return value
end

function Session:stale(now)
    local expires = tonumber(self:get("expires"))
    return not expires or expires < now
end

function Session.expired()
    return "session=; Path=/; Max-Age=0; HttpOnly"
end

return Session
