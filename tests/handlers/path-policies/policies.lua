-- Routes with parameters: "/users/:id" becomes a Lua pattern once, when nginx starts.
local _M = {}

local routes = {}

local function compile(path)
    local names = {}
    local pattern = path:gsub("[%-%.]", "%%%0"):gsub(":(%w+)", function(name)
        names[#names + 1] = name
        return "([^/]+)"
    end)
    return "^" .. pattern .. "$", names
end

function _M.add(method, path, policy)
    local pattern, names = compile(path)
    table.insert(routes, { method = method, pattern = pattern, names = names, policy = policy })
end

function _M.find(method, uri)
    local allow = {}
    for _, route in ipairs(routes) do
        local found = { uri:match(route.pattern) }
        if #found > 0 then
            if route.method == method then
                local params = {}
                for i, name in ipairs(route.names) do
                    params[i] = { name, found[i] }
                end
                return route.policy, params
            end
            allow[#allow + 1] = route.method
        end
    end
    return nil, nil, allow
end

return _M
