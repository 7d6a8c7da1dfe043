// Package diagnostics joins an emitted project for the soak test: /diagnostics is
// answered with what the VM has.
package diagnostics

import (
	"runtime"
	"strconv"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/internal/sdkhost"
)

// Install adds /diagnostics to the plugin that is registered.
func Install() {
	program := sdkhost.Registered()
	begin := program.Begin
	program.Begin = func(s *engine.Stream, config any) []engine.Phase {
		if path, _ := s.Host().RequestHeader(":path"); path == "/diagnostics" {
			s.Respond(host.Response{Status: 200, Body: measured()})
			return nil
		}
		return begin(s, config)
	}
}

// measured is JSON: the number of goroutines, and bytes.
func measured() []byte {
	runtime.GC()
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	return []byte(`{"goroutines": ` + strconv.Itoa(runtime.NumGoroutine()) +
		`, "heap": ` + strconv.FormatUint(memory.HeapAlloc, 10) +
		`, "system": ` + strconv.FormatUint(memory.Sys, 10) + `}`)
}
