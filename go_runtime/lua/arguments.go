package lua

import (
	"strconv"
	"strings"
)

// Argument is an argument of a library function, for the text of the error that
// a wrong one raises.
type Argument struct {
	number   int
	function string
	chunk    string
	line     int
	says     string // in place of the usual text
	// uncounted is how many arguments in front Lua does not count: the object of a method.
	uncounted int
	// count is how many arguments there are, if that is counted.
	isCounted bool
	count     int
}

// Arg is the argument with a number, counted from 1, of a function that is called
// in a line. The object of a method is 0.
func Arg(number int, function string, line int) Argument {
	return Argument{number: number, function: function, line: line}
}

// TailArg is an argument of a function that `return f(…)` calls: such a call has
// no name and no position.
func TailArg(number int) Argument { return Argument{number: number, function: "?"} }

// CalledArg is an argument of a function that is all that a function value does:
// errors name that one, as it was called.
func CalledArg(number int) Argument {
	caller := Caller()
	found := Argument{number: number, function: "?", chunk: caller.Chunk, line: caller.Line}
	if name := current.called.Name; name != "" && !current.called.Library {
		found.function = name
	}
	if current.called.Kind == "method" && number > 1 && caller != (Operand{}) {
		found.uncounted = 1
	}
	return found
}

// Of returns the argument with the list set that it should be in: errors tell
// "no value" from nil then.
func (a Argument) Of(args Values) Argument {
	a.isCounted, a.count = true, len(args)
	return a
}

// In returns the argument with the chunk set in which the call stands.
func (a Argument) In(chunk string) Argument {
	a.chunk = chunk
	return a
}

// Saying returns the argument of a function written in Lua, which raises an error
// with a text of its own, where TYPE stands for what was given, and takes no text
// for a number.
func (a Argument) Saying(message string) Argument {
	a.says = message
	return a
}

// After returns the argument that stands n places behind this one.
func (a Argument) After(n int) Argument {
	a.number += n
	return a
}

// at is the place of the call.
func (a Argument) at() Operand { return Operand{Chunk: a.chunk, Line: a.line} }

// Place is the place of the call.
func (a Argument) Place() Operand { return a.at() }

// Fail raises an error in the place of the call.
func (a Argument) Fail(message string) { Throw(message, a.at()) }

// Throw raises "bad argument #1 to 'rep' (PROBLEM)".
func (a Argument) Throw(problem string) {
	a.Fail("bad argument #" + strconv.Itoa(a.number-a.uncounted) + " to '" + a.function + "' (" + problem + ")")
}

// wrong raises the error about a value of another type than the wanted one.
func (a Argument) wrong(wanted string, v Value) {
	if a.says != "" {
		a.Fail(strings.ReplaceAll(a.says, "TYPE", TypeName(v)))
	}
	found := TypeName(v)
	if a.isCounted && a.number > a.count {
		found = "no value"
	}
	a.Throw(wanted + " expected, got " + found)
}

// String returns the string that v is.
func (a Argument) String(v any) string {
	text, ok := Plain(v).(string)
	if !ok {
		a.wrong("string", v)
	}
	return text
}

// Text returns the string that v is; numbers become strings.
func (a Argument) Text(v any) string {
	text, ok := textOf(v)
	if !ok {
		a.wrong("string", Plain(v))
	}
	return text
}

// Shown returns tostring(v) for a v that is not nil.
func (a Argument) Shown(v any) string {
	if Plain(v) == nil {
		a.wrong("string", nil)
	}
	return ToString(v)
}

// Number returns the number that v is, or that its text reads as.
func (a Argument) Number(v any) float64 {
	n, ok := numberOf(v)
	if _, isText := Plain(v).(string); !ok || isText && a.says != "" {
		a.wrong("number", Plain(v))
	}
	return n
}

// Numbers is Number for this argument and all behind it.
func (a Argument) Numbers(values Values) []float64 {
	numbers := make([]float64, len(values))
	for i, v := range values {
		numbers[i] = a.After(i).Number(v)
	}
	return numbers
}

// Optional is Number for an argument that may be nil: a list with it, or without.
func (a Argument) Optional(v any) []float64 {
	if Plain(v) == nil {
		return nil
	}
	return []float64{a.Number(v)}
}

// NumberOr is Number for an argument that may be nil.
func (a Argument) NumberOr(v any, otherwise float64) float64 {
	if Plain(v) == nil {
		return otherwise
	}
	return a.Number(v)
}

// NumberUnless is Number for an argument that may be left out, of a function that
// was given args; nil is no number.
func (a Argument) NumberUnless(v any, otherwise float64) float64 {
	if a.isCounted && a.number > a.count {
		return otherwise
	}
	return a.Number(v)
}

// TextOr is Text for an argument that may be nil.
func (a Argument) TextOr(v any, otherwise string) string {
	if Plain(v) == nil {
		return otherwise
	}
	return a.Text(v)
}

// Table returns the table that v is.
func (a Argument) Table(v any) *Table {
	table, ok := Plain(v).(*Table)
	if !ok {
		a.wrong("table", v)
	}
	return table
}

// Present returns the first of the values that are given for an argument; there
// has to be one.
func Present(values Values, at Argument) Value {
	if len(values) == 0 {
		at.Throw("value expected")
	}
	return values.At(0)
}

// callable returns the function that v is.
func (a Argument) callable(v any) *Function {
	function, ok := Plain(v).(*Function)
	if !ok {
		a.wrong("function", v)
	}
	return function
}

// Function returns the function that v is, for the coroutine library.
func (a Argument) Function(v any) *Function {
	function, ok := Plain(v).(*Function)
	if !ok {
		a.Throw("Lua function expected")
	}
	return function
}
