// Package sdkhost connects the engine with a gateway by means of the
// proxy-wasm SDK. Outside of a gateway it only keeps the program, for tests.
package sdkhost

import (
	"runtime/debug"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
)

// registered is the plugin of this module.
var registered *engine.Program

// Register makes program the plugin of this module.
func Register(program *engine.Program) {
	if registered != nil {
		panic("a module holds one plugin, and " + registered.Name + " is registered already")
	}
	registered = program
	debug.SetMemoryLimit(memoryLimit)
	run(program)
}

// Registered returns the plugin of this module, nil when there is none.
func Registered() *engine.Program { return registered }
