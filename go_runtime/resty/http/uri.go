package http

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// ParseURI is httpc:parse_uri(uri, query_in_path): a table of scheme, host, port,
// path and query (as 0: all that was read), or nil and an error. Unless the second
// argument is false the path has the query in it, and there is no fifth item.
func (c *Client) ParseURI(uri any, queryInPath ...any) (lua.Value, lua.OptString) {
	inPath := lua.Plain(lua.Values(queryInPath).At(0))
	found, err := c.parse(uri, inPath == nil || lua.Truthy(inPath))
	if found == nil {
		return nil, err
	}
	return found, lua.None
}

// parse is parse_uri.
func (c *Client) parse(v any, queryInPath bool) (*lua.Table, lua.OptString) {
	uri := lua.ToString(v)
	u, ok := split(uri)
	if !ok {
		switch lua.Plain(v).(type) {
		case string, float64:
		default:
			lua.Concatenate.Throw(lua.Plain(v), lua.Local("uri", 0))
		}
		return nil, lua.Some("bad uri: " + uri)
	}
	if u.scheme == "" {
		u.scheme = c.request.Current().Scheme()
	}
	var port lua.Value = 80.0
	if u.port != "" {
		port = lua.ToNumberOf(u.port)
	} else if u.scheme == "https" {
		port = 443.0
	}
	if u.path == "" {
		u.path = "/"
	}
	found := lua.NewTable(5)
	found.Set(0.0, u.all)
	var query lua.Value = u.query
	if queryInPath && u.query != "" {
		u.path += "?" + u.query
		query = nil
	}
	for i, item := range []lua.Value{u.scheme, u.host, port, u.path, query} {
		found.Set(float64(i+1), item)
	}
	return found, lua.None
}

// parts are the parts of a URI; those that are not there are "".
type parts struct{ all, scheme, host, port, path, query string }

// split takes a URI apart: an optional scheme, "//", a host (of an IPv6 address
// with its brackets), an optional port, the rest up to a "?", the rest of the
// line.
func split(uri string) (u parts, ok bool) {
	rest := uri
	for _, scheme := range []string{"http", "https"} {
		if after, found := strings.CutPrefix(uri, scheme+":"); found {
			u.scheme, rest = scheme, after
		}
	}
	if rest, ok = strings.CutPrefix(rest, "//"); !ok {
		return u, false
	}
	end := strings.IndexAny(rest, "[]:/?")
	if end < 0 {
		end = len(rest)
	}
	if end == 0 {
		line, _, _ := strings.Cut(rest, "\n")
		if end = strings.LastIndexByte(line, ']') + 1; end < 3 || rest[0] != '[' {
			return u, false
		}
	}
	u.host, rest = rest[:end], rest[end:]
	if strings.HasPrefix(rest, ":") {
		n := 1
		for n < len(rest) && '0' <= rest[n] && rest[n] <= '9' {
			n++
		}
		if n > 1 {
			u.port, rest = rest[1:n], rest[n:]
		}
	}
	u.path, rest, _ = strings.Cut(rest, "?")
	u.query, _, _ = strings.Cut(rest, "\n")
	taken := len(uri) - len(rest) + len(u.query)
	u.all = uri[:taken]
	return u, true
}
