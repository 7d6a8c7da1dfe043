// Tests of modules that snippet2wasm built for Higress, in the test host of Higress's SDK.
module snippet2wasm.internal/tests/higress

go 1.24

require (
	github.com/higress-group/proxy-wasm-go-sdk v0.0.0-20251103120604-77e9cce339d2
	github.com/tetratelabs/wazero v1.10.1
)
