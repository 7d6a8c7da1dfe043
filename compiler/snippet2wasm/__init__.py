"""snippet2wasm compiles ingress-nginx Lua snippets to proxy-wasm plugins in Go."""

__version__ = "0.1.0"
