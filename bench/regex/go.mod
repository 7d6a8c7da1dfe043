module snippet2wasm.internal/bench/regex

go 1.24

require (
	github.com/dlclark/regexp2 v1.12.0
	go.elara.ws/pcre v0.0.0-20230805032557-4ce849193f64
	snippet2wasm.internal/plugin/runtime v0.0.0
)

require (
	github.com/google/uuid v1.3.0 // indirect
	github.com/mattn/go-isatty v0.0.12 // indirect
	github.com/remyoudompheng/bigfft v0.0.0-20200410134404-eec4a21b6bb0 // indirect
	golang.org/x/sys v0.0.0-20211007075335-d3039528d8ac // indirect
	modernc.org/libc v1.16.8 // indirect
	modernc.org/mathutil v1.4.1 // indirect
	modernc.org/memory v1.1.1 // indirect
)

replace snippet2wasm.internal/plugin/runtime => ../../go_runtime
