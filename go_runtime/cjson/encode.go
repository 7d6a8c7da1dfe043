// Package cjson is lua-cjson 2.1.0: JSON from and to Lua values, with its error
// messages.
package cjson

import (
	"math"
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// maxDepth is how deeply tables and documents may be nested.
const maxDepth = 1000

// An array with more gaps than these is refused: its length is more than
// sparseSafe and more than sparseRatio times the number of its items.
const (
	sparseRatio = 2
	sparseSafe  = 10
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
	defer catch(&err)
	var e encoder
	e.value(lua.Plain(v), 0)
	return lua.Some(e.String()), lua.None
}

type encoder struct{ strings.Builder }

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
	case *lua.LightUserdata:
		if v != lua.Null {
			panic(problem("Cannot serialise userdata: type not supported"))
		}
		e.WriteString("null")
	case *lua.Table:
		e.table(v, depth+1)
	default:
		panic(problem("Cannot serialise " + lua.TypeName(v) + ": type not supported"))
	}
	if e.Len() > maxText {
		panic(problem("not enough memory"))
	}
}

// number appends a number; JSON has no infinity and no NaN.
func (e *encoder) number(n float64) {
	if math.IsInf(n, 0) || math.IsNaN(n) {
		panic(problem("Cannot serialise number: must not be NaN or Inf"))
	}
	e.WriteString(lua.FormatNumber(n))
}

// text appends a string.
func (e *encoder) text(s string) {
	const hex = "0123456789abcdef"
	e.WriteByte('"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch at := strings.IndexByte("\"\\/\b\f\n\r\t", c); {
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
// there are some.
func (e *encoder) table(t *lua.Table, depth int) {
	if depth > maxDepth {
		panic(problem("Cannot serialise, excessive nesting (" + strconv.Itoa(depth) + ")"))
	}
	length := arrayLength(t)
	if length <= 0 {
		e.object(t, depth)
		return
	}
	e.WriteByte('[')
	for i := 1; i <= length; i++ {
		if i > 1 {
			e.WriteByte(',')
		}
		e.value(lua.Plain(t.Get(float64(i))), depth)
	}
	e.WriteByte(']')
}

// arrayLength is the greatest key of an array, -1 for any other table.
func arrayLength(t *lua.Table) int {
	greatest, items := 0.0, 0
	for key, _, _ := t.Next(nil); key != nil; key, _, _ = t.Next(key) {
		n, ok := key.(float64)
		if !ok || n < 1 || n != math.Trunc(n) || n > 1<<31-1 {
			return -1
		}
		greatest, items = max(greatest, n), items+1
	}
	if greatest > float64(items*sparseRatio) && greatest > sparseSafe {
		panic(problem("Cannot serialise table: excessively sparse array"))
	}
	return int(greatest)
}

// object appends a table as an object, in the order of Next.
func (e *encoder) object(t *lua.Table, depth int) {
	e.WriteByte('{')
	first := true
	for key, value, _ := t.Next(nil); key != nil; key, value, _ = t.Next(key) {
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
		e.value(lua.Plain(value), depth)
	}
	e.WriteByte('}')
}
