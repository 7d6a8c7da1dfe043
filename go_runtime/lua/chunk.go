package lua

import "strconv"

// Chunk is the name of a Lua chunk in messages. Its methods name operands and
// arguments of code in it, where that need not be the chunk of the handler that
// is running.
type Chunk string

// Local is a local variable of the function that runs.
func (c Chunk) Local(name string, line int) Operand { return Local(name, line).In(string(c)) }

// Upvalue is a local variable of a function around the one that runs.
func (c Chunk) Upvalue(name string, line int) Operand { return Upvalue(name, line).In(string(c)) }

// Global is a global variable.
func (c Chunk) Global(name string, line int) Operand { return Global(name, line).In(string(c)) }

// Field is a field of a table.
func (c Chunk) Field(name string, line int) Operand { return Field(name, line).In(string(c)) }

// Temporary is the result of an expression, which has no name.
func (c Chunk) Temporary(line int) Operand { return Temporary(line).In(string(c)) }

// Arg is an argument of a library function; see the function Arg.
func (c Chunk) Arg(number int, function string, line int) Argument {
	return Arg(number, function, line).In(string(c))
}

// Enter counts the depth of a function that may call itself, at the line where
// its code begins. Leave goes with it.
func (c Chunk) Enter(line int) *Thread { return Enter(string(c), line) }

// At says for ngx.log where a line is, in a function with a name, or in one
// without.
func (c Chunk) At(line int, function string) string {
	place := string(c) + ":" + strconv.Itoa(line) + ": "
	if function == "" {
		return place
	}
	return place + function + "(): "
}

// Here is At for the function value that runs, with the name by which it was
// called.
func (c Chunk) Here(line int) string { return c.At(line, current.called.Name) }
