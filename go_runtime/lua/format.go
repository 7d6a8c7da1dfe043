package lua

import (
	"math"
	"strconv"
	"strings"
)

// spec is a conversion of string.format: %-5.2f.
type spec struct {
	minus, plus, blank, sharp, zero bool
	width, precision                int // precision -1: none given
	verb                            byte
}

// Format is string.format(format, args…); at is the format.
func Format(format string, at Argument, args ...Value) string {
	var b strings.Builder
	next := 0
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		if i+1 < len(format) && format[i+1] == '%' {
			b.WriteByte('%')
			i++
			continue
		}
		found, end := conversion(format, i, at)
		i = end
		next++
		where := at.After(next)
		if next > len(args) {
			where.Throw("value expected")
		}
		b.WriteString(found.apply(Plain(args[next-1]), where))
		if b.Len() > maxString {
			ThrowValue("not enough memory")
		}
	}
	return b.String()
}

// conversion reads the conversion that begins at i; end is its last byte.
func conversion(format string, i int, at Argument) (found spec, end int) {
	begin := i
	invalid := func() {
		at.Fail("invalid option '" + format[begin:min(i+1, len(format))] + "' to 'format'")
	}
	peek := func() byte {
		if i < len(format) {
			return format[i]
		}
		return 0
	}
	for i++; ; i++ {
		switch peek() {
		case '-':
			found.minus = true
			continue
		case '+':
			found.plus = true
			continue
		case ' ':
			found.blank = true
			continue
		case '#':
			found.sharp = true
			continue
		case '0':
			found.zero = true
			continue
		}
		break
	}
	digits := func() int {
		n, count := 0, 0
		for ; isDigit(peek()); i++ {
			if count++; count > 2 {
				invalid()
			}
			n = n*10 + int(peek()-'0')
		}
		return n
	}
	found.width = digits()
	found.precision = -1
	if peek() == '.' {
		i++
		found.precision = digits()
	}
	found.verb = peek()
	if found.verb == 0 || !strings.ContainsRune("diouxXcsqeEfFgGaA", rune(found.verb)) {
		invalid()
	}
	return found, i
}

// apply is the text of a value.
func (f spec) apply(v Value, at Argument) string {
	switch f.verb {
	case 'c':
		return f.pad(string([]byte{byte(Int(at.Number(v)))}), "")
	case 'd', 'i':
		return f.integer(truncated(at.Number(v)))
	case 'u':
		return f.number("", strconv.FormatUint(unsigned(at.Number(v)), 10), true)
	case 'o':
		return f.based(at.Number(v), 8, "0")
	case 'x':
		return f.based(at.Number(v), 16, "0x")
	case 'X':
		return strings.ToUpper(f.based(at.Number(v), 16, "0x"))
	case 'q':
		return quoted(ToString(v))
	case 's':
		text := ToString(v)
		if f.precision >= 0 && f.precision < len(text) {
			text = text[:f.precision]
		}
		return f.pad(text, "")
	default:
		return f.float(at.Number(v))
	}
}

// truncated is a number as C's long long.
func truncated(n float64) int64 {
	if n >= -1<<63 && n < 1<<63 {
		return int64(n)
	}
	return math.MinInt64
}

// unsigned is a number as C's unsigned long long, as LuaJIT computes it.
func unsigned(n float64) uint64 {
	if n >= 1<<63 {
		n -= 1 << 64
	}
	return uint64(truncated(n))
}

func (f spec) integer(n int64) string {
	digits := strconv.FormatInt(n, 10)
	sign, isNegative := "", n < 0
	if isNegative {
		digits = digits[1:]
	}
	sign = f.sign(isNegative)
	return f.number(sign, digits, true)
}

func (f spec) based(n float64, base int, prefix string) string {
	digits := strconv.FormatUint(unsigned(n), base)
	if !f.sharp || digits == "0" {
		prefix = ""
	}
	if f.sharp && base == 8 { // the 0 is one of its digits
		if prefix != "" && f.precision <= len(digits) {
			digits = prefix + digits
		}
		if f.precision == 0 {
			f.precision = 1
		}
		prefix = ""
	}
	return f.number(prefix, digits, true)
}

// sign is what stands in front of a number.
func (f spec) sign(negative bool) string {
	switch {
	case negative:
		return "-"
	case f.plus:
		return "+"
	case f.blank:
		return " "
	}
	return ""
}

// number pads digits, with zeros up to the precision of an integer.
func (f spec) number(sign, digits string, integer bool) string {
	if integer && f.precision >= 0 {
		if f.precision == 0 && digits == "0" {
			digits = ""
		}
		digits = strings.Repeat("0", max(0, f.precision-len(digits))) + digits
		f.zero = false
	}
	if f.zero && !f.minus {
		digits = strings.Repeat("0", max(0, f.width-len(sign)-len(digits))) + digits
	}
	return f.pad(digits, sign)
}

