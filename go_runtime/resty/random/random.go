// Package random is lua-resty-string's resty.random for compiled handlers.
package random

import (
	"crypto/rand"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// maxBytes is how many bytes one call gives at most.
const maxBytes = 1 << 24

// Bytes is random.bytes(len, strong): that many random bytes. They are as strong
// as the gateway's source whether or not strong ones are asked for.
func Bytes(length any, _ ...any) string {
	n, ok := lua.LibraryNumber(length)
	if !ok || n < 0 {
		lua.ThrowValue("size of C type is unknown or too large")
	}
	if n > maxBytes {
		lua.ThrowValue("not enough memory")
	}
	buffer := make([]byte, int(n))
	_, _ = rand.Read(buffer) // it never fails
	return string(buffer)
}
