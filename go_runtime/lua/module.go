package lua

// Module is what require knows of a Lua file: whether its main chunk has run, and
// what that gave.
type Module struct {
	begun bool
	value Value // nil until it is loaded
}

// Begin reports whether the main chunk has to run now; End goes with it. When it
// runs already, or an error ended it, LuaJIT's error is raised; at is the place of
// the call of require.
func (m *Module) Begin(name string, at Operand) bool {
	if m.value != nil {
		return false
	}
	if m.begun {
		Throw("loop or previous error loading module '"+name+"'", at)
	}
	m.begun = true
	current.callbacks++ // require is a C function: nothing can wait inside of it
	return true
}

// End notes what the main chunk returned; nil counts as true.
func (m *Module) End(value Value) {
	current.callbacks-- // behind an error protect does it
	if m.value = Plain(value); m.value == nil {
		m.value = true
	}
}

// Value is what require gives.
func (m *Module) Value() Value { return m.value }
