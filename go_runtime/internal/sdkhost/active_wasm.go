package sdkhost

import _ "unsafe" // for go:linkname

// The SDK files a call-out under the context of the last callback that it has
// seen, and offers no public way to say otherwise. Its internal package has
// these functions for its own tests.

//go:linkname activeContext github.com/higress-group/proxy-wasm-go-sdk/proxywasm/internal.VMStateGetActiveContextID
func activeContext() uint32

//go:linkname setActiveContext github.com/higress-group/proxy-wasm-go-sdk/proxywasm/internal.VMStateSetActiveContextID
func setActiveContext(id uint32)
