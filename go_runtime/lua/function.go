package lua

// Function is a Lua function as a value.
type Function struct {
	run func(args Values) Values
}

// NewFunction makes a function value; each call makes one of its own, as in Lua.
func NewFunction(run func(args Values) Values) *Function {
	countMade()
	return &Function{run}
}

// call runs the function; line and chunk are the call's.
func (f *Function) call(op Operand, args Values) Values {
	thread := Enter(op.Chunk, op.Line)
	outer := thread.called
	if op.Tail {
		op.Chunk, op.Line = outer.Chunk, outer.Line
	}
	thread.called = op
	defer thread.back(outer)
	return f.run(args)
}

// Call calls the function from within a library.
func (f *Function) Call(args ...Value) Values { return f.call(Operand{}, args) }

// callBack is call for a library function; it gives the first result.
func (f *Function) callBack(op Operand, args ...Value) Value {
	thread := current
	thread.callbacks++
	result := f.call(Operand{Chunk: op.Chunk, Line: op.Line, Library: true}, args).At(0)
	thread.callbacks-- // behind an error protect does it
	return result
}

// back leaves a function value; outer is how the one around it was called.
func (t *Thread) back(outer Operand) {
	t.called = outer
	t.depth--
}

// Caller is the place where the function value that runs was called; it has no
// line where a library function did that.
func Caller() Operand {
	if current.called.Library {
		return Operand{}
	}
	return Operand{Chunk: current.called.Chunk, Line: current.called.Line}
}

// Apply calls f, which should be a function; op names it in the error that
// anything else raises.
func Apply(f any, op Operand, args ...Value) Values {
	function, ok := Plain(f).(*Function)
	if !ok {
		function = metamethod(f, "__call")
		if function == nil {
			Call.Throw(f, op)
		}
		args = append(Values{Plain(f)}, args...)
	}
	for i, arg := range args {
		args[i] = Plain(arg)
	}
	return function.call(op, args)
}

// ApplyMethod is object:name(args…); op names the object.
func ApplyMethod(object any, name string, op Operand, args ...Value) Values {
	object = Plain(object)
	called := op.method(name)
	var method Value
	switch object := object.(type) {
	case string: // the methods that strings have are called by name
	case *Table:
		method = object.get(name, op)
	case *LightUserdata:
		Index.Throw(object, op)
	case Object:
		if method := object.Method(name); method != nil {
			return method(Arg(1, name, op.Line).In(op.Chunk), plainAll(args))
		}
	default:
		Index.Throw(object, op)
	}
	return Apply(method, called, append(Values{object}, args...)...)
}

// ApplyMethodOr is ApplyMethod for an object that may be a string as well, whose
// method is own.
func ApplyMethodOr(own, object any, name string, op Operand, args ...Value) Values {
	text, ok := Plain(object).(string)
	if !ok {
		return ApplyMethod(object, name, op, args...)
	}
	called := op.method(name)
	return Apply(own, called, append(Values{text}, args...)...)
}

// method names what op:name is.
func (op Operand) method(name string) Operand {
	return Operand{Kind: "method", Name: name, Chunk: op.Chunk, Line: op.Line}
}

// Self returns the string whose method name is called; op names it in the error
// that anything else raises. (No table of the program has a method of that name.)
func Self(v any, name string, op Operand) string {
	switch v := Plain(v).(type) {
	case string:
		return v
	case *Table:
		Call.Throw(v.Get(name), Operand{Kind: "method", Name: name, Chunk: op.Chunk, Line: op.Line})
	case *LightUserdata:
		Index.Throw(v, op)
	case Object: // no object has a method of a string's
		Call.Throw(nil, Operand{Kind: "method", Name: name, Chunk: op.Chunk, Line: op.Line})
	default:
		Index.Throw(v, op)
	}
	return ""
}
