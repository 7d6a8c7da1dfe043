-- resty.hmac for the reference nginx, on libcrypto: written from the documented behaviour of lua-resty-hmac.
local ffi = require "ffi"

pcall(ffi.cdef, "typedef struct engine_st ENGINE;")
pcall(ffi.cdef, "typedef struct evp_md_st EVP_MD;")
ffi.cdef [[
typedef struct hmac_ctx_st HMAC_CTX;
HMAC_CTX *HMAC_CTX_new(void);
void HMAC_CTX_free(HMAC_CTX *context);
int HMAC_Init_ex(HMAC_CTX *context, const void *key, int length, const EVP_MD *digest, ENGINE *engine);
int HMAC_Update(HMAC_CTX *context, const unsigned char *data, size_t length);
int HMAC_Final(HMAC_CTX *context, unsigned char *out, unsigned int *length);
const EVP_MD *EVP_get_digestbyname(const char *name);
]]

local crypto = ffi.C
local M = {ALGOS = {}}
M.__index = M

for _, name in ipairs {"MD5", "SHA1", "SHA256", "SHA384", "SHA512"} do
  M.ALGOS[name] = crypto.EVP_get_digestbyname(name)
end

function M:new(key, algorithm)
  local length = #key
  local context = ffi.gc(crypto.HMAC_CTX_new(), crypto.HMAC_CTX_free)
  if crypto.HMAC_Init_ex(context, key, length, algorithm or M.ALGOS.MD5, nil) == 0 then
    return nil
  end
  return setmetatable({context = context}, M)
end

function M:update(s)
  return crypto.HMAC_Update(self.context, s, #s) == 1
end

function M:final(s, hex)
  if s ~= nil and not self:update(s) then
    return nil
  end
  local out, length = ffi.new("unsigned char[64]"), ffi.new("unsigned int[1]")
  if crypto.HMAC_Final(self.context, out, length) ~= 1 then
    return nil
  end
  local code = ffi.string(out, length[0])
  if hex == true then
    return (code:gsub(".", function(byte) return ("%02x"):format(byte:byte()) end))
  end
  return code
end

function M:reset()
  return crypto.HMAC_Init_ex(self.context, nil, 0, nil, nil) == 1
end

return M