// pad fills up to the width with blanks.
func (f spec) pad(text, sign string) string {
	text = sign + text
	blanks := strings.Repeat(" ", max(0, f.width-len(text)))
	if f.minus {
		return text + blanks
	}
	return blanks + text
}

func (f spec) float(n float64) string {
	sign := f.sign(math.Signbit(n) && n == n)
	upper := f.verb < 'a'
	var text string
	switch {
	case math.IsInf(n, 0):
		text, f.zero = "inf", false
	case math.IsNaN(n):
		text, f.zero = "nan", false
	default:
		text = f.finite(math.Abs(n))
	}
	if upper {
		text = strings.ToUpper(text)
	}
	if len(text) > 1 && text[1]|0x20 == 'x' {
		sign, text = sign+text[:2], text[2:] // zeros go behind 0x
	}
	return f.number(sign, text, false)
}

// finite is the text of a number that is not negative.
func (f spec) finite(n float64) string {
	precision := f.precision
	if precision < 0 {
		precision = 6
	}
	switch verb := f.verb | 0x20; verb {
	case 'a':
		text := carried(n, strconv.FormatFloat(n, 'x', f.precision, 64))
		mark := strings.LastIndexByte(text, 'p')
		exponent := strings.TrimLeft(text[mark+2:], "0")
		if exponent == "" {
			exponent = "0"
		}
		return f.pointed(text[:mark+2] + exponent)
	case 'e', 'f':
		return f.pointed(formatted(n, verb, precision))
	}
	precision = max(precision, 1)
	scientific := formatted(n, 'e', precision-1)
	mark := strings.LastIndexByte(scientific, 'e')
	exponent, _ := strconv.Atoi(scientific[mark+1:])
	text := scientific
	if exponent >= -4 && exponent < precision {
		text, mark = formatted(n, 'f', precision-1-exponent), -1
	}
	switch {
	case f.sharp:
		return f.pointed(text)
	case mark < 0:
		return trimZeros(text)
	}
	return trimZeros(text[:mark]) + text[mark:]
}

// carried undoes Go's next step after rounding 0x1.f… up: C leaves it at 0x2 and
// the exponent of n.
func carried(n float64, text string) string {
	exact := strconv.FormatFloat(n, 'x', -1, 64)
	exponent := exact[strings.LastIndexByte(exact, 'p'):]
	mark := strings.LastIndexByte(text, 'p')
	if text[mark:] == exponent {
		return text
	}
	return "0x2" + text[len("0x1"):mark] + exponent
}

// pointed gives a number without decimals the point that %# wants.
func (f spec) pointed(text string) string {
	if !f.sharp || strings.Contains(text, ".") {
		return text
	}
	if mark := strings.IndexAny(text, "ep"); mark >= 0 {
		return text[:mark] + "." + text[mark:]
	}
	return text + "."
}

// formatted is the text of a number that is not negative, with so many digits behind
// the point. Of two texts that are equally near LuaJIT takes the larger one, C and Go
// the even one.
func formatted(n float64, verb byte, precision int) string {
	const more = 20
	text, exponent := strconv.FormatFloat(n, verb, precision+more, 64), ""
	if mark := strings.IndexByte(text, 'e'); mark >= 0 {
		text, exponent = text[:mark], text[mark:]
	}
	kept, tail := text[:len(text)-more], text[len(text)-more:]
	if tail[0] != '5' || strings.Trim(tail[1:], "0") != "" {
		return strconv.FormatFloat(n, verb, precision, 64)
	}
	kept = increased(strings.TrimSuffix(kept, "."))
	if exponent != "" && strings.HasPrefix(kept, "10") {
		power, _ := strconv.Atoi(exponent[1:])
		return strconv.FormatFloat(math.Pow10(power+1), verb, precision, 64)
	}
	return kept + exponent
}

// increased is the next number with as many digits behind the point.
func increased(number string) string {
	digits := []byte(number)
	for i := len(digits) - 1; i >= 0; i-- {
		switch digits[i] {
		case '.':
		case '9':
			digits[i] = '0'
		default:
			digits[i]++
			return string(digits)
		}
	}
	return "1" + string(digits)
}

// quoted is %q: a string as Lua code.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '"' || c == '\\' || c == '\n':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < ' ' || c == 0x7f:
			b.WriteByte('\\')
			digits := strconv.Itoa(int(c))
			if i+1 < len(s) && isDigit(s[i+1]) {
				digits = strings.Repeat("0", 3-len(digits)) + digits
			}
			b.WriteString(digits)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}
