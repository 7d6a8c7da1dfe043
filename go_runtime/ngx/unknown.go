package ngx

import "snippet2wasm.internal/plugin/runtime/lua"

// What is here takes values of which the compiler does not know the type.

// StatusOf is the value that ngx.status is set to.
func StatusOf(v any, at lua.Operand) int {
	n, ok := lua.ToNumberOf(v).(float64)
	if !ok {
		lua.Throw("bad argument #2 to 'ngx_http_lua_ffi_set_resp_status' (cannot convert 'nil' to 'int')", at)
	}
	return lua.Int(n)
}

// LimitOf is the limit of ngx.req.get_headers and the like: -1, their default,
// for nil and false.
func LimitOf(v any, at lua.Argument) int {
	if !lua.Truthy(v) {
		return -1
	}
	return lua.Int(at.Number(v))
}

// ArgsOf is the query string that ngx.req.set_uri_args makes of a value.
func ArgsOf(v any, at lua.Argument) string {
	switch v := lua.Plain(v).(type) {
	case *lua.Table:
		return EncodeArgs(v, at.Place())
	case string, float64:
		return lua.ToString(v)
	default:
		at.Throw("string, number, or table expected, but got " + lua.TypeName(v))
		return ""
	}
}
