local function deny(reason)
    ngx.log(ngx.WARN, "refused: ", reason)
    ngx.status = ngx.HTTP_UNAUTHORIZED
    ngx.header["WWW-Authenticate"] = "Signature"
    ngx.header.content_type = "application/json"
    ngx.say('{"error":"', reason, '"}')
    return ngx.exit(ngx.HTTP_UNAUTHORIZED)
end

local signature = ngx.var.http_x_signature
local timestamp = ngx.var.http_x_timestamp
if not signature or not timestamp then
    return deny("unsigned request")
end

-- A recorded request must not work for ever.
local seconds = tonumber(timestamp)
if not seconds then
    return deny("bad timestamp")
end
if math.abs(ngx.time() - seconds) > max_age then
    return deny("expired signature")
end

local message = ngx.req.get_method() .. "\n" .. ngx.var.request_uri .. "\n" .. timestamp
local expected = ngx.encode_base64(ngx.hmac_sha1(shared_secret, message))

-- Digests are compared, not the texts: how long that takes says nothing about the signature.
if ngx.sha1_bin(signature) ~= ngx.sha1_bin(expected) then
    return deny("wrong signature")
end
ngx.req.clear_header("X-Signature")
