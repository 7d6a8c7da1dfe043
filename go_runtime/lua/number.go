package lua

import (
	"math"
	"strconv"
	"strings"
)

// Int is what a C function that wants an int makes of n: the fraction is cut off,
// and what does not fit into 32 bits is the least number that has them, as on
// x86.
func Int(n float64) int {
	if n > -1<<31-1 && n < 1<<31 {
		return int(n)
	}
	return -1 << 31
}

// FormatNumber returns the text of n as LuaJIT's tostring() and `..` write it:
// C's "%.14g", and "inf", "-inf", "nan" for what is not finite.
func FormatNumber(n float64) string {
	if i := int64(n); float64(i) == n && i > -1e14 && i < 1e14 && (i != 0 || !math.Signbit(n)) {
		return strconv.FormatInt(i, 10)
	}
	switch {
	case math.IsNaN(n):
		return "nan"
	case math.IsInf(n, 1):
		return "inf"
	case math.IsInf(n, -1):
		return "-inf"
	}
	return format14g(n)
}

const precision = 14

// format14g is LuaJIT's "%.14g" for a finite n. It is C's, but for a number
// right in the middle between two of 14 digits: C takes the even one, LuaJIT the
// one away from zero.
func format14g(n float64) string {
	if isTie(n) {
		n = math.Nextafter(n, math.Copysign(math.Inf(1), n))
	}
	return FormatInC(n)
}

// FormatInC is C's "%.14g" for a finite n, as nginx's own functions write numbers.
func FormatInC(n float64) string {
	scientific := strconv.FormatFloat(n, 'e', precision-1, 64)
	mark := strings.LastIndexByte(scientific, 'e')
	exponent, _ := strconv.Atoi(scientific[mark+1:])
	if exponent < -4 || exponent >= precision {
		return trimZeros(scientific[:mark]) + scientific[mark:]
	}
	return trimZeros(strconv.FormatFloat(n, 'f', precision-1-exponent, 64))
}

// isTie reports whether the digits of n behind the 14th are 5000….
func isTie(n float64) bool {
	const more = 20
	digits := strconv.FormatFloat(math.Abs(n), 'e', precision+more, 64)[1+precision:]
	return digits[0] == '5' && strings.Trim(digits[1:1+more], "0") == ""
}

// trimZeros drops the zeros at the end of a decimal fraction, and its point
// when nothing is left behind it.
func trimZeros(s string) string {
	if !strings.Contains(s, ".") {
		return s
	}
	return strings.TrimRight(strings.TrimRight(s, "0"), ".")
}

// ToNumber converts a string as tonumber(s) does: decimal, hexadecimal
// (0x10, 0x1p4, 0x.8) and binary (0b101) text with white space around it.
func ToNumber(s string) (float64, bool) {
	s = strings.Trim(s, " \t\n\v\f\r")
	negative := false
	if s != "" && (s[0] == '+' || s[0] == '-') {
		negative = s[0] == '-'
		s = s[1:]
	}
	n, ok := parseUnsigned(s)
	if negative && !math.IsNaN(n) {
		n = -n
	}
	return n, ok
}

// parseUnsigned reads a number without sign and without white space.
func parseUnsigned(s string) (float64, bool) {
	lower := Lower(s)
	switch lower {
	case "inf", "infinity":
		return math.Inf(1), true
	case "nan":
		return math.Float64frombits(0xfff8 << 48), true // the sign shows in ngx.log
	}
	if strings.ContainsAny(s, "_iIlLuU") {
		return 0, false
	}
	if digits, ok := strings.CutPrefix(lower, "0b"); ok {
		n, err := strconv.ParseUint(digits, 2, 64)
		return float64(n), err == nil
	}
	if digits, ok := strings.CutPrefix(lower, "0x"); ok {
		if digits == "" || digits == "." || digits[0] == 'p' {
			return 0, false
		}
		if !strings.Contains(digits, "p") {
			lower += "p0"
		}
		return parseFloat(lower)
	}
	if lower == "" || (lower[0] != '.' && (lower[0] < '0' || lower[0] > '9')) {
		return 0, false
	}
	return parseFloat(lower)
}

// parseFloat is strconv.ParseFloat with Lua's view of overflow: infinity.
func parseFloat(s string) (float64, bool) {
	n, err := strconv.ParseFloat(s, 64)
	if err != nil && !math.IsInf(n, 0) {
		return 0, false
	}
	return n, true
}
