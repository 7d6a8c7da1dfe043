//go:build !wasm

package sdkhost

import "snippet2wasm.internal/plugin/runtime/internal/engine"

// run has no gateway to hand the program to.
func run(*engine.Program) {}
