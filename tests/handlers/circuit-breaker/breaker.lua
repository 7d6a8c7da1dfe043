local Breaker = { COOL_DOWN = 3600, THRESHOLD = 3 }
Breaker.__index = Breaker

function Breaker.new(service)
    return setmetatable({ service = service, dict = ngx.shared.breakers }, Breaker)
end

function Breaker:key(what)
    return self.service .. ":" .. what
end

function Breaker:closed()
    return not self.dict:get(self:key("open"))
end

function Breaker:record(status)
    if status < 500 then
        self.dict:delete(self:key("failures"))
        return
    end
    if not self:closed() then
        return
    end
    local failures = self.dict:incr(self:key("failures"), 1, 0)
    if failures >= Breaker.THRESHOLD then
        self.dict:set(self:key("open"), true, Breaker.COOL_DOWN)
        ngx.log(ngx.ERR, "breaker of ", self.service, " opens after ", failures, " failures")
    end
end

return Breaker
