package ngx

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// RequestArgs is ngx.req.get_uri_args(max): a table of the decoded arguments;
// several of a name are a list, one without "=" is true. Beyond max arguments, 100
// if that is negative, the second result is "truncated"; 0 is no limit. nginx
// counts the arguments by their separators, but takes max that have a name.
func (r *Request) RequestArgs(limit int) (*lua.Table, lua.OptString) {
	args := r.locate().args
	limit = limitOf(limit)
	found, taken := lua.NewTable(0), 0
	for rest := args; rest != "" && (limit == 0 || taken < limit); {
		var pair string
		pair, rest, _ = strings.Cut(rest, "&")
		if takeArg(found, pair) {
			taken++
		}
	}
	if limit > 0 && strings.Count(args, "&") >= limit {
		return found, lua.Some("truncated")
	}
	return found, lua.None
}

// DecodeArgs is ngx.decode_args(s, max). It is like RequestArgs, but arguments
// without a name count as well.
func DecodeArgs(s string, limit int) (*lua.Table, lua.OptString) {
	return decodeArgs(s, limitOf(limit))
}

// decodeArgs is DecodeArgs for a limit that is not negative.
func decodeArgs(s string, limit int) (*lua.Table, lua.OptString) {
	found := lua.NewTable(0)
	for count := 1; s != ""; count++ {
		pair, rest, more := strings.Cut(s, "&")
		takeArg(found, pair)
		if more && count == limit {
			return found, lua.Some("truncated")
		}
		s = rest
	}
	return found, lua.None
}

// takeArg decodes an argument into a table and reports whether it has a name.
func takeArg(found *lua.Table, pair string) bool {
	key, value, hasValue := strings.Cut(pair, "=")
	if key = UnescapeURI(key); key == "" {
		return false
	}
	if hasValue {
		collect(found, key, UnescapeURI(value))
	} else {
		collect(found, key, true)
	}
	return true
}

// EncodeArgs is ngx.encode_args(t): "k=v" for each string key; a list gives the
// key several times, true the key alone, false nothing.
func EncodeArgs(t *lua.Table, at lua.Operand) string {
	var parts []string
	for key, value, _ := t.Next(nil); key != nil; key, value, _ = t.Next(key) {
		name, ok := key.(string)
		if !ok {
			lua.Throw("attempt to use a non-string key in the \"args\" option table", at)
		}
		parts = appendArg(parts, EscapeURI(name), value, at)
	}
	return strings.Join(parts, "&")
}

// appendArg adds the argument that a value gives under an escaped name.
func appendArg(parts []string, name string, value lua.Value, at lua.Operand) []string {
	switch v := lua.Plain(value).(type) {
	case bool:
		if v {
			parts = append(parts, name)
		}
	case string, float64:
		parts = append(parts, name+"="+EscapeURI(lua.ToString(v)))
	case *lua.Table:
		for key, item, _ := v.Next(nil); key != nil; key, item, _ = v.Next(key) {
			if _, nested := lua.Plain(item).(*lua.Table); nested {
				lua.Throw("attempt to use table as query arg value", at)
			}
			parts = appendArg(parts, name, item, at)
		}
	default:
		lua.Throw("attempt to use "+lua.TypeName(v)+" as query arg value", at)
	}
	return parts
}

// SetRequestArgs is ngx.req.set_uri_args(args) for a string: the query string of
// the request to the upstream. Blanks and control bytes are percent-encoded.
func (r *Request) SetRequestArgs(args string) {
	var b strings.Builder
	for i := 0; i < len(args); i++ {
		if c := args[i]; c <= ' ' || c == 0x7f {
			b.WriteString("%" + hex2(c, "0123456789ABCDEF"))
		} else {
			b.WriteByte(c)
		}
	}
	r.locate().args, r.located.hasArgs = b.String(), true
	r.retarget()
}

// SetRequestURI is ngx.req.set_uri(uri): the path of the request to the upstream,
// not escaped; the query string stays.
func (r *Request) SetRequestURI(uri string, at lua.Operand) {
	if uri == "" {
		lua.Throw("attempt to use zero-length uri", at)
	}
	for i := 0; i < len(uri); i++ {
		if c := uri[i]; c < ' ' || c == 0x7f {
			lua.Throw("unsafe byte \"0x"+hex2(c, "0123456789abcdef")+"\" in uri \""+shownURI(uri)+
				"\" (maybe you want to set the 'binary' argument?)", at)
		}
	}
	r.locate().uri = uri
	r.internal, r.apart = true, true
	r.retarget()
}

// retarget makes the upstream's target anew, as nginx does when the path or the
// arguments were changed: from the normalised path.
func (r *Request) retarget() {
	r.target = escapeTarget(r.located.uri)
	if r.located.args != "" {
		r.target += "?" + r.located.args
	}
}

// escapeTarget percent-encodes what nginx does in a path to an upstream.
func escapeTarget(path string) string { return escapePath(path, "#%?\"<>\\^`{|}") }

// escapePath percent-encodes blanks, control bytes, those above 0x7e, and more.
func escapePath(path, more string) string {
	var b strings.Builder
	for i := 0; i < len(path); i++ {
		if c := path[i]; c <= ' ' || c >= 0x7f || strings.IndexByte(more, c) >= 0 {
			b.WriteString("%" + hex2(c, "0123456789ABCDEF"))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}
