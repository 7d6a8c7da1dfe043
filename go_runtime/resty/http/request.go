package http

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/callout"
	"snippet2wasm.internal/plugin/runtime/internal/cosocket"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// userAgent is what lua-resty-http 0.17.2 sends in ingress-nginx.
const userAgent = "lua-resty-http/0.17.2 (Lua) ngx_lua/10028"

// send sends a request and waits for the whole response.
func (c *Client) send(params *lua.Table) (*lua.Table, lua.OptString) {
	method := "GET"
	if given := params.Get("method"); given != nil {
		method = lua.LibraryText(given, "upper")
	}
	headers := newHeaders(params.Get("headers"))
	body, err := c.body(params.Get("body"), headers)
	if !err.IsNil() {
		return nil, err
	}
	lines, ok := c.lines(method, params, headers)
	if !ok {
		c.log("a header or the path has a control character, so the request was not sent")
		return nil, cosocket.ErrClosed
	}
	reply, err := c.exchange(lines, body)
	if !err.IsNil() {
		c.connected = false
		return nil, err
	}
	return newResponse(c, method, reply), lua.None
}

// lines are the headers of the request as the gateway takes them. It is not ok
// when one has a byte in it that would end it.
func (c *Client) lines(method string, params *lua.Table, headers *headers) (lines [][2]string, ok bool) {
	path := "/"
	if given := params.Get("path"); given != nil {
		path = lua.LibraryText(given, "concat")
	}
	authority, named := headers.first("host")
	if !named {
		authority = c.authority()
	}
	lines = [][2]string{
		{":method", strings.ToUpper(method)},
		{":path", path + query(params.Get("query"))},
		{":authority", authority},
		{":scheme", c.scheme},
	}
	lines = headers.appendTo(lines)
	if _, named := headers.first("user-agent"); !named {
		lines = append(lines, [2]string{"user-agent", userAgent})
	}
	for _, line := range lines {
		if strings.ContainsAny(line[0]+line[1], "\r\n\x00") {
			return nil, false
		}
	}
	return lines, true
}

// authority is the Host header that lua-resty-http makes: with a port that is not
// the scheme's own.
func (c *Client) authority() string {
	standard := 80
	if c.scheme == "https" {
		standard = 443
	}
	if c.port == 0 || c.port == standard {
		return c.host
	}
	return c.host + ":" + lua.FormatNumber(float64(c.port))
}

// query is a query string with its "?": of a table of arguments, or of a text.
func query(given lua.Value) string {
	if table, ok := given.(*lua.Table); ok {
		return "?" + ngx.EncodeArgs(table, lua.Temporary(0))
	}
	if !lua.Truthy(given) {
		return ""
	}
	text := lua.LibraryText(given, "sub")
	if text == "" || text[0] == '?' {
		return text
	}
	return "?" + text
}

// body is the request's body: text, a list of texts, or a function that gives one
// piece after the other.
func (c *Client) body(given lua.Value, headers *headers) (string, lua.OptString) {
	switch given := given.(type) {
	case nil:
		return "", lua.None
	case *lua.Table:
		var b strings.Builder
		for i := range given.Len() {
			b.WriteString(lua.ToString(given.Get(float64(i + 1))))
		}
		return b.String(), lua.None
	case *lua.Function:
		_, sized := headers.first("content-length")
		if encoding, _ := headers.first("transfer-encoding"); !sized && !strings.Contains(strings.ToLower(encoding), "chunked") {
			return "", lua.Some("Request body is a function but a length or chunked encoding is not specified")
		}
		var b strings.Builder
		for {
			results := given.Call()
			piece := lua.Plain(results.At(0))
			if !lua.Truthy(piece) {
				return lua.Bounded(b.String()), lua.AsOptString(results.At(1))
			}
			b.WriteString(lua.ToString(piece))
			lua.Bounded(b.String())
		}
	default:
		return lua.ToString(given), lua.None
	}
}

// exchange sends the request to the cluster and waits for the answer.
func (c *Client) exchange(lines [][2]string, body string) (host.HTTPReply, lua.OptString) {
	timeout := c.timeout
	if timeout == 0 {
		timeout = c.service.Timeout
	}
	if timeout == 0 {
		timeout = cosocket.DefaultTimeout
	}
	reply, failure, reason := callout.Call(c.request.Stream(), c.service, lines, body, timeout)
	if reason != "" {
		c.log(reason)
	}
	switch failure {
	case transport.None:
		return reply, lua.None
	case transport.Timeout:
		return reply, cosocket.ErrTimeout
	case transport.Closed:
		return reply, cosocket.ErrClosed
	default:
		return reply, cosocket.ErrRefused
	}
}
