package lua

import "strconv"

// Error is a Lua error on its way up: it is panicked with, and recovered by
// pcall or at the entry of the phase.
type Error struct {
	// Chunk and Line say where the error was raised. Line 0 means that the
	// error carries no position; an empty Chunk stands for the chunk of the
	// handler that is running.
	Chunk string
	Line  int
	// Object is what error() was called with: nearly always a string.
	Object Value
	// Final says that nothing catches it: so it is in nginx with an error that a
	// function of coroutine.wrap lets out.
	Final bool
	// left is what error() or assert() were called with, if they raised it.
	left Values
}

// Left is what an error leaves of a light thread: its object, and in front of it, as
// nginx has it, what error() or assert() were called with.
func (e *Error) Left() Values { return Append(e.left, Values{e.Value()}) }

// Error returns the message with its position, as pcall would return it.
// Without a string or number as its object the text is nginx's for such errors.
func (e *Error) Error() string { return e.In(e.Chunk) }

// In is Error with the chunk to be named when the error itself names none.
func (e *Error) In(chunk string) string {
	if e.Chunk != "" {
		chunk = e.Chunk
	}
	var text string
	switch object := Plain(e.Object).(type) {
	case string:
		text = object
	case float64:
		text = FormatNumber(object)
	default:
		return "unknown reason"
	}
	if e.Line == 0 {
		return text
	}
	return chunk + ":" + strconv.Itoa(e.Line) + ": " + text
}

// Operand names the operand of an operation for the message of an error, the
// way LuaJIT does: "local 'res'". Its Line is that of the operation.
type Operand struct {
	// Kind is "local", "upvalue", "global", "field", "method", or "" for a
	// value without a name.
	Kind string
	Name string
	// Chunk and Line are as in Error.
	Chunk string
	Line  int
	// Tail says of a call that `return` gives all its results: the function called
	// takes the place of the one that runs.
	Tail bool
	// Library says that a library function calls.
	Library bool
}

// Local is a local variable of the function that runs.
func Local(name string, line int) Operand { return Operand{Kind: "local", Name: name, Line: line} }

// Upvalue is a local variable of a function around the one that runs.
func Upvalue(name string, line int) Operand { return Operand{Kind: "upvalue", Name: name, Line: line} }

// Global is a global variable.
func Global(name string, line int) Operand { return Operand{Kind: "global", Name: name, Line: line} }

// Field is a field of a table.
func Field(name string, line int) Operand { return Operand{Kind: "field", Name: name, Line: line} }

// Method is a method in a call with a colon.
func Method(name string, line int) Operand { return Operand{Kind: "method", Name: name, Line: line} }

// Temporary is the result of an expression, which has no name.
func Temporary(line int) Operand { return Operand{Line: line} }

// In returns the operand with the chunk set in which the operation stands.
func (op Operand) In(chunk string) Operand {
	op.Chunk = chunk
	return op
}

// Tailing returns the operand as that of a call behind return.
func (op Operand) Tailing() Operand {
	op.Tail = true
	return op
}

// Operation is something that a value of the wrong type refuses.
type Operation string

// The operations of LuaJIT's error messages.
const (
	Index       Operation = "index"
	Call        Operation = "call"
	Concatenate Operation = "concatenate"
	Arithmetic  Operation = "perform arithmetic on"
	GetLength   Operation = "get length of"
)

// Throw raises "attempt to OPERATION KIND 'NAME' (a TYPE value)".
func (what Operation) Throw(v Value, op Operand) {
	name := "a " + TypeName(v) + " value"
	if op.Kind != "" {
		name = op.Kind + " '" + op.Name + "' (a " + TypeName(v) + " value)"
	}
	Throw("attempt to "+string(what)+" "+name, op)
}

// ThrowCompare raises the error of <, <=, > and >= between a and b.
func ThrowCompare(a, b Value, at Operand) {
	left, right := TypeName(a), TypeName(b)
	if left == right {
		Throw("attempt to compare two "+left+" values", at)
	}
	Throw("attempt to compare "+left+" with "+right, at)
}

// Throw raises message at the position of at.
func Throw(message string, at Operand) {
	panic(&Error{Chunk: at.Chunk, Line: at.Line, Object: message})
}

// ThrowValue raises what error(object, 0) does: no position is added.
func ThrowValue(object Value) { panic(&Error{Object: object}) }
