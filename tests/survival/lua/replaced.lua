-- A wait between the begin and the end, with a configuration that may be replaced meanwhile.
local redis = require "resty.redis"
local red = redis:new()
red:connect("redis.internal", 6379)
red:set("begun:" .. ngx.var.arg_id, word)
ngx.sleep(1.5)
red:set("ended:" .. ngx.var.arg_id, word)
red:close()
ngx.exit(403)
