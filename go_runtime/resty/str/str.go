// Package str is lua-resty-string's resty.string for compiled handlers.
package str

import (
	"encoding/hex"
	"math"
	"strconv"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// ToHex is str.to_hex(s), in lower case.
func ToHex(s any) string { return hex.EncodeToString([]byte(lua.LibraryString(s, "s"))) }

// Atoi is str.atoi(s): the number that decimal digits say, -1 for all other
// text and for numbers beyond 64 bits.
func Atoi(v any) float64 {
	s := lua.LibraryString(v, "s")
	if s == "" {
		return -1
	}
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return -1
		}
	}
	n, err := strconv.ParseUint(s, 10, 64)
	if err != nil || n > math.MaxInt64 {
		return -1
	}
	return float64(n)
}
