local _M = {}

_M.DEFAULT_PLAN = "basic"

local tenants = {
    acme   = { id = 17, plan = "gold", prefix = "/t/acme" },
    globex = { id = 23, prefix = "/t/globex" },
    initech = { id = 42, suspended = true },
    hooli  = { id = 51, moved_to = "hooli.example.net" },
}

local aliases = { ["acme-corp"] = "acme", gx = "globex" }

function _M.find(name)
    return tenants[aliases[name] or name]
end

return _M
