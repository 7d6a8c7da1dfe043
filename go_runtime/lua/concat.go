package lua

// ConcatText returns the text of v as an operand of `..`: strings and numbers
// have one; for all else Lua's error is raised, naming op.
func ConcatText(v any, op Operand) string {
	text, ok := textOf(v)
	if !ok {
		Concatenate.Throw(Plain(v), op)
	}
	return text
}

// ArithmeticOperand returns the number that v is in arithmetic: a number, or a
// string that reads as one; for all else Lua's error is raised, naming op.
func ArithmeticOperand(v any, op Operand) float64 {
	n, ok := numberOf(v)
	if !ok {
		Arithmetic.Throw(Plain(v), op)
	}
	return n
}

// Bounded returns s, a string that a loop or a recursion makes ever longer, and
// raises an error before it is too long for the VM.
func Bounded(s string) string {
	if len(s) > maxString {
		ThrowValue("not enough memory")
	}
	return s
}
