package lua

import "unsafe"

// Object is an object of a library as a Lua value: a table with methods, or
// userdata. Where the compiler knows its type it calls the methods of Go; this
// is for values of which it knows nothing.
type Object interface {
	// LuaType is what type() says of it: "table" or "userdata".
	LuaType() string
	// Method returns what object:name(args…) calls, nil when there is no such
	// method. What it returns gets the place of the first argument behind the
	// object.
	Method(name string) func(at Argument, args Values) Values
}

// ObjectOrNil returns a library's object as a value; nil where Lua has nil.
func ObjectOrNil[T any](object *T) Value {
	if object == nil {
		return nil
	}
	return object
}

// ObjectOutcome is Outcome for a call that makes an object.
func ObjectOutcome[T any](object *T, err OptString) Values { return Outcome(ObjectOrNil(object), err) }

// AsObject returns the object, or nil, that v has been shown to be.
func AsObject[T any](v any) T {
	object, _ := Plain(v).(T)
	return object
}

// methodOf is object[key]: a function that takes the object as its first
// argument.
func methodOf(object Object, key Value) Value {
	name, ok := key.(string)
	if !ok || object.Method(name) == nil {
		return nil
	}
	return NewFunction(func(args Values) Values {
		return ApplyMethod(args.At(0), name, Operand{Kind: "local", Name: "self"}, args.From(1)...)
	})
}

// throwSetField raises the error of v[key] = value for a v that is no table.
func throwSetField(v any, op Operand) {
	_, isLight := Plain(v).(*LightUserdata)
	if _, ok := Plain(v).(Object); ok && !isLight {
		Throw("a field of a library's object can't be set in this plugin", op)
	}
	Index.Throw(v, op)
}

// typeOfObject is what type() says of a value of a Go type that this package
// does not know.
func typeOfObject(v Value) string {
	if object, ok := v.(Object); ok {
		return object.LuaType()
	}
	return "userdata"
}

// describeObject is tostring() of such a value.
func describeObject(v Value) string {
	type header struct{ _, data unsafe.Pointer } // of an interface
	return typeOfObject(v) + ": " + address((*header)(unsafe.Pointer(&v)).data)
}
