package lua

import "math"

// maxChain is how many tables LuaJIT looks at for one key.
const maxChain = 100

// metatable is a table as the metatable of others.
type metatable Table

func (m *metatable) handler(event string) Value { return (*Table)(m).RawGet(event) }

func (m *metatable) lookup(t *Table, key Value, op Operand) Value {
	for range maxChain {
		switch handler := m.handler("__index").(type) {
		case nil:
			return nil
		case *Function:
			return handler.call(op, Values{t, key}).At(0)
		case *Table:
			value := handler.RawGet(key)
			if value != nil || handler.meta == nil {
				return value
			}
			next, ok := handler.meta.(*metatable)
			if !ok {
				return handler.meta.lookup(handler, key, op)
			}
			t, m = handler, next
		default:
			return IndexOf(handler, key, op.unnamed())
		}
	}
	Throw("loop in gettable", op)
	return nil
}

func (m *metatable) store(t *Table, key, value Value, op Operand) bool {
	for range maxChain {
		if t.RawGet(key) != nil {
			t.RawSet(key, value)
			return true
		}
		switch handler := m.handler("__newindex").(type) {
		case nil:
			checkKey(key, op)
			t.RawSet(key, value)
			return true
		case *Function:
			handler.call(op, Values{t, key, value})
			return true
		case *Table:
			next, ok := handler.meta.(*metatable)
			if !ok {
				checkKey(key, op)
				handler.RawSet(key, value)
				return true
			}
			t, m = handler, next
		default:
			SetIndex(handler, key, value, op.unnamed())
			return true
		}
	}
	Throw("loop in settable", op)
	return true
}

// SetMetatable is setmetatable(t, meta).
func SetMetatable(t, meta any, at Argument) *Table {
	table := at.Table(t)
	switch meta := Plain(meta).(type) {
	case nil:
		checkUnprotected(table, at)
		table.meta = nil
	case *Table:
		checkUnprotected(table, at)
		table.meta = (*metatable)(meta)
	default:
		at.After(1).Throw("nil or table expected")
	}
	return table
}

// checkUnprotected raises the error about a metatable that says that it can't be
// changed.
func checkUnprotected(t *Table, at Argument) {
	if t.meta != nil && t.meta.handler("__metatable") != nil {
		at.Fail("cannot change a protected metatable")
	}
}

// GetMetatable is getmetatable(v).
func GetMetatable(v any, at Argument) Value {
	switch v := Plain(v).(type) {
	case *Table:
		meta, ok := v.meta.(*metatable)
		if !ok {
			return nil
		}
		if shown := meta.handler("__metatable"); shown != nil {
			return shown
		}
		return (*Table)(meta)
	case string:
		at.Fail("the metatable of strings is not there in this plugin")
	case *LightUserdata: // has none
	case Object:
		at.Fail("the metatable of a library's object is not there in this plugin")
	}
	return nil
}

// ArithmeticOf is `a operator b` for operands that may have a metamethod for it;
// left and right name them.
func ArithmeticOf(operator string, a, b any, left, right Operand) Value {
	x, isLeft := numberOf(a)
	y, isRight := numberOf(b)
	if isLeft && isRight {
		return calculate(operator, x, y)
	}
	if method := binaryMethod(a, b, arithmeticEvents[operator]); method != nil {
		return method.call(left.unnamed(), Values{Plain(a), Plain(b)}).At(0)
	}
	if isLeft {
		Arithmetic.Throw(b, right)
	}
	Arithmetic.Throw(a, left)
	return nil
}

var arithmeticEvents = map[string]string{
	"+": "__add", "-": "__sub", "*": "__mul", "/": "__div", "%": "__mod", "^": "__pow",
}

func calculate(operator string, x, y float64) float64 {
	switch operator {
	case "+":
		return x + y
	case "-":
		return x - y
	case "*":
		return x * y
	case "/":
		return x / y
	case "%":
		return Mod(x, y)
	default:
		return math.Pow(x, y)
	}
}

// Negate is -v for a v that may have a metamethod for it.
func Negate(v any, op Operand) Value {
	if n, ok := numberOf(v); ok {
		return -n
	}
	if method := metamethod(v, "__unm"); method != nil {
		return method.call(op.unnamed(), Values{Plain(v), Plain(v)}).At(0)
	}
	Arithmetic.Throw(v, op)
	return nil
}

// ConcatOf is Concat for operands that may have a metamethod for it; at is the
// place of the operation. It joins them from right to left.
func ConcatOf(at Operand, parts ...any) Value {
	joined := len(parts) - 1 // from here on they are one
	for i := joined - 1; i >= 0; i-- {
		if !hasText(unnamed(parts[i])) || !hasText(unnamed(parts[i+1])) {
			method := binaryMethod(unnamed(parts[i]), unnamed(parts[i+1]), "__concat")
			if method == nil {
				checkText(parts[i])
				checkText(parts[i+1])
			}
			var right any = unnamed(parts[i+1])
			if joined > i+1 {
				right = Concat(parts[i+1 : joined+1]...)
			}
			parts[i], joined = method.call(at, Values{unnamed(parts[i]), right}).At(0), i
		}
	}
	if joined == 0 {
		return parts[0]
	}
	return Concat(parts[:joined+1]...)
}

// unnamed is the value of an operand of Concat.
func unnamed(operand any) Value {
	if named, ok := operand.(part); ok {
		operand = named.value
	}
	return Plain(operand)
}

// Equal is a == b for operands that may be tables with a metamethod for it.
func Equal(a, b any) bool {
	left, right := Plain(a), Plain(b)
	if left == right {
		return true
	}
	x, isLeft := left.(*Table)
	y, isRight := right.(*Table)
	if !isLeft || !isRight || x.meta == nil || y.meta == nil {
		return false
	}
	method, ok := x.meta.handler("__eq").(*Function)
	return ok && y.meta.handler("__eq") == Value(method) && Truthy(method.call(Operand{}, Values{x, y}).At(0))
}

// Metatable is the metatable that a program gave a table, nil without one.
func (t *Table) Metatable() *Table {
	meta, _ := t.meta.(*metatable)
	return (*Table)(meta)
}

// SetMetatable gives a table that a library makes a metatable.
func (t *Table) SetMetatable(meta *Table) { t.meta = (*metatable)(meta) }
