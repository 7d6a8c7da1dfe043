package lua

// What is here is in every plugin: it asks whether a table has a metatable.

// metamethod returns the metamethod of v for an event, nil when it has none.
func metamethod(v any, event string) *Function {
	if table, ok := Plain(v).(*Table); ok && table.meta != nil {
		method, _ := table.meta.handler(event).(*Function)
		return method
	}
	return nil
}

// binaryMethod returns the metamethod of an operation: that of the left operand
// if it has one.
func binaryMethod(a, b any, event string) *Function {
	if method := metamethod(a, event); method != nil {
		return method
	}
	return metamethod(b, event)
}

// Described is what __tostring makes of a table.
func Described(t *Table) (text string, ok bool) {
	if t.meta == nil {
		return "", false
	}
	handler := t.meta.handler("__tostring")
	if handler == nil {
		return "", false
	}
	text, ok = textOf(Apply(handler, Operand{}, t).At(0))
	if !ok {
		ThrowValue("'__tostring' must return a string in this plugin")
	}
	return text, true
}

// compareTables is `t < other` or `t <= other` by a metamethod that both have;
// known is false where there is none.
func compareTables(t *Table, other Value, event string, at Operand) (result, known bool) {
	u, ok := other.(*Table)
	if !ok || u.meta == nil {
		return false, false
	}
	if method, ok := t.meta.handler(event).(*Function); ok && u.meta.handler(event) == Value(method) {
		return Truthy(method.call(at, Values{t, u}).At(0)), true
	}
	if event == "__le" {
		result, known = compareTables(u, t, "__lt", at)
		return !result, known
	}
	return false, false
}

// unnamed returns the operand without its name, for what stands behind it.
func (op Operand) unnamed() Operand { return Operand{Chunk: op.Chunk, Line: op.Line} }
