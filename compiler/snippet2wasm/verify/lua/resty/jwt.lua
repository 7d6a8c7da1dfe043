-- resty.jwt for the reference nginx, on libcrypto: written from the documented behaviour of lua-resty-jwt 0.3, which
-- Debian does not package. Signed tokens only; no encryption, no certificates inside of tokens.
local cjson = require "cjson.safe"
local ffi = require "ffi"
local hmac = require "resty.hmac"

for _, declaration in ipairs {
  "typedef struct engine_st ENGINE;", "typedef struct evp_md_st EVP_MD;", "typedef struct evp_pkey_st EVP_PKEY;",
  "typedef struct evp_md_ctx_st EVP_MD_CTX;", "typedef struct evp_pkey_ctx_st EVP_PKEY_CTX;", "typedef struct bio_st BIO;",
  "typedef struct x509_st X509;", "typedef struct bignum_st BIGNUM;", "typedef struct ECDSA_SIG_st ECDSA_SIG;",
  "const EVP_MD *EVP_get_digestbyname(const char *name);", "BIO *BIO_new_mem_buf(const void *data, int length);",
  "int BIO_free(BIO *bio);", "EVP_PKEY *PEM_read_bio_PUBKEY(BIO *bio, EVP_PKEY **key, void *callback, void *user);",
  "EVP_PKEY *PEM_read_bio_PrivateKey(BIO *bio, EVP_PKEY **key, void *callback, void *user);",
  "X509 *PEM_read_bio_X509(BIO *bio, X509 **x, void *callback, void *user);", "EVP_PKEY *X509_get_pubkey(X509 *x);",
  "void X509_free(X509 *x);", "void EVP_PKEY_free(EVP_PKEY *key);", "int EVP_PKEY_get_base_id(const EVP_PKEY *key);",
  "int EVP_PKEY_get_bits(const EVP_PKEY *key);", "EVP_MD_CTX *EVP_MD_CTX_new(void);", "void EVP_MD_CTX_free(EVP_MD_CTX *c);",
  "int EVP_DigestSignInit(EVP_MD_CTX *c, EVP_PKEY_CTX **p, const EVP_MD *type, ENGINE *e, EVP_PKEY *key);",
  "int EVP_DigestVerifyInit(EVP_MD_CTX *c, EVP_PKEY_CTX **p, const EVP_MD *type, ENGINE *e, EVP_PKEY *key);",
  "int EVP_DigestSign(EVP_MD_CTX *c, unsigned char *sig, size_t *size, const unsigned char *data, size_t length);",
  "int EVP_DigestVerify(EVP_MD_CTX *c, const unsigned char *sig, size_t size, const unsigned char *data, size_t length);",
  "int EVP_PKEY_CTX_set_rsa_padding(EVP_PKEY_CTX *c, int padding);",
  "ECDSA_SIG *ECDSA_SIG_new(void);", "void ECDSA_SIG_free(ECDSA_SIG *sig);",
  "int ECDSA_SIG_set0(ECDSA_SIG *sig, BIGNUM *r, BIGNUM *s);", "const BIGNUM *ECDSA_SIG_get0_r(const ECDSA_SIG *sig);",
  "const BIGNUM *ECDSA_SIG_get0_s(const ECDSA_SIG *sig);", "int i2d_ECDSA_SIG(const ECDSA_SIG *sig, unsigned char **out);",
  "ECDSA_SIG *d2i_ECDSA_SIG(ECDSA_SIG **sig, const unsigned char **in, long length);",
  "BIGNUM *BN_bin2bn(const unsigned char *s, int length, BIGNUM *to);",
  "int BN_bn2binpad(const BIGNUM *a, unsigned char *to, int length);", "void ERR_clear_error(void);",
} do
  pcall(ffi.cdef, declaration)
end

local C = ffi.C
local RSA, EC, ED25519, PSS_PADDING = 6, 408, 1087, 6
local ALGORITHMS = {
  HS256 = {"HS", "SHA256", 32}, HS384 = {"HS", "SHA384", 48}, HS512 = {"HS", "SHA512", 64},
  RS256 = {"RS", "SHA256"}, RS384 = {"RS", "SHA384"}, RS512 = {"RS", "SHA512"},
  PS256 = {"PS", "SHA256"}, PS384 = {"PS", "SHA384"}, PS512 = {"PS", "SHA512"},
  ES256 = {"ES", "SHA256", 256, "P-256"}, ES384 = {"ES", "SHA384", 384, "P-384"}, ES512 = {"ES", "SHA512", 521, "P-521"},
  EdDSA = {"ED"}, Ed25519 = {"ED"}, Ed448 = {"ED"},
}

