package ngx

import (
	"strconv"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// IsInternal is ngx.req.is_internal(): whether ngx.req.set_uri was called.
func (r *Request) IsInternal() bool { return r.internal }

// methods are the names of the constants ngx.HTTP_GET, ngx.HTTP_HEAD, … in the
// order of their bits, from 2 on.
var methods = [...]string{
	"GET", "HEAD", "POST", "PUT", "DELETE", "MKCOL", "COPY", "MOVE", "OPTIONS", "PROPFIND", "PROPPATCH", "LOCK", "UNLOCK",
	"PATCH", "TRACE",
}

// SetMethod is ngx.req.set_method(id), for one of these constants: $request_method
// changes, $request does not.
func (r *Request) SetMethod(id any, at lua.Operand) {
	n, ok := lua.Plain(id).(float64)
	if !ok {
		lua.Throw("bad method number", at)
	}
	number := lua.Int(n)
	for i, name := range methods {
		if number == 2<<i {
			r.setMethod(name)
			return
		}
	}
	lua.Throw("unsupported HTTP method: "+strconv.Itoa(number), at)
}
