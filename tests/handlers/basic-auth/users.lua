local str = require "resty.string"

local users = {}

-- Passwords as hex(sha1(name .. ":" .. password)).
local hashes = {
    ann = "ed125f01e22fae5e33763eac4b67d7ad01c3bc73",
    bob = "d58bb5af209738817b9721736e643927e3093997",
}

local readers = { bob = true }

local function hash(name, password)
    return str.to_hex(ngx.sha1_bin(name .. ":" .. password))
end

function users.check(name, password)
    local expected = hashes[name]
    if not expected then
        return nil
    end
    if hash(name, password) ~= expected then
        return nil
    end
    return { name = name, read_only = readers[name] or false }
end

function users.may(user, method)
    if user.read_only then
        return method == "GET" or method == "HEAD"
    end
    return true
end

return users
