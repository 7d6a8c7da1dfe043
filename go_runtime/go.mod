module snippet2wasm.internal/plugin/runtime

go 1.24.0

require github.com/higress-group/proxy-wasm-go-sdk v0.0.0-20251103120604-77e9cce339d2

require golang.org/x/crypto v0.46.0
