package ngx

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// Known is a variable of map, geo or split_clients that was read before, or set: it
// is computed once for a request.
func (r *Request) Known(name string) (value string, ok bool) {
	if v := r.declared(name); v != nil {
		return v.value.Or(""), true
	}
	return "", false
}

// Keep makes a variable known.
func (r *Request) Keep(name, value string) string {
	r.Set(name, value)
	return value
}

// First is a variable in a directive, which sees the value that it had when a
// directive of the request first read it; now is the one that it has now.
func (r *Request) First(name string, now lua.OptString) (value string, ok bool) {
	for i := range r.firsts {
		if r.firsts[i].name == name {
			return r.firsts[i].value.Get()
		}
	}
	r.firsts = append(r.firsts, variable{name, now})
	return now.Get()
}

// FirstText is First for a variable that always has a value.
func (r *Request) FirstText(name, now string) string {
	value, _ := r.First(name, lua.Some(now))
	return value
}

// VariableName is the name of a variable that a key of ngx.var is, "" for no text.
func VariableName(key any) string {
	name, _ := lua.Plain(key).(string)
	return lua.Lower(name)
}

// HostKey is what a map with `hostnames` looks for.
func HostKey(text string) string { return strings.TrimSuffix(lua.Lower(text), ".") }

// Find is a key in the table of a map.
func Find(table map[string]string, key string) (value string, ok bool) {
	value, ok = table[key]
	return value, ok
}

// Evaluated is an empty text in front of one whose variables nginx evaluates twice:
// first to learn how long it is.
func Evaluated(...string) string { return "" }
