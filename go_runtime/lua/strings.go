package lua

import (
	"math"
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
	for i := 0; i < len(s); i++ {
		if c := s[i]; first <= c && c <= last {
			return mapped(s, i, first, last)
		}
	}
	return s
}

// mapped is mapBytes for a string whose first such letter is at start.
func mapped(s string, start int, first, last byte) string {
	var b strings.Builder
	b.Grow(len(s))
	b.WriteString(s[:start])
	for i := start; i < len(s); i++ {
		c := s[i]
		if first <= c && c <= last {
			c ^= 'a' - 'A'
		}
		b.WriteByte(c)
	}
	return b.String()
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
	return RepWith(s, n, "")
}

// RepWith is string.rep(s, n, separator).
func RepWith(s string, n float64, separator string) string {
	count := Int(n)
	if count < 1 || s == "" && separator == "" {
		return ""
	}
	if float64(count)*float64(len(s)+len(separator)) > maxString {
		ThrowValue("not enough memory")
	}
	return strings.Repeat(s+separator, count-1) + s
}

// Byte is string.byte(s, i, j).
func Byte(s string, i float64, j ...float64) Values {
	last := i
	if len(j) > 0 {
		last = j[0]
	}
	var found Values
	for _, c := range []byte(Sub(s, i, last)) {
		found = append(found, float64(c))
	}
	return found
}

// ByteAt is string.byte(s, i): nil where s has no such byte.
func ByteAt(s string, i float64) OptNumber {
	if c := Sub(s, i, i); c != "" {
		return SomeNumber(float64(c[0]))
	}
	return OptNumber{}
}

// Char is string.char(codes…).
func Char(at Argument, codes ...Value) string {
	out := make([]byte, len(codes))
	for i, code := range codes {
		n := Int(at.After(i).Number(code))
		if n < 0 || n > 255 {
			at.After(i).Throw("invalid value")
		}
		out[i] = byte(n)
	}
	return string(out)
}

// Clock tells the time to os.time(); a request is one.
type Clock interface {
	// UnixNano is the wall clock's time in nanoseconds since 1970. (A time.Time
	// would bring all its formatting into every module.)
	UnixNano() int64
}

// Time is os.time(): whole seconds since 1970.
func Time(c Clock) float64 { return float64(c.UnixNano() / 1e9) }

// Difference is os.difftime(a, b); C takes whole seconds.
func Difference(a, b float64) float64 { return math.Trunc(a) - math.Trunc(b) }

// clocked is when Clocked was called first. Like LuaJIT's it belongs to the VM.
var clocked int64

// Clocked is os.clock(): seconds since it was first called.
func Clocked(c Clock) float64 {
	now := c.UnixNano()
	if clocked == 0 {
		clocked = now
	}
	return float64(now-clocked) / 1e9
}
