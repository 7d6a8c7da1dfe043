// The client and the upstream of the soak test.
module snippet2wasm.internal/tests/load

go 1.24
