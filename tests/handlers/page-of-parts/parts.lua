-- The parts of a page, one after the other.
local _M = {}

local EMPTY = { [204] = true, [304] = true }

function _M.write(name, part)
    if not part then
        return
    end
    if EMPTY[part.status] then
        ngx.say("<!-- ", name, " is empty -->")
    elseif part.status >= 400 then
        ngx.log(ngx.WARN, name, " answered ", part.status)
        ngx.say("<!-- ", name, " is not there -->")
    else
        local kind = part.header["Content-Type"] or "text/plain"
        ngx.say('<part name="', name, '" type="', kind, '">', part.body, "</part>")
    end
end

function _M.owned_by(access)
    ngx.var.owner = access.header["X-User"] or "nobody"
end

return _M
