-- The services that the status page asks.
local http = require "resty.http"

local _M = {
    all = {
        { name = "users", url = "http://users.internal:8080/health", retries = 1 },
        { name = "carts", url = "http://carts.internal:8080/health?deep=1", retries = 0 },
        { name = "mail", url = "http://mail.internal:8025/ping", retries = 2 },
    },
}

function _M.ask(service)
    local httpc = http.new()
    httpc:set_timeout(2000)

    -- What traces a request goes with it.
    local headers = { ["x-for"] = service.name }
    for name, value in pairs(ngx.req.get_headers()) do
        if name:sub(1, 2) == "x-" and name ~= "x-for" then
            headers[name] = value
        end
    end

    local last
    for attempt = 1, service.retries + 1 do
        headers["x-attempt"] = attempt
        local res, err = httpc:request_uri(service.url, { method = "GET", headers = headers })
        if res and res.status < 400 then
            return "up", attempt
        end
        last = res and "answered " .. res.status or err
        ngx.log(ngx.WARN, service.name, ": ", last)
    end
    return last, service.retries + 1
end

return _M
