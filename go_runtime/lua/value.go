package lua

import (
	"strconv"
	"unsafe"
)

// Value is a Lua value whose type is not known when the code is compiled:
// nil, bool, float64, string, *Table, *Function, *Coroutine, LightUserdata, an
// Object, or something that implements Valuer.
type Value = any

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
	switch v := Plain(v).(type) {
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
	case *Coroutine:
		return "thread"
	case *Function:
		return "function"
	default:
		return typeOfObject(v)
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
		if text, ok := Described(v); ok {
			return text
		}
		return "table: " + address(unsafe.Pointer(v))
	case *Function:
		return "function: " + address(unsafe.Pointer(v))
	case *Coroutine:
		return "thread: " + address(unsafe.Pointer(v))
	default:
		return describeObject(v)
	}
}

// address is what tostring shows of an object.
func address(p unsafe.Pointer) string {
	return "0x" + strconv.FormatUint(uint64(uintptr(p)), 16)
}

// AsTable returns the table that v has been shown to be.
func AsTable(v any) *Table { return Plain(v).(*Table) }

// AsString returns the string that v has been shown to be.
func AsString(v any) string { return Plain(v).(string) }

// AsNumber returns the number that v has been shown to be.
func AsNumber(v any) float64 { return Plain(v).(float64) }

// AsFunction returns the function that v has been shown to be.
func AsFunction(v any) *Function { return Plain(v).(*Function) }

// AsOptString returns the string or nil that v has been shown to be.
func AsOptString(v any) OptString {
	s, ok := Plain(v).(string)
	return Opt(s, ok)
}

// NewLightUserdata is a light userdata of a library; its name shows in messages.
func NewLightUserdata(name string) *LightUserdata { return &LightUserdata{name: name} }
