package lua

import (
	"slices"
	"strings"
)

// Sub is string.sub(s, i, j): the bytes from position i to j, both counted
// from 1, or from the end when negative.
func Sub(s string, i, j float64) string {
	start, end := position(i, len(s)), position(j, len(s))
	if start < 1 {
		start = 1
	}
	if end > len(s) {
		end = len(s)
	}
	if start > end {
		return ""
	}
	return s[start-1 : end]
}

// position makes an index of string.sub absolute.
func position(i float64, length int) int {
	n := Int(i)
	if n < 0 {
		n += length + 1
		if n < 0 {
			n = 0
		}
	}
	return n
}

// Len is #s: the number of bytes.
func Len(s string) float64 { return float64(len(s)) }

// Lower is string.lower(s): ASCII letters only, as in the C locale.
func Lower(s string) string { return mapBytes(s, 'A', 'Z') }

// Upper is string.upper(s): ASCII letters only, as in the C locale.
func Upper(s string) string { return mapBytes(s, 'a', 'z') }

// mapBytes changes the case of the letters from first to last.
func mapBytes(s string, first, last byte) string {
	out := []byte(s)
	for i, c := range out {
		if first <= c && c <= last {
			out[i] = c ^ ('a' - 'A')
		}
	}
	return string(out)
}

// Reverse is string.reverse(s).
func Reverse(s string) string {
	out := []byte(s)
	slices.Reverse(out)
	return string(out)
}

// maxString bounds the strings that one call can make: memory beyond the VM's
// limit would end the VM, not the request.
const maxString = 64 << 20

// Rep is string.rep(s, n).
func Rep(s string, n float64) string {
	if s == "" || !(n >= 1) {
		return ""
	}
	if n > maxString/float64(len(s)) {
		ThrowValue("not enough memory")
	}
	return strings.Repeat(s, int(n))
}

// Clock tells the time to os.time(); a request is one.
type Clock interface {
	// UnixNano is the wall clock's time in nanoseconds since 1970. (A time.Time
	// would bring all its formatting into every module.)
	UnixNano() int64
}

// Time is os.time(): whole seconds since 1970.
func Time(c Clock) float64 { return float64(c.UnixNano() / 1e9) }
