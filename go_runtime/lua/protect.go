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
	return protect(handler, f, op, args)
}

func protect(handler, f any, op Operand, args Values) (results Values) {
	thread := current
	depth := thread.depth
	defer func() {
		switch v := recover().(type) {
		case nil:
		case *Error:
			if v.Final {
				panic(v)
			}
			thread.depth = depth
			results = Values{false, v.Value()}
			if handler != nil {
				results = Append(Values{false}, Apply(handler, op, v.Value()))
			}
		default:
			panic(v)
		}
	}()
	if _, ok := Plain(f).(*Function); !ok {
		panic(&Error{Object: "attempt to call a " + TypeName(f) + " value"})
	}
	return Append(Values{true}, Apply(f, op, args...))
}

// Raise is error(object): a string or number gets its position in front.
func Raise(object any, at Operand) {
	switch object := Plain(object).(type) {
	case string:
		Throw(object, at)
	case float64:
		Throw(FormatNumber(object), at)
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
	if len(rest) == 0 {
		at.Fail("assertion failed!")
	}
	Raise(rest[0], at.at())
	return nil
}
