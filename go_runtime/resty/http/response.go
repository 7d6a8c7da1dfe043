package http

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// newResponse is the table that httpc:request returns.
func newResponse(c *Client, method string, reply host.HTTPReply) *lua.Table {
	hasBody := method != "HEAD" && reply.Status != 204 && reply.Status != 304
	reader := noBody
	if hasBody {
		reader = c.bodyReader(string(reply.Body))
	}
	t := lua.NewTable(0)
	t.Set("status", float64(reply.Status))
	t.Set("reason", reasonOf(reply.Status))
	t.Set("headers", responseHeaders(reply.Headers))
	t.Set("has_body", hasBody)
	t.Set("body_reader", reader)
	t.Set("read_body", lua.NewFunction(readBody))
	t.Set("read_trailers", lua.NewFunction(func(lua.Values) lua.Values { return lua.Values{nil, "no trailers"} }))
	return t
}

// responseHeaders is a table of the headers by name, in lower case; several lines
// of a name are a list. Names are found in any case, and with underscores.
func responseHeaders(lines [][2]string) *lua.Table {
	t := lua.NewTable(0)
	for _, line := range lines {
		name, value := line[0], line[1]
		if strings.HasPrefix(name, ":") || name == "x-envoy-upstream-service-time" {
			continue
		}
		switch before := t.Get(name).(type) {
		case nil:
			t.Set(name, value)
		case *lua.Table:
			before.Append(value)
		default:
			t.Set(name, lua.ListOf(before, value))
		}
	}
	t.SetAbsent(func(key lua.Value) lua.Value {
		name, ok := key.(string)
		if !ok || normal(name) == name {
			return nil
		}
		return t.Get(normal(name))
	})
	return t
}

// noBody is the reader of a response that has no body.
var noBody = lua.NewFunction(func(lua.Values) lua.Values { return nil })

// bodyReader is res.body_reader, called with the size of a piece, or without for
// all that is left. In lua-resty-http it is a coroutine, which says so when it has
// ended.
func (c *Client) bodyReader(body string) *lua.Function {
	const (
		fresh = iota
		sized // the first piece was asked for with a size
		whole // all was asked for
		ended
	)
	state := fresh
	return lua.NewFunction(func(args lua.Values) lua.Values {
		size, isSized := lua.LibraryNumber(args.At(0))
		isSized = isSized && size >= 0
		switch {
		case state == ended:
			return lua.Values{nil, "can't resume a dead coroutine"}
		case state == fresh && !isSized:
			state = whole
			return lua.Values{body}
		case state == sized && !isSized:
			c.request.Stream().Log(host.Error, "[lua] http.lua: Buffer size not specified, bailing")
			fallthrough
		case state == whole, body == "", int(size) == 0:
			state = ended
			return nil
		}
		state = sized
		n := min(int(size), len(body))
		piece := body[:n]
		body = body[n:]
		return lua.Values{piece}
	})
}

// readBody is res:read_body(): what the reader has left, or nil, an error and
// that.
func readBody(args lua.Values) lua.Values {
	response, ok := args.At(0).(*lua.Table)
	if !ok {
		lua.Index.Throw(args.At(0), lua.Local("res", 0))
	}
	reader, ok := response.Get("body_reader").(*lua.Function)
	if !ok {
		return lua.Values{nil, "no body to be read"}
	}
	var b strings.Builder
	for {
		results := reader.Call()
		if err := results.At(1); lua.Truthy(err) {
			return lua.Values{nil, err, b.String()}
		}
		piece, ok := results.At(0).(string)
		if !ok {
			return lua.Values{b.String()}
		}
		b.WriteString(piece)
	}
}

// reasonOf is the usual phrase for a status: the gateway does not tell the one
// that the service sent.
func reasonOf(status int) string {
	switch status {
	case 200:
		return "OK"
	case 201:
		return "Created"
	case 202:
		return "Accepted"
	case 204:
		return "No Content"
	case 206:
		return "Partial Content"
	case 301:
		return "Moved Permanently"
	case 302:
		return "Found"
	case 303:
		return "See Other"
	case 304:
		return "Not Modified"
	case 307:
		return "Temporary Redirect"
	case 308:
		return "Permanent Redirect"
	case 400:
		return "Bad Request"
	case 401:
		return "Unauthorized"
	case 403:
		return "Forbidden"
	case 404:
		return "Not Found"
	case 405:
		return "Method Not Allowed"
	case 408:
		return "Request Timeout"
	case 409:
		return "Conflict"
	case 410:
		return "Gone"
	case 413:
		return "Payload Too Large"
	case 415:
		return "Unsupported Media Type"
	case 422:
		return "Unprocessable Entity"
	case 429:
		return "Too Many Requests"
	case 500:
		return "Internal Server Error"
	case 501:
		return "Not Implemented"
	case 502:
		return "Bad Gateway"
	case 503:
		return "Service Unavailable"
	case 504:
		return "Gateway Timeout"
	default:
		return ""
	}
}
