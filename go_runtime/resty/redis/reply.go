package redis

import (
	"snippet2wasm.internal/plugin/runtime/lua"
)

// kind is the type of a Reply.
type kind uint8

const (
	kindNil    kind = iota // the command failed, or waits in a pipeline
	kindFalse              // Redis answered with an error
	kindNull               // ngx.null: Redis has no such value
	kindString             // a bulk string or a status
	kindNumber             // an integer
	kindTable              // an array
)

// Reply is the first result of a command: nil, false, ngx.null, a string, a
// number, or a table. The zero value is nil.
type Reply struct {
	kind   kind
	number float64
	text   string
	table  *lua.Table
}

// IsNil reports `reply == nil`.
func (r Reply) IsNil() bool { return r.kind == kindNil }

// IsNull reports `reply == ngx.null`.
func (r Reply) IsNull() bool { return r.kind == kindNull }

// Falsy reports `not reply`: nil or false. ngx.null is true.
func (r Reply) Falsy() bool { return r.kind == kindNil || r.kind == kindFalse }

// EqualString reports `reply == "s"`.
func (r Reply) EqualString(s string) bool { return r.kind == kindString && r.text == s }

// EqualNumber reports `reply == n`.
func (r Reply) EqualNumber(n float64) bool { return r.kind == kindNumber && r.number == n }

// Type is type(reply).
func (r Reply) Type() string { return lua.TypeName(r.Value()) }

// Value returns the dynamic value.
func (r Reply) Value() lua.Value {
	switch r.kind {
	case kindFalse:
		return false
	case kindNull:
		return lua.Null
	case kindString:
		return r.text
	case kindNumber:
		return r.number
	case kindTable:
		return r.table
	default:
		return nil
	}
}

// String is tostring(reply).
func (r Reply) String() string { return lua.ToString(r.Value()) }

// Text is the reply as an operand of `..`. All but strings and numbers raise
// Lua's error, naming op.
func (r Reply) Text(op lua.Operand) string { return lua.ConcatText(r.Value(), op) }

// Number is the reply as an operand of arithmetic. All but numbers, and strings
// that read as one, raise Lua's error, naming op.
func (r Reply) Number(op lua.Operand) float64 { return lua.ArithmeticOperand(r.Value(), op) }

// ToNumber is tonumber(reply).
func (r Reply) ToNumber() (float64, bool) {
	switch r.kind {
	case kindNumber:
		return r.number, true
	case kindString:
		return lua.ToNumber(r.text)
	default:
		return 0, false
	}
}

// Table is the reply where only a table will do (ipairs, pairs). All else
// raises Lua's error, naming op.
func (r Reply) Table(op lua.Operand) *lua.Table {
	if r.kind != kindTable {
		lua.Index.Throw(r.Value(), op)
	}
	return r.table
}

// Index is reply[key]. All but tables and strings raise Lua's error, naming op;
// a string has no field that a key of data could mean.
func (r Reply) Index(key lua.Value, op lua.Operand) lua.Value {
	if r.kind == kindString {
		return nil
	}
	return r.Table(op).Get(key)
}

// Len is #reply. All but tables and strings raise Lua's error, naming op.
func (r Reply) Len(op lua.Operand) float64 {
	switch r.kind {
	case kindString:
		return float64(len(r.text))
	case kindTable:
		return float64(r.table.Len())
	default:
		lua.GetLength.Throw(r.Value(), op)
		return 0
	}
}

// replyOf is the Reply that holds v, which Redis can send.
func replyOf(v lua.Value) Reply {
	switch v := v.(type) {
	case bool:
		return Reply{kind: kindFalse}
	case *lua.LightUserdata:
		return Reply{kind: kindNull}
	case string:
		return Reply{kind: kindString, text: v}
	case float64:
		return Reply{kind: kindNumber, number: v}
	case *lua.Table:
		return Reply{kind: kindTable, table: v}
	default:
		return Reply{}
	}
}

// Float returns the number of a reply that is known to be one.
func (r Reply) Float() float64 { return r.number }
