local aes = require "resty.aes"

-- The device sends base64(IV .. AES-256-CBC(device id)); nil when it does not decrypt.
function aes_decrypt(enc, key)
    local raw = ngx.decode_base64(enc)
    if not raw or #raw < 32 then
        return nil
    end
    local cipher = aes:new(key, nil, aes.cipher(256, "cbc"), { iv = raw:sub(1, 16) })
    if not cipher then
        return nil
    end
    return cipher:decrypt(raw:sub(17))
end
