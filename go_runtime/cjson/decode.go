package cjson

import (
	"strconv"
	"strings"
	"unicode/utf8"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// Decode is cjson.decode(s); it raises an error for what is no JSON.
func Decode(s string, at lua.Operand) lua.Value { return standard.Decode(s, at) }

// DecodeFunction is cjson.decode as a value, as in pcall(cjson.decode, s).
func DecodeFunction() *lua.Function {
	return lua.NewFunction(func(args lua.Values) lua.Values {
		return lua.Values{Decode(lua.CalledArg(1).Of(args).Text(args.At(0)), lua.Caller())}
	})
}

// Decode is Decode with settings.
func (c *Codec) Decode(s string, at lua.Operand) lua.Value {
	v, err := c.decode(s)
	if message, failed := err.Get(); failed {
		lua.Throw(message, at)
	}
	return v
}

// DecodeSafe is cjson.safe's decode(s): the value, or nil and what is wrong with the
// text, or that it is none. JSON's null is cjson.null.
func DecodeSafe(s any) (lua.Value, lua.OptString) { return standard.DecodeSafe(s) }

// DecodeSafe is DecodeSafe with settings.
func (c *Codec) DecodeSafe(s any) (lua.Value, lua.OptString) {
	switch s := lua.Plain(s).(type) {
	case string:
		return c.decode(s)
	case float64:
		return c.decode(lua.FormatNumber(s))
	default:
		return nil, lua.Some("bad argument #1 to '?' (string expected, got " + lua.TypeName(s) + ")")
	}
}

// decode is DecodeSafe for a string.
func (c *Codec) decode(s string) (v lua.Value, err lua.OptString) {
	defer func() {
		if _, failed := err.Get(); failed {
			v = nil
		}
	}()
	defer catch(&err)
	if len(s) >= 2 && (s[0] == 0 || s[1] == 0) {
		panic(problem("JSON parser does not support UTF-16 or UTF-32"))
	}
	d := decoder{Codec: c, text: s}
	v = d.value(d.next())
	if last := d.next(); last.kind != end {
		last.unexpected("the end")
	}
	return v, lua.None
}

// kind is what a token is; the names are those of the messages.
type kind string

const (
	objectBegin kind = "T_OBJ_BEGIN"
	objectEnd   kind = "T_OBJ_END"
	arrayBegin  kind = "T_ARR_BEGIN"
	arrayEnd    kind = "T_ARR_END"
	text        kind = "T_STRING"
	number      kind = "T_NUMBER"
	boolean     kind = "T_BOOLEAN"
	null        kind = "T_NULL"
	colon       kind = "T_COLON"
	comma       kind = "T_COMMA"
	end         kind = "T_END"
)

// token is a token and where it stands. Of one that is wrong the kind says why.
type token struct {
	kind  kind
	at    int
	value lua.Value
}

// unexpected fails with what should have stood in the place of a token.
func (t token) unexpected(wanted string) {
	panic(problem("Expected " + wanted + " but found " + string(t.kind) + " at character " + strconv.Itoa(t.at+1)))
}

type decoder struct {
	*Codec
	text  string
	at    int
	depth int
}

// value reads the value that begins with a token.
func (d *decoder) value(t token) lua.Value {
	switch t.kind {
	case text, number, boolean, null:
		return t.value
	case objectBegin:
		return d.object()
	case arrayBegin:
		return d.array()
	default:
		t.unexpected("value")
		return nil
	}
}

// descend counts the nesting.
func (d *decoder) descend() {
	if d.depth++; d.depth > d.decodeDepth {
		panic(problem("Found too many nested data structures (" + strconv.Itoa(d.depth) + ") at character " +
			strconv.Itoa(d.at)))
	}
}

// object reads what follows a "{".
func (d *decoder) object() lua.Value {
	d.descend()
	found := lua.NewTable(0)
	t := d.next()
	for t.kind != objectEnd {
		if t.kind != text {
			t.unexpected("object key string")
		}
		if next := d.next(); next.kind != colon {
			next.unexpected("colon")
		}
		found.Set(t.value, d.value(d.next()))
		t = d.separated(objectEnd, "comma or object end", "object key string")
	}
	d.depth--
	return found
}

// array reads what follows a "[".
func (d *decoder) array() lua.Value {
	d.descend()
	found := lua.NewTable(0)
	if d.markArrays {
		found.SetMetatable(ArrayMT)
	}
	t := d.next()
	for n := 1.0; t.kind != arrayEnd; n++ {
		found.Set(n, d.value(t))
		t = d.separated(arrayEnd, "comma or array end", "value")
	}
	d.depth--
	return found
}

// separated reads what follows a member: the end, or a comma and the first token
// of the next member. The texts say what was expected instead of something else.
func (d *decoder) separated(closing kind, separator, member string) token {
	t := d.next()
	if t.kind == closing {
		return t
	}
	if t.kind != comma {
		t.unexpected(separator)
	}
	if t = d.next(); t.kind == closing {
		t.unexpected(member)
	}
	return t
}

// next reads a token.
func (d *decoder) next() token {
	for d.at < len(d.text) && strings.IndexByte(" \t\n\r", d.text[d.at]) >= 0 {
		d.at++
	}
	t := token{kind: end, at: d.at}
	if d.at == len(d.text) || d.text[d.at] == 0 {
		return t
	}
	rest := d.text[d.at:]
	if i := strings.IndexByte("{}[]:,", rest[0]); i >= 0 {
		d.at++
		t.kind = [...]kind{objectBegin, objectEnd, arrayBegin, arrayEnd, colon, comma}[i]
		return t
	}
	switch {
	case rest[0] == '"':
		return d.quoted(t)
	case strings.HasPrefix(rest, "true"), strings.HasPrefix(rest, "false"):
		t.kind, t.value = boolean, rest[0] == 't'
		d.at += len(strconv.FormatBool(rest[0] == 't'))
	case strings.HasPrefix(rest, "null"):
		t.kind, t.value = null, lua.Null
		d.at += len("null")
	case strings.IndexByte("+-0123456789iInN", rest[0]) >= 0:
		return d.numeral(t)
	default:
		t.kind = "invalid token"
	}
	return t
}

// numeral reads what C's strtod takes for a number: more than JSON does.
func (d *decoder) numeral(t token) token {
	rest := d.text[d.at:]
	size := numeralSize(rest)
	if !d.decodeInvalid && isInvalid(rest) {
		t.kind = "invalid token"
		if c := rest[0]; c == '-' || '0' <= c && c <= '9' {
			t.kind = "invalid number"
		}
		return t
	}
	if size == 0 {
		t.kind = "invalid token"
		if rest[0] == '-' || rest[0] == '+' {
			t.kind = "invalid number"
		}
		return t
	}
	n, _ := lua.ToNumber(rest[:size])
	t.kind, t.value = number, n
	d.at += size
	return t
}

// isInvalid reports whether a number is one that JSON does not know: with a "+", in
// hexadecimal, with a zero in front, infinite or none.
func isInvalid(s string) bool {
	if s[0] == '+' {
		return true
	}
	s = lua.Lower(strings.TrimPrefix(s, "-"))
	if strings.HasPrefix(s, "0") {
		return len(s) > 1 && (s[1] == 'x' || '0' <= s[1] && s[1] <= '9')
	}
	return s == "" || s[0] > '9'
}

// numeralSize is the length of the number at the start of s.
func numeralSize(s string) int {
	at := 0
	if s[0] == '+' || s[0] == '-' {
		at = 1
	}
	lower := lua.Lower(s[at:min(len(s), at+len("infinity"))])
	for _, word := range []string{"infinity", "inf", "nan"} {
		if strings.HasPrefix(lower, word) {
			return at + len(word)
		}
	}
	alphabet, mark := "0123456789", "e"
	if strings.HasPrefix(lower, "0x") && digitsAt(s[at+2:], "0123456789abcdefABCDEF.") > 0 {
		at += 2
		alphabet, mark = "0123456789abcdefABCDEF", "p"
	}
	whole := digitsAt(s[at:], alphabet)
	at += whole
	if at < len(s) && s[at] == '.' {
		fraction := digitsAt(s[at+1:], alphabet)
		if whole+fraction == 0 {
			return 0
		}
		at += 1 + fraction
	} else if whole == 0 {
		return 0
	}
	if at < len(s) && strings.EqualFold(s[at:at+1], mark) {
		sign := at + 1
		if sign < len(s) && (s[sign] == '+' || s[sign] == '-') {
			sign++
		}
		if exponent := digitsAt(s[sign:], "0123456789"); exponent > 0 {
			at = sign + exponent
		}
	}
	return at
}

// digitsAt is the number of bytes at the start of s that are in an alphabet.
func digitsAt(s, alphabet string) int {
	n := 0
	for n < len(s) && strings.IndexByte(alphabet, s[n]) >= 0 {
		n++
	}
	return n
}

// quoted reads a string.
func (d *decoder) quoted(t token) token {
	var b []byte
	for d.at++; ; d.at++ {
		if d.at >= len(d.text) || d.text[d.at] == 0 {
			return token{kind: "unexpected end of string", at: d.at}
		}
		switch c := d.text[d.at]; c {
		case '"':
			d.at++
			t.kind, t.value = text, string(b)
			return t
		case '\\':
			var why kind
			if b, why = d.escape(b); why != "" {
				return token{kind: why, at: d.at}
			}
		default:
			b = append(b, c)
		}
	}
}

// escape reads an escape sequence; behind it, d.at is at its last byte. The
// result says what is wrong.
func (d *decoder) escape(b []byte) ([]byte, kind) {
	if d.at+1 >= len(d.text) {
		return b, "invalid escape code"
	}
	c := d.text[d.at+1]
	if i := strings.IndexByte("\"\\/bfnrt", c); i >= 0 {
		d.at++
		return append(b, "\"\\/\b\f\n\r\t"[i]), ""
	}
	if c != 'u' {
		return b, "invalid escape code"
	}
	code, ok := hex4(d.text, d.at+2)
	size := len(`\u1234`)
	if ok && code&0xfc00 == 0xd800 { // the first half of a pair
		low, lowOK := hex4(d.text, d.at+8)
		ok = lowOK && d.text[d.at+6:d.at+8] == `\u` && low&0xfc00 == 0xdc00
		code, size = 0x10000+(code&0x3ff)<<10|low&0x3ff, 2*size
	} else if code&0xfc00 == 0xdc00 {
		ok = false
	}
	if !ok {
		return b, "invalid unicode escape code"
	}
	d.at += size - 1
	return utf8.AppendRune(b, code), ""
}

// hex4 reads four hexadecimal digits.
func hex4(s string, at int) (rune, bool) {
	if at+4 > len(s) {
		return 0, false
	}
	n, err := strconv.ParseUint(s[at:at+4], 16, 16)
	return rune(n), err == nil
}
