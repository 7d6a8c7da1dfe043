package lua

import "iter"

// Pairs goes over the pairs of a table, as pairs(t) does. Assigning to fields
// that exist is allowed meanwhile.
func (t *Table) Pairs() iter.Seq2[Value, Value] {
	return func(yield func(Value, Value) bool) {
		for i := 0; i < len(t.list); i++ {
			if t.list[i] != nil && !yield(float64(i+1), t.list[i]) {
				return
			}
		}
		for i := 0; i < len(t.entries); i++ {
			if e := t.entries[i]; e.value != nil && !yield(e.key, e.value) {
				return
			}
		}
	}
}

// Fields is Pairs for a table whose keys are all strings.
func (t *Table) Fields() iter.Seq2[string, Value] {
	return func(yield func(string, Value) bool) {
		for i := 0; i < len(t.entries); i++ {
			if e := t.entries[i]; e.value != nil && !yield(e.key.(string), e.value) {
				return
			}
		}
	}
}

// Items goes over t[1], t[2], … up to the first nil, as ipairs(t) does.
func (t *Table) Items() iter.Seq2[float64, Value] {
	return func(yield func(float64, Value) bool) {
		for i := 1.0; ; i++ {
			value := t.RawGet(i)
			if value == nil || !yield(i, value) {
				return
			}
		}
	}
}

// Loop goes over what an iterator function gives, as `for … in f, state, control`
// does; op names the function.
func Loop(list Values, op Operand) iter.Seq[Values] {
	f, state, control := list.At(0), list.At(1), list.At(2)
	return func(yield func(Values) bool) {
		for {
			values := Apply(f, op, state, control)
			control = values.At(0)
			if control == nil || !yield(values) {
				return
			}
		}
	}
}

// Next is next(t, key).
func Next(t, key any, at Argument) Values {
	nextKey, value, ok := at.Table(t).Next(key)
	if !ok {
		ThrowValue("invalid key to 'next'")
	}
	if nextKey == nil {
		return Values{nil}
	}
	return Values{nextKey, value}
}

// ForNumber is a number of `for i = start, stop, step`; role is "initial", "limit"
// or "step".
func ForNumber(v any, role string, at Operand) float64 {
	if n, ok := numberOf(v); ok {
		return n
	}
	if role == "initial" {
		role = "initial value"
	}
	Throw("'for' "+role+" must be a number", at)
	return 0
}

// Within reports whether the loop `for i = start, stop, step` goes on with i.
func Within(i, stop, step float64) bool {
	if step >= 0 {
		return i <= stop
	}
	return i >= stop
}

// PairsOf is pairs(t) as a value: next, t, and nil.
func PairsOf(t any, at Argument) Values { return Values{next, at.Table(t), nil} }

// IPairsOf is ipairs(t) as a value.
func IPairsOf(t any, at Argument) Values { return Values{nextItem, at.Table(t), 0.0} }

var (
	next = &Function{run: func(args Values) Values {
		return Next(args.At(0), args.At(1), CalledArg(1))
	}}
	nextItem = &Function{run: func(args Values) Values {
		i := CalledArg(2).Number(args.At(1)) + 1
		value := CalledArg(1).Table(args.At(0)).RawGet(i)
		if value == nil {
			return nil
		}
		return Values{i, value}
	}}
)

// Tables is a sequence of which the compiler found that all values are tables.
func Tables[K any](pairs iter.Seq2[K, Value]) iter.Seq2[K, *Table] {
	return func(yield func(K, *Table) bool) {
		for key, value := range pairs {
			if !yield(key, AsTable(value)) {
				return
			}
		}
	}
}
