local bit = require "bit"

local band, lshift, tobit = bit.band, bit.lshift, bit.tobit

local _M = {}

-- parse gives an IPv4 address as a number.
function _M.parse(text)
    local a, b, c, d = text:match("^(%d+)%.(%d+)%.(%d+)%.(%d+)$")
    if not a then
        return nil, "not four numbers"
    end
    local number = 0
    for _, part in ipairs { a, b, c, d } do
        local value = tonumber(part)
        if value > 255 then
            return nil, part .. " is too large"
        end
        number = number * 256 + value
    end
    return tobit(number)
end

local function network(text)
    local base, bits = text:match("^([^/]+)/(%d+)$")
    if not base then
        base, bits = text, "32"
    end
    local number = assert(_M.parse(base))
    local mask = bits == "0" and 0 or lshift(-1, 32 - tonumber(bits))
    return { text = text, base = band(number, mask), mask = mask }
end

function _M.list(texts)
    local networks = {}
    for i, text in ipairs(texts) do
        networks[i] = network(text)
    end
    return networks
end

local function find(networks, number)
    for _, each in ipairs(networks) do
        if band(number, each.mask) == each.base then
            return each
        end
    end
end

function _M.contains(networks, number)
    return find(networks, number) ~= nil
end

function _M.name(networks, number)
    local found = find(networks, number)
    return found and found.text
end

return _M
