// Package hmac is lua-resty-hmac (resty.hmac) for compiled handlers.
package hmac

import (
	"encoding/hex"

	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/resty/hash"
)

// HMAC is the object that hmac:new returns. Its three digests are those of
// OpenSSL's context: the two that begin with the key, and the one that runs.
type HMAC struct {
	inner, outer, running *hash.Hash
}

// New is hmac:new(key, algorithm); a nil algorithm is MD5.
func New(key any, algorithm *hash.Algorithm) *HMAC {
	if algorithm == nil {
		algorithm = hash.MD5
	}
	secret := lua.LibraryString(key, "key")
	h := &HMAC{inner: hash.New(algorithm), outer: hash.New(algorithm)}
	if len(secret) > h.inner.BlockSize() {
		short := hash.New(algorithm)
		short.Write(secret)
		secret = short.Final()
	}
	h.inner.Write(padded(secret, 0x36, h.inner.BlockSize()))
	h.outer.Write(padded(secret, 0x5c, h.outer.BlockSize()))
	h.running = h.inner.Copy()
	return h
}

// padded is the key, with zeros up to a block, and every byte XORed with pad.
func padded(key string, pad byte, size int) string {
	block := make([]byte, size)
	copy(block, key)
	for i := range block {
		block[i] ^= pad
	}
	return string(block)
}

// Update is h:update(s). The result is always true.
func (h *HMAC) Update(s any) bool {
	h.running.Write(lua.LibraryString(s, "s"))
	return true
}

// Final is h:final(s, hex): it adds s, if given, and returns the code as bytes, or
// in hexadecimal where the second argument is true.
func (h *HMAC) Final(args ...any) string {
	given := lua.Values(args)
	if s := lua.Plain(given.At(0)); s != nil {
		h.running.Write(lua.LibraryString(s, "s"))
	}
	digest := h.running.Final()
	h.running = h.outer.Copy()
	h.running.Write(digest)
	code := h.running.Final()
	if lua.Plain(given.At(1)) == true {
		return hex.EncodeToString([]byte(code))
	}
	return code
}

// Reset is h:reset(). The result is always true.
func (h *HMAC) Reset() bool {
	h.running = h.inner.Copy()
	return true
}