local M = {}

local function throw(reason)
  error({reason = reason})
end

local function encode(text)
  return (ngx.encode_base64(text):gsub("+", "-"):gsub("/", "_"):gsub("=", ""))
end

local function decode(text)
  text = text:gsub("-", "+"):gsub("_", "/")
  return ngx.decode_base64(text .. ("="):rep(-#text % 4))
end

local function decode_json(text)
  local raw = decode(text)
  return raw and cjson.decode(raw)
end

function M:jwt_encode(value)
  return encode(type(value) == "table" and cjson.encode(value) or value)
end

function M:jwt_decode(text, json)
  if json then
    return decode_json(text)
  end
  return decode(text)
end

function M:set_alg_whitelist(algorithms)
  self.alg_whitelist = algorithms
end

local function parse(token)
  local parts = {}
  for part in token:gmatch("[^.]+") do
    parts[#parts + 1] = part
  end
  if #parts ~= 3 then
    throw("invalid jwt string")
  end
  local header = decode_json(parts[1])
  if type(header) ~= "table" then
    throw("invalid header: " .. parts[1])
  end
  local payload = decode_json(parts[2]) or decode(parts[2])
  if not payload then
    throw("invalid payload: " .. parts[2])
  end
  return {
    typ = "JWT", raw_header = parts[1], raw_payload = parts[2], header = header, payload = payload, signature = parts[3],
    verified = false, valid = true,
  }
end

function M:load_jwt(token)
  local ok, found = pcall(parse, token)
  if ok then
    return found
  end
  return {valid = false, verified = false, reason = found.reason or "invalid jwt string"}
end

local function part(token, name)
  local raw = token["raw_" .. name]
  if raw == nil then
    if token[name] == nil then
      throw("missing part " .. name)
    end
    raw = M:jwt_encode(token[name])
  end
  return raw
end

local function secret_text(secret, token)
  if type(secret) == "string" then
    return secret
  elseif type(secret) ~= "function" then
    throw("invalid secret type (must be string or function)")
  end
  local kid = token.header.kid
  if kid == nil then
    throw("secret function specified without kid in header")
  elseif type(kid) ~= "string" then
    throw("secret function specified with non-string kid in header")
  end
  local text = secret(kid)
  if text == nil then
    throw("function returned nil for kid: " .. kid)
  elseif type(text) ~= "string" then
    throw("function returned a non-string secret for kid: " .. kid)
  end
  return text
end

local function code(secret, alg, message)
  if secret:find("-----BEGIN", 1, true) then
    throw("invalid secret for " .. alg .. ": PEM key material cannot be used as an HMAC secret")
  end
  return hmac:new(secret, hmac.ALGOS[ALGORITHMS[alg][2]]):final(message)
end

-- The key in a PEM text, read by one of OpenSSL's functions.
local function read_key(text, read)
  local bio = C.BIO_new_mem_buf(text, #text)
  local key = read(bio, nil, nil, nil)
  C.BIO_free(bio)
  C.ERR_clear_error()
  return key ~= nil and ffi.gc(key, C.EVP_PKEY_free) or nil
end

local function certificate_key(bio)
  local certificate = C.PEM_read_bio_X509(bio, nil, nil, nil)
  if certificate == nil then
    return nil
  end
  local key = C.X509_get_pubkey(certificate)
  C.X509_free(certificate)
  return key
end

local function public_key(secret)
  if secret:find("CERTIFICATE", 1, true) then
    return read_key(secret, certificate_key)
  elseif secret:find("PUBLIC KEY", 1, true) then
    return read_key(secret, C.PEM_read_bio_PUBKEY)
  end
end

local function mismatch(key, name)
  local alg, kind = ALGORITHMS[name], C.EVP_PKEY_get_base_id(key)
  if alg[1] == "RS" or alg[1] == "PS" then
    return kind ~= RSA and "RSA"
  elseif alg[1] == "ES" then
    return (kind ~= EC or C.EVP_PKEY_get_bits(key) ~= alg[3]) and "EC " .. alg[4]
  end
  return (kind ~= ED25519 or name == "Ed448") and (name == "EdDSA" and "Ed25519 or Ed448" or name)
end

local function context(init, key, alg)
  local found, inner = ffi.gc(C.EVP_MD_CTX_new(), C.EVP_MD_CTX_free), ffi.new("EVP_PKEY_CTX *[1]")
  assert(init(found, inner, alg[2] and C.EVP_get_digestbyname(alg[2]) or nil, nil, key) == 1)
  if alg[1] == "PS" then
    assert(C.EVP_PKEY_CTX_set_rsa_padding(inner[0], PSS_PADDING) == 1)
  end
  return found
end

local function order_size(alg)
  return math.floor((alg[3] + 7) / 8)
end

-- OpenSSL's form of an EC signature, of the two numbers that a token has.
local function to_der(sig, size)
  local pair = ffi.gc(C.ECDSA_SIG_new(), C.ECDSA_SIG_free)
  C.ECDSA_SIG_set0(pair, C.BN_bin2bn(sig:sub(1, size), size, nil), C.BN_bin2bn(sig:sub(size + 1), size, nil))
  local out = ffi.new("unsigned char[200]")
  local at = ffi.new("unsigned char *[1]", out)
  return ffi.string(out, C.i2d_ECDSA_SIG(pair, at))
end

local function from_der(sig, size)
  local at = ffi.new("const unsigned char *[1]", ffi.cast("const unsigned char *", sig))
  local pair = ffi.gc(C.d2i_ECDSA_SIG(nil, at, #sig), C.ECDSA_SIG_free)
  local out = ffi.new("unsigned char[?]", 2 * size)
  C.BN_bn2binpad(C.ECDSA_SIG_get0_r(pair), out, size)
  C.BN_bn2binpad(C.ECDSA_SIG_get0_s(pair), out + size, size)
  return ffi.string(out, 2 * size)
end

local function check(key, name, message, sig)
  local alg = ALGORITHMS[name]
  if alg[1] == "ES" then
    if #sig ~= 2 * order_size(alg) then
      return "signature length != 2 * order length"
    end
    sig = to_der(sig, order_size(alg))
  end
  local right = C.EVP_DigestVerify(context(C.EVP_DigestVerifyInit, key, alg), sig, #sig, message, #message) == 1
  C.ERR_clear_error()
  return not right and (alg[1] == "ED" and "EdDSA signature verification failed" or "Verification failed") or nil
end

local function verify_with_key(secret, token, name)
  local is_ed = ALGORITHMS[name][1] == "ED"
  if is_ed and type(secret) ~= "string" then
    return "Failed to load EdDSA public key: no key provided"
  elseif secret == nil then
    return "No trusted certs loaded"
  end
  local key = type(secret) == "string" and public_key(secret)
  if not key then
    return is_ed and "Failed to load EdDSA public key: invalid key" or "Decode secret is not a valid cert/public key"
  end
  local wanted = mismatch(key, name)
  if wanted then
    return "key type mismatch: alg " .. name .. " requires an " .. wanted .. " key"
  end
  local sig = decode(token.signature)
  if not sig then
    return "Wrongly encoded signature"
  end
  return check(key, name, part(token, "header") .. "." .. part(token, "payload"), sig)
end

local function verify_hmac(secret, token, name)
  local expected = code(secret_text(secret, token), name, part(token, "header") .. "." .. part(token, "payload"))
  local sig = type(token.signature) == "string" and decode(token.signature)
  if not sig or encode(sig) ~= token.signature or sig ~= expected then
    return "signature mismatch: " .. tostring(token.signature)
  end
end

local function verify_signature(secret, token, name)
  if ALGORITHMS[name][1] ~= "HS" then
    return verify_with_key(secret, token, name)
  end
  local ok, why = pcall(verify_hmac, secret, token, name)
  if ok then
    return why
  end
  return type(why) == "table" and why.reason or "internal error"
end

function M:get_default_validation_options(token)
  local payload = type(token.payload) == "table" and token.payload or {}
  return {require_exp_claim = payload.exp ~= nil, require_nbf_claim = payload.nbf ~= nil}
end

local LEGACY = {valid_issuers = true, lifetime_grace_period = true, require_nbf_claim = true, require_exp_claim = true}

local function is_legacy(options)
  local found = false
  for name in pairs(options) do
    if not LEGACY[name] then
      return false
    end
    found = true
  end
  return found
end

local function legacy_spec(options)
  local validators, spec = require "resty.jwt-validators", {}
  local nbf, exp, grace = options.require_nbf_claim, options.require_exp_claim, options.lifetime_grace_period
  if options.valid_issuers ~= nil then
    spec.iss = validators.equals_any_of(options.valid_issuers)
  end
  if grace ~= nil then
    validators.set_system_leeway(grace)
    if nbf ~= true and exp ~= true then
      spec.__jwt = validators.require_one_of({"nbf", "exp"})
    end
  end
  for _, name in ipairs {"require_nbf_claim", "require_exp_claim"} do
    if options[name] ~= nil and type(options[name]) ~= "boolean" then
      error("'" .. name .. "' validation option is expected to be a boolean.", 0)
    end
  end
  if grace ~= nil or nbf ~= nil or exp ~= nil then
    spec.nbf = nbf == true and validators.is_not_before() or validators.opt_is_not_before()
    spec.exp = exp == true and validators.is_not_expired() or validators.opt_is_not_expired()
  end
  return spec
end

local function claim_specs(token, ...)
  local specs = {...}
  if #specs == 0 then
    specs[1] = M:get_default_validation_options(token)
  end
  for i, spec in ipairs(specs) do
    if type(spec) ~= "table" then
      error("Claim spec must be a table - see jwt-validators.lua for helper functions", 0)
    end
    specs[i] = is_legacy(spec) and legacy_spec(spec) or spec
    for _, validator in pairs(specs[i]) do
      if type(validator) ~= "function" then
        error("Claim spec value must be a function - see jwt-validators.lua for helper functions", 0)
      end
    end
  end
  return specs
end

local function claim_problem(token, specs)
  local json = cjson.encode(token)
  for _, spec in ipairs(specs) do
    for claim, validator in pairs(spec) do
      local value
      if claim == "__jwt" then
        value = cjson.decode(json)
      elseif type(token.payload) == "table" then
        value = token.payload[claim]
      end
      local ok, result = pcall(validator, value, claim, json)
      if not ok and type(result) == "table" and result.reason ~= nil then
        return tostring(result.reason)
      elseif not ok and type(result) == "string" then
        return (result:gsub("^.-:%d-: ", ""))
      elseif not ok then
        return "Claim '" .. tostring(claim) .. "' validation failed"
      elseif result == false then
        return "Claim '" .. tostring(claim) .. "' ('" .. tostring(value) .. "') returned failure"
      end
    end
  end
end

function M:verify_jwt_obj(secret, token, ...)
  if not token.valid then
    return token
  end
  if type(token.header) ~= "table" then
    token.reason = "invalid header"
    return token
  end
  local specs, name = claim_specs(token, ...), token.header.alg
  token.verified, token.reason = false, nil
  if name == nil then
    token.reason = "No algorithm supplied"
  elseif type(name) ~= "string" then
    token.reason = "invalid alg: must be a string"
  elseif self.alg_whitelist and self.alg_whitelist[name] == nil then
    return {verified = false, reason = "whitelist unsupported alg: " .. name}
  elseif not ALGORITHMS[name] then
    token.reason = "Unsupported algorithm " .. name
  else
    token.reason = verify_signature(secret, token, name)
  end
  if token.reason then
    return token
  end
  token.verified, token.reason = true, "everything is awesome~ :p"
  local problem = claim_problem(token, specs)
  if problem then
    token.verified, token.reason = false, problem
  end
  return token
end

function M:verify(secret, token, ...)
  local found = self:load_jwt(token)
  if not found.valid then
    return {verified = false, reason = found.reason}
  end
  return self:verify_jwt_obj(secret, found, ...)
end

local function sign_with_key(secret, name, message)
  local alg = ALGORITHMS[name]
  local key = read_key(secret, C.PEM_read_bio_PrivateKey)
  if not key then
    throw("signer error: the key is none for this algorithm")
  end
  local out, size = ffi.new("unsigned char[1024]"), ffi.new("size_t[1]", 1024)
  assert(C.EVP_DigestSign(context(C.EVP_DigestSignInit, key, alg), out, size, message, #message) == 1)
  local sig = ffi.string(out, size[0])
  return alg[1] == "ES" and from_der(sig, order_size(alg)) or sig
end

function M:sign(secret, token)
  local typ, name = token.header.typ, token.header.alg
  if typ ~= nil and typ ~= "JWT" and typ ~= "JWE" then
    throw("invalid typ: " .. tostring(typ))
  end
  local message = part(token, "header") .. "." .. part(token, "payload")
  if type(name) ~= "string" or not ALGORITHMS[name] then
    throw("unsupported alg: " .. tostring(name))
  end
  local sig
  if ALGORITHMS[name][1] == "HS" then
    sig = code(secret_text(secret, token), name, message)
  else
    sig = sign_with_key(secret, name, message)
  end
  return message .. "." .. encode(sig)
end

return M
