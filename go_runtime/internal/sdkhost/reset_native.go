//go:build !wasm

package sdkhost

import "github.com/higress-group/proxy-wasm-go-sdk/proxywasm"

// resetStream stands in for the host function, which the SDK does not offer for
// requests, in the SDK's native test host.
func resetStream() { _ = proxywasm.CloseDownstream() }
