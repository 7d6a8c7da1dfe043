-- W3C trace context: 00-<32 hex>-<16 hex>-<2 hex>
local trace = {}

local ZERO_ID = ("0"):rep(32)
local ZERO_SPAN = string.rep("0", 16)

local function hex(text, length)
    return #text == length and not text:find("[^0-9a-f]")
end

function trace.parse(header)
    if not header then
        return nil
    end
    local version, id, parent, flags = header:match("^(%x%x)-(%x+)-(%x+)-(%x%x)$")
    if not version or version == "ff" then
        return nil
    end
    if not hex(id, 32) or not hex(parent, 16) or id == ZERO_ID or parent == ZERO_SPAN then
        return nil
    end
    return id, parent, tonumber(flags, 16) % 2 == 1
end

function trace.derive(text)
    return ngx.md5(text)
end

return trace
