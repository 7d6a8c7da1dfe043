// Package bit is LuaJIT's library bit: operations on 32 bits. What it takes are
// numbers modulo 2**32, what it gives are signed ones.
package bit

import (
	"math"
	"math/bits"
	"strconv"
	"strings"
)

// of is a number as the library sees it: rounded, the even one from the middle
// between two, and modulo 2**32. A number beyond 2**51 is what is left of it in
// the arithmetic that rounds it.
func of(n float64) int32 {
	const magic = 1<<52 + 1<<51
	if n != n {
		return 0
	}
	return int32(uint32(math.Float64bits(n + magic)))
}

// ToBit is bit.tobit(n).
func ToBit(n float64) float64 { return float64(of(n)) }

// Not is bit.bnot(n).
func Not(n float64) float64 { return float64(^of(n)) }

// And is bit.band(first, more...).
func And(first float64, more ...float64) float64 {
	found := of(first)
	for _, n := range more {
		found &= of(n)
	}
	return float64(found)
}

// Or is bit.bor(first, more...).
func Or(first float64, more ...float64) float64 {
	found := of(first)
	for _, n := range more {
		found |= of(n)
	}
	return float64(found)
}

// Xor is bit.bxor(first, more...).
func Xor(first float64, more ...float64) float64 {
	found := of(first)
	for _, n := range more {
		found ^= of(n)
	}
	return float64(found)
}

// by is how far to shift: the lowest five bits count.
func by(n float64) int { return int(of(n) & 31) }

// LeftShift is bit.lshift(n, places).
func LeftShift(n, places float64) float64 { return float64(of(n) << by(places)) }

// RightShift is bit.rshift(n, places); zeros come in.
func RightShift(n, places float64) float64 { return float64(int32(uint32(of(n)) >> by(places))) }

// ArithmeticShift is bit.arshift(n, places); copies of the sign come in.
func ArithmeticShift(n, places float64) float64 { return float64(of(n) >> by(places)) }

// RotateLeft is bit.rol(n, places).
func RotateLeft(n, places float64) float64 {
	return float64(int32(bits.RotateLeft32(uint32(of(n)), by(places))))
}

// RotateRight is bit.ror(n, places).
func RotateRight(n, places float64) float64 {
	return float64(int32(bits.RotateLeft32(uint32(of(n)), -by(places))))
}

// Swap is bit.bswap(n): the four bytes in reverse.
func Swap(n float64) float64 { return float64(int32(bits.ReverseBytes32(uint32(of(n))))) }

// ToHex is bit.tohex(n, digits): the last of its digits, in upper case if digits
// is below 0.
func ToHex(n, digits float64) string {
	const all, most = 8, 254
	count := of(digits)
	size := min(uint32(count), most)
	if count < 0 {
		size = min(-uint32(count), most)
	}
	text := strconv.FormatUint(uint64(uint32(of(n))), 16)
	text = strings.Repeat("0", max(all, int(size))-len(text)) + text
	text = text[len(text)-int(size):]
	if count < 0 {
		text = strings.ToUpper(text)
	}
	return text
}
