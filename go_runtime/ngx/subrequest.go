package ngx

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/callout"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// capturing is what a subrequest is made with.
type capturing struct {
	path, args  string
	hasArgs     bool // an empty query string counts: "/x?"
	method      string
	body        string
	hasBody     bool
	ctx         *lua.Table
	vars        []variable
	share, copy bool
}

// subrequest makes the request that c describes. It has the headers of r and finds its
// location by itself. It is not ok where they are nested too deeply.
func (r *Request) subrequest(c *capturing) (child *Request, ok bool) {
	stream, ok := r.stream.Subrequest(c.body, c.hasBody)
	child = NewRequest(stream)
	r.readAll()
	child.all, child.hasAll = without(r.all, "content-length", "transfer-encoding"), true
	if c.hasBody {
		child.all = append(child.all, [2]string{"content-length", strconv.Itoa(len(c.body))})
	}
	child.located = location{parsed: true, uri: c.path, args: c.args, hasArgs: c.hasArgs}
	child.method, child.internal, child.keepSlashes = c.method, true, r.keepSlashes
	child.remote, child.id, child.attributes = r.remote, r.id, r.attributes
	child.LimitReq, child.LimitConn = r.LimitReq, r.LimitConn
	child.body = requestBody{exists: c.hasBody, read: true, present: c.hasBody, data: c.body}
	child.ctx = c.ctx
	switch {
	case c.share:
		child.shares = r
	case c.copy:
		child.variables = append(child.variables, r.holder().variables...)
	}
	for _, each := range c.vars {
		child.SetVar(each.name, each.value.Value())
	}
	return child, ok
}

// SubrequestMethod is ngx.req.get_method() where it may be that of a subrequest:
// $request_method is the client's everywhere.
func (r *Request) SubrequestMethod() string {
	if r.method != "" {
		return r.method
	}
	return r.RequestMethod()
}

// PassTimeout is `proxy_read_timeout` for subrequests, in milliseconds.
func (r *Request) PassTimeout(milliseconds int) {
	r.proxied.timeout = time.Duration(milliseconds) * time.Millisecond
}

// PassElsewhere ends a subrequest that the gateway's routes would have to send to an
// upstream.
func (r *Request) PassElsewhere() {
	r.stream.Refuse("a subrequest to " + r.URI() + " comes to no location of the compiled text")
}

// PassTo is `proxy_pass` for a subrequest: service is a scheme, a host and perhaps a
// port. It waits for the answer.
func (r *Request) PassTo(service string) {
	if !r.stream.Prepare() {
		return
	}
	scheme, authority, name, port := splitService(service)
	cluster := r.stream.Service(name, port)
	timeout := cmp.Or(r.proxied.timeout, cluster.Timeout, serviceTimeout)
	body := r.body.data
	if r.proxied.replaceBody {
		body = r.proxied.body
	}
	answer, failure, reason := callout.Call(r.stream, cluster, r.passLines(scheme, authority), body, timeout)
	if reason != "" {
		r.Report(ERR, "subrequest to "+service+": "+reason)
	}
	switch failure {
	case transport.None:
		r.passed(answer)
	case transport.Timeout:
		r.stream.Exit(HTTP_GATEWAY_TIMEOUT)
	default:
		r.stream.Exit(HTTP_BAD_GATEWAY)
	}
}

// passed takes the answer of a service for that of the subrequest.
func (r *Request) passed(answer host.HTTPReply) {
	r.out = outgoing{read: true, upstream: answer.Headers}
	r.reply.status, r.stream.Passed = answer.Status, true
	response := host.Response{Status: uint32(answer.Status), Body: answer.Body}
	for _, line := range withoutPseudo(answer.Headers) {
		if !among(line[0], gatewaysOwn) {
			response.Headers = append(response.Headers, line)
		}
	}
	r.stream.Respond(response)
}

// passLines are the headers of a subrequest as the gateway takes them: the client's, but
// for those of the connection and those that the directives set.
func (r *Request) passLines(scheme, authority string) [][2]string {
	p := &r.proxied
	method, target := r.SubrequestMethod(), p.target
	if p.method != "" {
		method = p.method
	}
	if target == "" {
		target = escapeTarget(r.located.uri)
		if r.located.args != "" {
			target += "?" + r.located.args
		}
	}
	for _, line := range p.headers {
		if line[0] == ":authority" {
			authority = line[1]
		}
	}
	lines := [][2]string{{":method", method}, {":path", target}, {":authority", authority}, {":scheme", scheme}}
	given := p.headers
	if !p.noHeaders {
		given = append(append([][2]string(nil), r.all...), given...)
	}
	for i, line := range given {
		name, own := line[0], i >= len(given)-len(p.headers)
		if name[0] == ':' || among(name, ofConnection) || line[1] == "" && own {
			continue
		}
		if own || !p.sets(name) && !strings.HasPrefix(name, "x-envoy-") {
			lines = append(lines, [2]string{name, withoutBreaks(line[1])})
		}
	}
	return lines
}

// withoutBreaks is a header's value as the gateway takes it.
func withoutBreaks(value string) string {
	return strings.NewReplacer("\r", " ", "\n", " ", "\x00", "").Replace(value)
}

// captured is the table that Lua gets for the answer to a subrequest.
func (r *Request) captured() *lua.Table {
	response := r.stream.Response()
	status := int(response.Status)
	body, truncated := string(response.Body), r.stream.Special
	if r.SubrequestMethod() == "HEAD" || status == HTTP_NO_CONTENT && !r.stream.Passed {
		body, truncated = "", true
	}
	t := lua.NewTable(0)
	t.Set("status", float64(status))
	t.Set("header", r.capturedHeaders(response))
	t.Set("body", body)
	t.Set("truncated", truncated)
	return t
}

// capturedHeaders are the headers of an answer by name; several lines of a name are a
// list. A gateway does not tell how a service has written them, so they are found
// however Lua writes them.
func (r *Request) capturedHeaders(response host.Response) *lua.Table {
	headers := response.Headers
	if (r.stream.Special || response.Status == HTTP_NO_CONTENT && !r.stream.Passed) && !before(headers, "content-type") {
		headers = append(headers, [2]string{"content-type", r.typeOfURI()})
	}
	if r.reply.sized && !before(headers, "content-length") && !r.stream.Special {
		headers = append(headers, [2]string{"content-length", strconv.Itoa(len(r.reply.body))})
	}
	t := lua.NewTable(0)
	for _, line := range headers {
		collect(t, usualName(line[0]), line[1])
	}
	t.SetAbsent(func(key lua.Value) lua.Value {
		name, ok := key.(string)
		if usual := usualName(lua.Lower(name)); ok && usual != name {
			return t.Get(usual)
		}
		return nil
	})
	return t
}

// usualName is a header's name as it is mostly written: with capitals, unless it has
// some already.
func usualName(name string) string {
	switch name {
	case "etag":
		return "ETag"
	case "www-authenticate":
		return "WWW-Authenticate"
	}
	if lua.Lower(name) != name {
		return name
	}
	out := []byte(name)
	for i := range out {
		if (i == 0 || out[i-1] == '-') && 'a' <= out[i] && out[i] <= 'z' {
			out[i] -= 'a' - 'A'
		}
	}
	return string(out)
}
