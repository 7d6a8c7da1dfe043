package lua

// ConcatText returns the text of v as an operand of `..`: strings and numbers
// have one; for all else Lua's error is raised, naming op.
func ConcatText(v any, op Operand) string {
	switch v := Plain(v).(type) {
	case string:
		return v
	case float64:
		return FormatNumber(v)
	default:
		Concatenate.Throw(v, op)
		return ""
	}
}

// ArithmeticOperand returns the number that v is in arithmetic: a number, or a
// string that reads as one; for all else Lua's error is raised, naming op.
func ArithmeticOperand(v any, op Operand) float64 {
	switch v := Plain(v).(type) {
	case float64:
		return v
	case string:
		if n, ok := ToNumber(v); ok {
			return n
		}
		Arithmetic.Throw(v, op)
	default:
		Arithmetic.Throw(v, op)
	}
	return 0
}

// Bounded returns s, a string that a loop or a recursion makes ever longer, and
// raises an error before it is too long for the VM.
func Bounded(s string) string {
	if len(s) > maxString {
		ThrowValue("not enough memory")
	}
	return s
}
