local redis = require "resty.redis"
local red = redis:new()
-- Get encrypted device ID from request params
local encrypted_device = ngx.var.arg_d
if not encrypted_device then
ngx.exit(400)
end
-- AES decrypt device ID
local device_id = aes_decrypt(encrypted_device, secret_key)
if not device_id then
ngx.log(ngx.ERR, "Failed to decrypt device ID")
ngx.exit(403)
end
-- Connect to Redis and update online status
red:connect("redis.internal", 6379)
red:setex("device:online:" .. device_id, 300, os.time())
red:close()
