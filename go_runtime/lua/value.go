package lua

import (
	"strconv"
	"unsafe"
)

// Value is a Lua value whose type is not known when the code is compiled:
// nil, bool, float64, string, *Table, LightUserdata, or something that
// implements Valuer.
type Value any

// Valuer is implemented by the runtime's own Go types that stand for a Lua
// value (OptString, a Redis reply).
type Valuer interface {
	// Value returns the Lua value with none of Go's wrapping.
	Value() Value
}

// LightUserdata is an opaque pointer. ngx.null is the one that scripts meet.
type LightUserdata struct{ name string }

// Null is the light userdata NULL that the nginx API calls ngx.null.
var Null = &LightUserdata{name: "NULL"}

// Plain unwraps v: integers of Go become numbers, a Valuer its value.
func Plain(v any) Value {
	switch v := v.(type) {
	case Valuer:
		return v.Value()
	case int:
		return float64(v)
	case int64:
		return float64(v)
	default:
		return v
	}
}

// TypeName returns what Lua's type() says about v.
func TypeName(v Value) string {
	switch Plain(v).(type) {
	case nil:
		return "nil"
	case bool:
		return "boolean"
	case float64:
		return "number"
	case string:
		return "string"
	case *Table:
		return "table"
	case *LightUserdata:
		return "userdata"
	default:
		return "function"
	}
}

// Truthy reports whether v counts as true: all but nil and false.
func Truthy(v Value) bool {
	switch v := Plain(v).(type) {
	case nil:
		return false
	case bool:
		return v
	default:
		return true
	}
}

// ToString returns what tostring(v) gives. Tables and functions have an
// address in their text, which differs on every run, as in Lua.
func ToString(v any) string {
	switch v := Plain(v).(type) {
	case nil:
		return "nil"
	case bool:
		if v {
			return "true"
		}
		return "false"
	case float64:
		return FormatNumber(v)
	case string:
		return v
	case *LightUserdata:
		return "userdata: " + v.name
	case *Table:
		return "table: 0x" + strconv.FormatUint(uint64(uintptr(unsafe.Pointer(v))), 16)
	default:
		return TypeName(v)
	}
}
