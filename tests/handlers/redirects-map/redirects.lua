local cjson = require "cjson"

local _M = {}

function _M.load(name)
    local file, err = io.open(ngx.config.prefix() .. name)
    if not file then
        error("no redirects: " .. err)
    end
    local text = file:read("*a")
    file:close()
    local rules = cjson.decode(text)
    rules.exact = rules.exact or {}
    rules.prefixes = rules.prefixes or {}
    return rules
end

return _M
