package sdkhost

import (
	_ "unsafe" // for go:linkname

	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm/types"

	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// The callbacks of the gateway. The SDK's own let a panic out, which ends the VM
// with all its requests, when the gateway calls about something that the SDK
// does not know; and they keep every request in three maps, which costs more than
// a short handler does. So these take their places: after the link,
// cmd/stripexports gives the export own_X the name X.

//go:wasmexport own_proxy_on_memory_allocate
func onMemoryAllocate(size uint32) (address *byte) {
	defer func() {
		if recover() != nil {
			address = nil // the host function whose result this is for fails
		}
	}()
	if size == 0 || size > maxAllocation {
		return nil
	}
	return &make([]byte, size)[0]
}

// maxAllocation is the largest value that is taken over from the gateway. An
// allocation that does not fit into the VM would end it.
const maxAllocation = 256 << 20

//go:wasmexport own_proxy_on_vm_start
func onVMStart(id uint32, size int32) (started types.OnVMStartStatus) {
	guard("starting the VM", func() { started = sdkVMStart(id, size) })
	return started
}

//go:wasmexport own_proxy_on_configure
func onConfigure(root uint32, size int32) (accepted types.OnPluginStartStatus) {
	guard("reading the configuration", func() { accepted = sdkConfigure(root, size) })
	return accepted
}

//go:wasmexport own_proxy_on_context_create
func onContextCreate(id, root uint32) {
	if root != 0 {
		roots.Add(id, root)
		return
	}
	guard("making a root context", func() { sdkContextCreate(id, 0) })
}

//go:wasmexport own_proxy_on_request_headers
func onRequestHeaders(id uint32, _ int32, bodiless bool) types.Action {
	action := host.Wait
	setActiveContext(id)
	if !guard("answering", func() { action = requestHeaders(id, bodiless) }) {
		action = host.Wait
		guard("answering", refuse)
	}
	return types.Action(action)
}

//go:wasmexport own_proxy_on_request_body
func onRequestBody(id uint32, size int32, end bool) types.Action {
	action := host.Hold
	setActiveContext(id)
	if !guard("taking a body", func() { action = requestBody(id, int(size), end) }) {
		action = host.Hold
		guard("answering", refuse)
	}
	return types.Action(action)
}

//go:wasmexport own_proxy_on_request_trailers
func onRequestTrailers(id uint32, _ int32) types.Action {
	action := host.Hold
	setActiveContext(id)
	if !guard("taking a body", func() { action = requestTrailers(id) }) {
		action = host.Hold
		guard("answering", refuse)
	}
	return types.Action(action)
}

//go:wasmexport own_proxy_on_response_headers
func onResponseHeaders(id uint32, _ int32, bare bool) types.Action {
	action := host.Continue
	setActiveContext(id)
	if !guard("changing an answer", func() { action = responseHeaders(id, bare) }) {
		guard("ending an answer", resetStream)
		action = host.Wait
	}
	return types.Action(action)
}

//go:wasmexport own_proxy_on_response_body
func onResponseBody(id uint32, size int32, last bool) types.Action {
	action := host.Continue
	setActiveContext(id)
	if !guard("changing an answer", func() { action = responseBody(id, int(size), last) }) {
		guard("ending an answer", resetStream)
		action = host.Continue
	}
	return types.Action(action)
}

//go:wasmexport own_proxy_on_response_trailers
func onResponseTrailers(id uint32, _ int32) types.Action {
	setActiveContext(id)
	if !guard("changing an answer", func() { responseTrailers(id) }) {
		guard("ending an answer", resetStream)
	}
	return types.ActionContinue
}

//go:wasmexport own_proxy_on_log
func onLog(id uint32) {
	setActiveContext(id)
	guard("ending a request", func() { streamDone(id) })
}

//go:wasmexport own_proxy_on_done
func onDone(id uint32) (done bool) {
	done = true
	guard("ending a context", func() { done = retire(id) })
	return done
}

//go:wasmexport own_proxy_on_delete
func onDelete(id uint32) {
	guard("deleting a context", func() {
		if isRoot(id) {
			sdkDelete(id)
		}
		forget(id)
	})
}

//go:wasmexport own_proxy_on_tick
func onTick(root uint32) {
	guard("taking a tick", func() { sdkTick(root) })
}

//go:wasmexport own_proxy_on_http_call_response
func onHTTPCallResponse(root, call uint32, headers, size, trailers int32) {
	guard("taking an answer", func() { sdkHTTPCallResponse(root, call, headers, size, trailers) })
}

//go:wasmexport own_proxy_on_redis_call_response
func onRedisCallResponse(root, call uint32, status, size int32) {
	guard("taking an answer", func() { sdkRedisCallResponse(root, call, status, size) })
}

// The SDK's internal package has these functions for its own test host.

//go:linkname sdkVMStart github.com/higress-group/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnVMStart
func sdkVMStart(id uint32, size int32) types.OnVMStartStatus

//go:linkname sdkConfigure github.com/higress-group/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnConfigure
func sdkConfigure(root uint32, size int32) types.OnPluginStartStatus

//go:linkname sdkContextCreate github.com/higress-group/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnContextCreate
func sdkContextCreate(id, root uint32)

//go:linkname sdkDelete github.com/higress-group/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnDelete
func sdkDelete(id uint32)

//go:linkname sdkTick github.com/higress-group/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnTick
func sdkTick(root uint32)

//go:linkname sdkHTTPCallResponse github.com/higress-group/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnHttpCallResponse
func sdkHTTPCallResponse(root, call uint32, headers, size, trailers int32)

//go:linkname sdkRedisCallResponse github.com/higress-group/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnRedisCallResponse
func sdkRedisCallResponse(root, call uint32, status, size int32)
