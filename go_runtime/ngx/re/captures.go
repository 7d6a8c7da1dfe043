package re

import "snippet2wasm.internal/plugin/runtime/lua"

// Captures is the first result of [Match]: a table, or nil. The zero value is nil.
//
// The table is made when something else than a group is asked for; from then on it is what counts, as the program may
// change it.
type Captures struct{ found *match }

// match is a match that was found.
type match struct {
	pattern *pattern
	subject string
	places  []int
	table   *lua.Table
}

// IsNil reports `captures == nil`.
func (c Captures) IsNil() bool { return c.found == nil }

// Value returns the dynamic value.
func (c Captures) Value() lua.Value {
	if c.found == nil {
		return nil
	}
	return c.found.asTable()
}

// Group is captures[n] of captures that are not nil: a string, or false if the group has no part in the match; nil if
// there is no such group.
func (c Captures) Group(n int) lua.Value {
	if c.found.table != nil {
		return c.found.table.Get(float64(n))
	}
	if n < 0 || 2*n >= len(c.found.places) {
		return nil
	}
	return group(c.found.subject, c.found.places, n)
}

// Named is captures["name"] of captures that are not nil.
func (c Captures) Named(name string) lua.Value {
	m := c.found
	if m.table != nil || m.pattern.dupNames {
		return m.asTable().Get(name)
	}
	var value lua.Value
	for _, known := range m.pattern.Names() {
		if known.Text == name && 2*known.Group < len(m.places) {
			value = group(m.subject, m.places, known.Group)
		}
	}
	return value
}

// Index is captures[key]; nil raises Lua's error, naming op.
func (c Captures) Index(key lua.Value, op lua.Operand) lua.Value {
	if c.found == nil {
		lua.Index.Throw(nil, op)
	}
	return c.found.asTable().Get(key)
}

func (m *match) asTable() *lua.Table {
	if m.table == nil {
		m.table = m.pattern.captures(m.subject, m.places)
	}
	return m.table
}
