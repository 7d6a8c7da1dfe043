local M = {}

local roles = { admin = "Administrator", editor = "Editor" }

function M.allowed(role)
    return role ~= nil and roles[role] ~= nil
end

function M.name(role)
    return roles[role] or "none"
end

return M
