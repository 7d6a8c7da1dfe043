package lua

import (
	"math"
	"strings"
)

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

// Loading is what package.loaded has of a module whose main chunk runs, or was
// ended by an error: LuaJIT takes this number.
var Loading Value = math.Float64frombits(1<<63 | 's')

// BeginLoad reports whether the main chunk of a module has to run, by what
// package.loaded has of it; EndLoad goes with it. Loading is an error, as of Begin.
func BeginLoad(loaded Value, name string, at Operand) bool {
	if loaded == Loading {
		Throw("loop or previous error loading module '"+name+"'", at)
	}
	if Truthy(loaded) {
		return false
	}
	current.callbacks++ // as Begin does
	return true
}

// EndLoad is what package.loaded has of a module whose main chunk gave value, and
// left loaded there.
func EndLoad(value, loaded Value) Value {
	current.callbacks--
	if value = Plain(value); value != nil {
		return value
	}
	if loaded == Loading {
		return true
	}
	return loaded
}

// NoModule raises the error of require for a module that is not there; patterns
// are where modules are looked for, with ? for the name.
func NoModule(name Value, at Argument, patterns ...string) {
	at.Fail(notFound(moduleName(name), patterns))
}

// NoProtectedModule is NoModule for pcall(require, name): nothing of Lua's calls
// require, so that no position is added.
func NoProtectedModule(name Value, _ Argument, patterns ...string) {
	ThrowValue(notFound(moduleName(name), patterns))
}

// moduleName is the argument of require; ngx_lua's own require, which passes it
// on, has no name in the error about another type.
func moduleName(name Value) string {
	text, ok := textOf(name)
	if !ok {
		ThrowValue("bad argument #1 to '?' (string expected, got " + TypeName(name) + ")")
	}
	return text
}

func notFound(text string, patterns []string) string {
	path := strings.ReplaceAll(text, ".", "/")
	message := "module '" + text + "' not found:\n\tno field package.preload['" + text + "']"
	for _, pattern := range patterns {
		message += "\n\tno file '" + strings.ReplaceAll(pattern, "?", path) + "'"
	}
	return message
}
