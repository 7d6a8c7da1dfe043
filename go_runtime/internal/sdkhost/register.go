package sdkhost

import (
	"runtime/debug"

	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
)

// memoryLimit is where the garbage collector starts to work harder. The VM ends
// at 1 GiB, without an error that Go could catch.
const memoryLimit = 512 << 20

// registered is the plugin of this module, for native tests.
var registered *engine.Program

// Register makes program the plugin of this module.
func Register(program *engine.Program) {
	if registered != nil {
		panic("a module holds one plugin, and " + registered.Name + " is registered already")
	}
	registered = program
	debug.SetMemoryLimit(memoryLimit)
	proxywasm.SetVMContext(&vmContext{program: program})
}

// Registered returns the plugin of this module, nil when there is none.
func Registered() *engine.Program { return registered }
