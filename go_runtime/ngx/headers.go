package ngx

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// SetRequestHeader is ngx.req.set_header(name, value): it replaces all lines of
// that name, for the upstream and for what is read later. A table gives a line
// for each of its items; nil, "" and {} remove the header.
func (r *Request) SetRequestHeader(name string, value any) {
	r.changeHeader(escapeHeader(name, true), headerLines(value))
}

// AddRequestHeader is require("ngx.req").add_header(name, value): a line more, or
// several for a table; a header that has but one line is replaced.
func (r *Request) AddRequestHeader(name, value any, at lua.Operand) {
	var key string
	switch name := lua.Plain(name).(type) {
	case string:
		key = name
	case float64:
		key = lua.FormatNumber(name)
	default:
		lua.Throw("bad 'name' argument: string expected, got "+lua.TypeName(name), at)
	}
	value = lua.Plain(value)
	if value == nil {
		lua.Throw("bad 'value' argument: string or table expected, got nil", at)
	}
	lines := addedLines(value)
	if len(lines) == 0 {
		lua.Throw("bad 'value' argument: non-empty table expected", at)
	}
	key = escapeHeader(key, true)
	r.readAll()
	if among(key, oneLineInRequests) {
		lines = lines[len(lines)-1:]
	} else {
		lines = append(valuesOf(r.all, strings.ToLower(key)), lines...)
	}
	r.changeHeader(key, lines)
}

// addedLines are the values of the lines that a value of AddRequestHeader gives:
// an empty one, too.
func addedLines(value lua.Value) []string {
	table, ok := value.(*lua.Table)
	if !ok {
		return []string{escapeHeader(lua.ToString(value), false)}
	}
	var lines []string
	for i := 1; ; i++ {
		item := table.Get(float64(i))
		if item == nil {
			return lines
		}
		lines = append(lines, escapeHeader(lua.ToString(item), false))
	}
}

// oneLineInRequests are the headers of which nginx keeps one line.
var oneLineInRequests = []string{
	"host", "connection", "if-modified-since", "if-unmodified-since", "if-match", "if-none-match", "user-agent", "referer",
	"content-length", "content-range", "content-type", "range", "if-range", "transfer-encoding", "expect", "upgrade",
	"accept-encoding", "via", "authorization", "keep-alive", "accept-language", "depth", "destination", "overwrite", "date",
}

// ClearRequestHeader is ngx.req.clear_header(name); any name is taken for text.
func (r *Request) ClearRequestHeader(name any) {
	r.changeHeader(escapeHeader(lua.ToString(name), true), nil)
}

// changeHeader notes a change for Pass and makes it in what was read.
func (r *Request) changeHeader(name string, lines []string) {
	r.readAll()
	if name = strings.ToLower(name); name == "host" {
		name = ":authority"
	}
	if name == "" {
		return
	}
	r.all = replaceLines(r.all, name, lines)
	r.read = nil
	if !among(name, r.changed) {
		r.changed = append(r.changed, name)
	}
}

// setByIngress are the request headers that ingress-nginx gives the upstream with
// proxy_set_header, whatever Lua made of them: a change of one shows in Lua only.
var setByIngress = []string{
	":authority", "x-real-ip", "x-forwarded-for", "x-forwarded-host", "x-forwarded-port", "x-forwarded-proto",
	"x-forwarded-scheme", "x-scheme", "x-request-id", "x-original-forwarded-for", "x-original-uri",
}

// Pass makes the changes to the request. It is for the machinery, which calls it
// before the request goes to the upstream.
func (r *Request) Pass() {
	r.passBody()
	for _, name := range r.changed {
		if among(name, setByIngress) || r.proxied.sets(name) {
			continue
		}
		r.stream.Host().SetRequestHeader(name, r.lines(name))
	}
	r.changed = nil
	if r.target != "" {
		r.stream.Host().SetRequestHeader(":path", []string{r.target})
	}
	r.passProxied()
}

// Complete is asked by the machinery about an answer of its own: nginx's page
// for a status, be it that of ngx.exit or the 500 of an error. It gets the headers
// that the handlers have set. Where output began the answer cannot change any
// more: it stays if ngx.eof ended it, or if it has no body, since the request is
// a HEAD; else the result is false.
func (r *Request) Complete(page host.Response) (host.Response, bool) {
	if r.reply.begun {
		return r.response(), r.reply.ended || r.RequestMethod() == "HEAD"
	}
	if len(r.reply.headers) > 0 {
		page.Headers = append(append([][2]string(nil), page.Headers...), without(r.reply.headers, pageHeaders...)...)
	}
	return page, true
}

// RequestHeaders is ngx.req.get_headers(max): a table of the headers by name, in
// lower case; several lines of a name are a list. Looking a name up that is not
// there tries its lower case with dashes for underscores. Beyond max headers the
// second result is "truncated"; 0 is no limit.
func (r *Request) RequestHeaders(limit int) (*lua.Table, lua.OptString) {
	r.readAll()
	return headerTable(r.all, limit)
}

// headerTable is the table that RequestHeaders makes of headers.
func headerTable(headers [][2]string, limit int) (*lua.Table, lua.OptString) {
	found := lua.NewTable(0)
	defer found.SetAbsent(func(key lua.Value) lua.Value {
		name, ok := key.(string)
		if lower := strings.ReplaceAll(lua.Lower(name), "_", "-"); ok && lower != name {
			return found.Get(lower)
		}
		return nil
	})
	limit, count := limitOf(limit), 0
	for _, line := range headers {
		name := lua.Lower(line[0])
		if name == ":authority" {
			name = "host"
		}
		if strings.HasPrefix(name, ":") {
			continue
		}
		if count++; limit > 0 && count > limit {
			return found, lua.Some("truncated")
		}
		collect(found, name, line[1])
	}
	return found, lua.None
}

// collect adds a value under a key; several become a list.
func collect(t *lua.Table, key string, value lua.Value) {
	switch existing := t.Get(key).(type) {
	case nil:
		t.Set(key, value)
	case *lua.Table:
		existing.Append(value)
	default:
		t.Set(key, lua.ListOf(existing, value))
	}
}

// limitOf is the max of get_headers and get_uri_args: 100 unless given; below 0
// as well.
func limitOf(n int) int {
	if n < 0 {
		return 100
	}
	return n
}
