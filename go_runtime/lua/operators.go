package lua

import (
	"math"
	"strconv"
	"strings"
)

// First returns the first of two results: a call in the middle of an expression
// has one value.
func First[A, B any](first A, _ B) A { return first }

// First3 is First for three results.
func First3[A, B, C any](first A, _ B, _ C) A { return first }

// Or is Lua's `v or fallback`, for a fallback that is there anyway.
func Or(v, fallback any) Value {
	if value := Plain(v); Truthy(value) {
		return value
	}
	return Plain(fallback)
}

// Mod is a % b: the result has the sign of b.
func Mod(a, b float64) float64 { return a - math.Floor(a/b)*b }

// part is an operand of Concat that may be no text, and its name.
type part struct {
	value any
	op    Operand
}

// Part gives an operand of Concat the name that an error is to call it by.
func Part(v any, op Operand) any { return part{v, op} }

// Concat is a .. b .. c for operands that are all evaluated before one of them is
// found to be neither string nor number; such operands are Parts. As in LuaJIT
// the error is about the last pair that does not fit, and in it about the left
// one.
func Concat(parts ...any) string {
	for i := len(parts) - 1; i > 0; i-- {
		checkText(parts[i-1])
		checkText(parts[i])
	}
	var b strings.Builder
	for _, operand := range parts {
		if named, ok := operand.(part); ok {
			operand = named.value
		}
		b.WriteString(ToString(operand))
	}
	return Bounded(b.String())
}

// checkText raises the error about an operand of Concat that has no text.
func checkText(operand any) {
	if named, ok := operand.(part); ok && !hasText(named.value) {
		Concatenate.Throw(named.value, named.op)
	}
}

// hasText reports whether v is a string or a number.
func hasText(v any) bool {
	switch Plain(v).(type) {
	case string, float64:
		return true
	default:
		return false
	}
}

// ToNumberOf is tonumber(v): a number, or nil.
func ToNumberOf(v any) Value { return OptNum(numberOf(v)).Value() }

// NumberOf is ToNumberOf as a pair.
func NumberOf(v any) (float64, bool) { return numberOf(v) }

// numberOf is the number that v is, or that its text reads as.
func numberOf(v any) (n float64, ok bool) {
	switch v := Plain(v).(type) {
	case float64:
		return v, true
	case string:
		return ToNumber(v)
	default:
		return 0, false
	}
}

// textOf is the string that v is; numbers become strings.
func textOf(v any) (text string, ok bool) {
	switch v := Plain(v).(type) {
	case string:
		return v, true
	case float64:
		return FormatNumber(v), true
	default:
		return "", false
	}
}

// IndexOf is v[key] for a v that should be a table; op names v in the error that
// anything else raises. A string has the functions of the string library as its
// fields: they can be called, but are no values here.
func IndexOf(v any, key Value, op Operand) Value {
	switch v := Plain(v).(type) {
	case *Table:
		return v.get(Plain(key), op)
	case string:
		if name, ok := Plain(key).(string); ok && isStringFunction(name) {
			Throw("the field '"+name+"' of a string can only be called in this plugin", op)
		}
	case *LightUserdata: // an Object that nothing can be asked of
		Index.Throw(v, op)
	case Object:
		return methodOf(v, Plain(key))
	default:
		Index.Throw(v, op)
	}
	return nil
}

// isStringFunction reports whether the string library has a function of this
// name.
func isStringFunction(name string) bool {
	switch name {
	case "byte", "char", "dump", "find", "format", "gmatch", "gsub", "len", "lower", "match", "rep", "reverse",
		"sub", "upper":
		return true
	}
	return false
}

// LengthOf is #v for a v that should be a string or a table.
func LengthOf(v any, op Operand) float64 {
	switch v := Plain(v).(type) {
	case string:
		return Len(v)
	case *Table:
		return float64(v.Len())
	default:
		GetLength.Throw(v, op)
		return 0
	}
}

// MustIndex returns object; where it is nil in Lua, the error of a method call
// on nil is raised.
func MustIndex[T any](object *T, op Operand) *T {
	if object == nil {
		Index.Throw(nil, op)
	}
	return object
}

// Less is a < b: numbers with numbers, strings with strings, byte by byte.
func Less(a, b any, at Operand) bool {
	return compare(a, b, "__lt", at, func(x, y float64) bool { return x < y }, func(x, y string) bool { return x < y })
}

// Greater is a > b, which is b < a for Lua, also in the text of the error.
func Greater(a, b any, at Operand) bool { return Less(b, a, at) }

// GreaterOrEqual is a >= b, as Greater.
func GreaterOrEqual(a, b any, at Operand) bool { return LessOrEqual(b, a, at) }

// LessOrEqual is a <= b, as Less.
func LessOrEqual(a, b any, at Operand) bool {
	return compare(a, b, "__le", at, func(x, y float64) bool { return x <= y }, func(x, y string) bool { return x <= y })
}

// compare compares two values of the same kind; all else raises Lua's error.
func compare(a, b any, event string, at Operand, numbers func(x, y float64) bool, texts func(x, y string) bool) bool {
	left, right := Plain(a), Plain(b)
	if x, ok := left.(*Table); ok && x.meta != nil {
		if result, known := compareTables(x, right, event, at); known {
			return result
		}
	}
	switch left := left.(type) {
	case float64:
		if right, ok := right.(float64); ok {
			return numbers(left, right)
		}
	case string:
		if right, ok := right.(string); ok {
			return texts(left, right)
		}
	}
	ThrowCompare(left, right, at)
	return false
}

// ToNumberIn is tonumber(v, base).
func ToNumberIn(v any, base float64, at Argument) (float64, bool) {
	b := Int(base)
	if b == 10 {
		return numberOf(v)
	}
	if b < 2 || b > 36 {
		at.After(1).Throw("base out of range")
	}
	text, _, _ := strings.Cut(at.Text(v), "\x00")
	text = strings.Trim(text, " \t\n\v\f\r")
	negative := strings.HasPrefix(text, "-")
	if negative || strings.HasPrefix(text, "+") {
		text = text[1:]
	}
	if b == 16 && len(text) > 2 && strings.EqualFold(text[:2], "0x") {
		text = text[2:]
	}
	if !hasDigits(text, b) {
		return 0, false
	}
	digits, _ := strconv.ParseUint(text, b, 64) // too many are as many as fit
	if negative {
		return -float64(digits), true
	}
	return float64(digits), true
}

// hasDigits reports whether a text is digits of a base, one at least.
func hasDigits(text string, base int) bool {
	for i := 0; i < len(text); i++ {
		if _, err := strconv.ParseUint(text[i:i+1], base, 8); err != nil {
			return false
		}
	}
	return text != ""
}
