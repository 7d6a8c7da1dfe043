// Package cjson is lua-cjson 2.1.0: JSON from and to Lua values, with its error
// messages.
package cjson

import (
	"math"
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// maxText bounds the text of one value.
const maxText = 64 << 20

// problem is panicked with inside of this package: why something cannot be done.
type problem string

// catch turns a problem into a result.
func catch(err *lua.OptString) {
	switch v := recover().(type) {
	case nil:
	case problem:
		*err = lua.Some(string(v))
	default:
		panic(v)
	}
}

// unsupported reports whether JSON has nothing for a value.
func unsupported(v lua.Value) bool {
	switch v := lua.Plain(v).(type) {
	case nil, bool, float64, string, *lua.Table:
		return false
	default:
		return v != lua.Null && v != EmptyArray
	}
}

// Encode is cjson.encode(v); it raises an error for what JSON does not know.
func Encode(v any, at lua.Operand) string {
	text, err := EncodeSafe(v)
	if message, failed := err.Get(); failed {
		lua.Throw(message, at)
	}
	return text.Or("")
}

// EncodeSafe is cjson.safe's encode(v): the text, or nil and why there is none.
func EncodeSafe(v any) (text, err lua.OptString) {
	return standard.EncodeSafe(v)
}

// EncodeSafe is EncodeSafe with settings.
func (c *Codec) EncodeSafe(v any) (text, err lua.OptString) {
	defer catch(&err)
	e := encoder{Codec: c}
	e.value(lua.Plain(v), 0)
	return lua.Some(e.String()), lua.None
}

type encoder struct {
	*Codec
	strings.Builder
}

// value appends one value that is nested in depth tables.
func (e *encoder) value(v lua.Value, depth int) {
	switch v := v.(type) {
	case nil:
		e.WriteString("null")
	case bool:
		e.WriteString(strconv.FormatBool(v))
	case float64:
		e.number(v)
	case string:
		e.text(v)
	case *lua.Table:
		e.table(v, depth+1)
	default:
		switch v {
		case lua.Null:
			e.WriteString("null")
		case EmptyArray:
			e.WriteString("[]")
		default:
			panic(problem("Cannot serialise " + lua.TypeName(v) + ": type not supported"))
		}
	}
	if e.Len() > maxText {
		panic(problem("not enough memory"))
	}
}

// number appends a number; JSON has no infinity and no NaN.
func (e *encoder) number(n float64) {
	switch {
	case !math.IsInf(n, 0) && !math.IsNaN(n):
		e.WriteString(e.format(n))
	case e.encodeInvalid == invalidAsNull:
		e.WriteString("null")
	case e.encodeInvalid == invalidAllowed && math.IsNaN(n):
		e.WriteString("nan") // whatever its sign
	case e.encodeInvalid == invalidAllowed:
		e.WriteString(lua.FormatNumber(n))
	default:
		panic(problem("Cannot serialise number: must not be NaN or Inf"))
	}
}

// format is a number with as many digits as the settings say, as C writes it: of two
// that are equally near it takes the even one, where tostring() does not.
func (e *encoder) format(n float64) string {
	const exact = 1e14 // smaller whole numbers have all their digits
	if e.precision >= standard.precision && n == math.Trunc(n) && math.Abs(n) < exact {
		return lua.FormatNumber(n)
	}
	return strconv.FormatFloat(n, 'g', e.precision, 64)
}

// text appends a string.
func (e *encoder) text(s string) {
	const hex = "0123456789abcdef"
	e.WriteByte('"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch at := strings.IndexByte("\"\\/\b\f\n\r\t", c); {
		case c == '/' && e.plainSlash:
			e.WriteByte(c)
		case at >= 0:
			e.WriteByte('\\')
			e.WriteByte("\"\\/bfnrt"[at])
		case c < ' ' || c == 0x7f:
			e.WriteString(`\u00`)
			e.WriteByte(hex[c>>4])
			e.WriteByte(hex[c&15])
		default:
			e.WriteByte(c)
		}
	}
	e.WriteByte('"')
}

// table appends a table: an array when all keys are positive whole numbers, and
// there are some, or when its metatable says so.
func (e *encoder) table(t *lua.Table, depth int) {
	if depth > e.encodeDepth {
		panic(problem("Cannot serialise, excessive nesting (" + strconv.Itoa(depth) + ")"))
	}
	meta := t.Metatable()
	if meta == ArrayMT {
		e.array(t, t.Len(), depth)
		return
	}
	length := e.arrayLength(t)
	if length > 0 || length == 0 && (e.emptyAsArray || meta == EmptyArrayMT) {
		e.array(t, length, depth)
		return
	}
	e.object(t, depth)
}

// array appends the first items of a table as an array.
func (e *encoder) array(t *lua.Table, length, depth int) {
	e.WriteByte('[')
	for i := 1; i <= length; i++ {
		if i > 1 {
			e.WriteByte(',')
		}
		e.element(t.RawGet(float64(i)), depth)
	}
	e.WriteByte(']')
}

// element appends a value in a table.
func (e *encoder) element(v lua.Value, depth int) { e.value(lua.Plain(v), depth) }

// arrayLength is the greatest key of an array, -1 for any other table.
func (e *encoder) arrayLength(t *lua.Table) int {
	greatest, items := 0.0, 0
	for key, _, _ := t.Next(nil); key != nil; key, _, _ = t.Next(key) {
		n, ok := key.(float64)
		if !ok || n < 1 || n != math.Trunc(n) || n > 1<<31-1 {
			return -1
		}
		greatest, items = max(greatest, n), items+1
	}
	if e.sparseRatio > 0 && greatest > float64(items*e.sparseRatio) && greatest > float64(e.sparseSafe) {
		if e.sparseConvert {
			return -1
		}
		panic(problem("Cannot serialise table: excessively sparse array"))
	}
	return int(greatest)
}

// object appends a table as an object, in the order of Next.
func (e *encoder) object(t *lua.Table, depth int) {
	e.WriteByte('{')
	first := true
	for key, value, _ := t.Next(nil); key != nil; key, value, _ = t.Next(key) {
		if e.skip && unsupported(value) {
			continue
		}
		if !first {
			e.WriteByte(',')
		}
		first = false
		switch key := key.(type) {
		case string:
			e.text(key)
		case float64:
			e.WriteByte('"')
			e.number(key)
			e.WriteByte('"')
		default:
			panic(problem("Cannot serialise " + lua.TypeName(key) + ": table key must be a number or string"))
		}
		e.WriteByte(':')
		e.element(value, depth)
	}
	e.WriteByte('}')
}
