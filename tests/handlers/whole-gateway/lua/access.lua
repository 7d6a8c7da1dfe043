local guard = require "guard"

if ngx.req.get_method() ~= "GET" and not guard.allowed(ngx.var.http_x_role) then
    ngx.log(ngx.WARN, "denied ", ngx.var.uri)
    return ngx.exit(ngx.HTTP_FORBIDDEN)
end
