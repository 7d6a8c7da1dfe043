package lua

// Value is what pcall returns for the error: its object, with the position in
// front where it carries one.
func (e *Error) Value() Value {
	switch Plain(e.Object).(type) {
	case string, float64:
		if e.Line != 0 {
			return e.Error()
		}
	}
	return Plain(e.Object)
}

// ProtectedApply is pcall(f, args…). What is no Lua error goes on to the entry of
// the phase: ngx.exit and the end of a handler that is given up.
func ProtectedApply(f any, op Operand, args ...Value) Values {
	return protect(nil, f, op, args)
}

// HandledApply is xpcall(f, handler, args…).
func HandledApply(f, handler any, op Operand, args ...Value) Values {
	function, ok := Plain(handler).(*Function)
	if !ok {
		Throw("bad argument #2 to 'xpcall' (function expected, got "+TypeName(handler)+")", op)
	}
	return protect(function, f, op, args)
}

func protect(handler *Function, f any, op Operand, args Values) (results Values) {
	defer current.catch(current.depth, current.callbacks, func(problem *Error) {
		results = Values{false, problem.Value()}
		if handler != nil {
			results = Values{false, handled(handler, op, problem.Value())}
		}
	})
	if _, ok := Plain(f).(*Function); !ok && metamethod(f, "__call") == nil {
		panic(&Error{Object: "attempt to call a " + TypeName(f) + " value"})
	}
	op.Library = true
	return Append(Values{true}, Apply(f, op, args...))
}

// handled is what an error handler makes of an error: its first result, and for
// an error of its own Lua's text for that.
func handled(handler *Function, op Operand, problem Value) (result Value) {
	defer current.catch(current.depth, current.callbacks, func(*Error) { result = "error in error handling" })
	return handler.callBack(op, problem)
}

// catch, deferred, hands a Lua error that the program may see to then, with the
// thread back where it was. What is no Lua error, and the end of a handler that
// is given up, goes on.
func (t *Thread) catch(depth, callbacks int, then func(problem *Error)) {
	switch v := recover().(type) {
	case nil:
	case *Error:
		if v.Final {
			panic(v)
		}
		t.depth, t.callbacks = depth, callbacks
		then(v)
	default:
		panic(v)
	}
}

// Traceback is debug.traceback(args…): a message, behind which nothing is known
// of the functions that run.
func Traceback(args ...Value) Value {
	rest := Values(args)
	if _, isThread := rest.At(0).(*Coroutine); isThread {
		rest = rest.From(1)
	}
	message := rest.At(0)
	text, ok := textOf(message)
	switch {
	case ok:
		return text + "\nstack traceback:"
	case len(rest) == 0:
		return "stack traceback:"
	default:
		return message
	}
}

// Raise is error(object): a string or number gets its position in front, if it
// has one.
func Raise(object any, at Operand) {
	object = Plain(object)
	if object == nil {
		ThrowValue(nil)
	}
	panic(positioned(object, at, Values{object}))
}

// positioned is an error with its position, if its object can carry one.
func positioned(object Value, at Operand, left Values) *Error {
	problem := &Error{Object: object, left: left}
	switch object := object.(type) {
	case string:
		problem.Chunk, problem.Line = at.Chunk, at.Line
	case float64:
		problem.Chunk, problem.Line, problem.Object = at.Chunk, at.Line, FormatNumber(object)
	default: // it was the last of these itself
		problem.left = left[:len(left)-1]
	}
	return problem
}

// RaiseAt is error(object, level): at is the place of the call, caller where the
// function that calls it was called.
func RaiseAt(object, level any, at, caller Operand) {
	switch n, _ := numberOf(level); {
	case Plain(level) == nil || Int(n) == 1:
		Raise(object, at)
	case n > 1 && caller.Line != 0:
		Raise(object, caller)
	default:
		ThrowValue(object)
	}
}

// Assert is assert(v, rest…): all of its arguments, or an error with the second
// one.
func Assert(v any, at Argument, rest ...Value) Values {
	if Truthy(v) {
		return Append(Values{Plain(v)}, plainAll(rest))
	}
	given, message := plainAll(rest), Value("assertion failed!")
	if len(given) > 0 {
		message = given[0]
	}
	panic(positioned(message, at.at(), Append(Values{Plain(v)}, given)))
}
