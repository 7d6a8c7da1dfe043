package lua

import "strings"

// Values is a list of values whose number is not known when the code is
// compiled: the arguments of a function, the results of a call, `...`.
type Values []Value

// At returns the value in place i, counted from 0; nil behind the last one.
func (v Values) At(i int) Value {
	if i < len(v) {
		return Plain(v[i])
	}
	return nil
}

// Two returns the first two values, nil for those that are missing.
func (v Values) Two() (first, second Value) { return v.At(0), v.At(1) }

// Three returns the first three values.
func (v Values) Three() (first, second, third Value) { return v.At(0), v.At(1), v.At(2) }

// From returns the values from place i on.
func (v Values) From(i int) Values {
	if i < len(v) {
		return v[i:]
	}
	return nil
}

// Append returns a list with all of tail behind head.
func Append(head, tail Values) Values { return append(head[:len(head):len(head)], tail...) }

// Outcome returns the results of a library call that gives either a value or nil
// and an error: one or two of them.
func Outcome(value, err Value) Values {
	value, err = Plain(value), Plain(err)
	if err == nil {
		return Values{value}
	}
	return Values{value, err}
}

// Trim returns the results of a library call that ends with the last of them that
// is not nil; the first one is always there.
func Trim(results ...Value) Values {
	n := len(results)
	for n > 1 && Plain(results[n-1]) == nil {
		n--
	}
	for i, result := range results[:n] {
		results[i] = Plain(result)
	}
	return results[:n]
}

// Select is select(n, …).
func Select(n Value, at Argument, args ...Value) Values {
	if text, ok := Plain(n).(string); ok && strings.HasPrefix(text, "#") {
		return Values{float64(len(args))}
	}
	i := Int(at.Number(n))
	switch {
	case i < 0:
		i += len(args)
	case i > len(args):
		return nil
	default:
		i--
	}
	if i < 0 {
		at.Throw("index out of range")
	}
	return args[i:]
}

// Now gives the value that a variable has at this point of an expression, where
// a later part of it may change the variable.
func Now[T any](value T) T { return value }
