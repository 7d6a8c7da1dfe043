package ngx

import (
	"strconv"

	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// httpContentTooLarge is a status that has no name in Lua.
const httpContentTooLarge = 413

// ClientMaxBodySize is `client_max_body_size size;`, in bytes: a request with a larger
// body is answered with 413, at once where its Content-Length says so. 0 is no limit.
func (r *Request) ClientMaxBodySize(size int) {
	if r.tooLarge { // the body was dropped, and a page for that is made
		return
	}
	r.stream.LimitBody(size)
	length, ok := r.header("content-length")
	if !ok || size == 0 {
		return
	}
	if n, err := strconv.ParseInt(length, 10, 64); err == nil && n > int64(size) {
		r.stream.Log(host.Error, "client intended to send too large body: "+length+" bytes")
		r.tooLarge = true
		r.stream.Exit(httpContentTooLarge)
		r.stream.Unwind()
	}
}
