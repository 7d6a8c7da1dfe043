package ngx

import "snippet2wasm.internal/plugin/runtime/lua"

// SetArguments are those of the set_by_lua directive whose code runs next.
func (r *Request) SetArguments(arguments ...string) { r.setArguments = arguments }

// Argument is ngx.arg[n] in set_by_lua: the n-th argument of the directive.
func (r *Request) Argument(n float64) (string, bool) {
	if i := int(n); float64(i) == n && i >= 1 && i <= len(r.setArguments) {
		return r.setArguments[i-1], true
	}
	return "", false
}

// SetResult is what set_by_lua makes of the value that its code gives: a string
// or a number is the variable's value, anything else leaves it empty.
func (r *Request) SetResult(name string, value any) {
	text := ""
	switch v := lua.Plain(value).(type) {
	case string, float64:
		text = lua.ToString(v)
	}
	r.setArguments = nil
	r.Set(name, text)
}
