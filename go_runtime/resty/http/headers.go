package http

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// headers are those of a request, by name: in lower case, with dashes for
// underscores, as lua-resty-http takes all spellings of a name for one.
type headers struct {
	names  []string // in order
	values map[string]lua.Value
}

// newHeaders are the headers in a table; of equal names the last one counts.
func newHeaders(given lua.Value) *headers {
	h := &headers{values: map[string]lua.Value{}}
	table, ok := given.(*lua.Table)
	if !ok {
		if lua.Truthy(given) {
			lua.ThrowValue("bad argument #1 to 'pairs' (table expected, got " + lua.TypeName(given) + ")")
		}
		return h
	}
	for key, value, _ := table.Next(nil); key != nil; key, value, _ = table.Next(key) {
		name := normal(lua.LibraryText(key, "find"))
		if _, known := h.values[name]; !known {
			h.names = append(h.names, name)
		}
		h.values[name] = value
	}
	return h
}

// normal is the name in the one spelling under which it is found.
func normal(name string) string { return strings.ToLower(strings.ReplaceAll(name, "_", "-")) }

// first is the text of a header, the first one of a list.
func (h *headers) first(name string) (string, bool) {
	value, ok := h.values[name]
	if list, isList := value.(*lua.Table); isList {
		value = list.Get(1.0)
	}
	return lua.ToString(value), ok
}

// appendTo adds the lines of all headers but those that are the gateway's matter:
// it frames the body and keeps the connection by itself.
func (h *headers) appendTo(lines [][2]string) [][2]string {
	for _, name := range h.names {
		switch name {
		case "host", "content-length", "transfer-encoding", "connection", "keep-alive", "proxy-connection", "upgrade", "":
			continue
		}
		list, isList := h.values[name].(*lua.Table)
		if !isList {
			lines = append(lines, [2]string{name, lua.ToString(h.values[name])})
			continue
		}
		for key, value, _ := list.Next(nil); key != nil; key, value, _ = list.Next(key) {
			lines = append(lines, [2]string{name, lua.ToString(value)})
		}
	}
	return lines
}
