-- Bearer tokens: what they claim.
local jwt = require "resty.jwt"

local _M = { _VERSION = "1.2" }

local SECRET = jwt_secret

local function bearer(header)
    if not header then
        return nil, "no Authorization header"
    end
    local token = header:match("^[Bb]earer%s+(%S+)$")
    if not token then
        return nil, "not a bearer token"
    end
    return token
end

-- claims returns what a token says, or nil and why it is refused.
function _M.claims(header)
    local token, err = bearer(header)
    if not token then
        return nil, err
    end

    local object = jwt:verify(SECRET, token)
    if not object.verified then
        return nil, object.reason
    end

    local payload = object.payload
    if type(payload.sub) ~= "string" or payload.sub == "" then
        return nil, "no subject"
    end
    return payload
end

function _M.has_scope(claims, wanted)
    for scope in (claims.scope or ""):gmatch("%S+") do
        if scope == wanted then
            return true
        end
    end
    return false
end

return _M
