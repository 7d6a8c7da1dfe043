package ngx

import (
	"cmp"
	"strconv"
	"strings"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/callout"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// subrequest is a request that is made on behalf of another one: what the location
// that serves it makes of it, and its answer. The variables of `set` are common to both.
type subrequest struct {
	status    int // 0 before there is an answer
	proxied   bool
	headers   [][2]string // for the service, in lower case; "" removes
	method    string
	body      string
	noHeaders bool
	timeout   time.Duration

	outer struct { // of the request itself, meanwhile
		located  location
		target   string
		internal bool
		moved    bool
		captures []string
		reply    reply
		out      outgoing
		proxied  proxied
		types    contentTypes
		redirection
	}
}

// AuthRequest is `auth_request uri;`: it begins a subrequest, which the location at a
// level serves. The location's rewrite directives run; their `return` is its answer.
func (r *Request) AuthRequest(uri string, level int) {
	sub := &subrequest{method: "GET"}
	outer := &sub.outer
	outer.located, outer.target, outer.internal = *r.locate(), r.target, r.internal
	outer.moved, outer.captures, outer.reply, outer.out = r.moved, r.captures, r.reply, r.out
	outer.proxied, outer.types, outer.redirection = r.proxied, r.types, r.redirection
	r.located = location{parsed: true, uri: uri}
	r.internal, r.moved, r.captures, r.reply, r.out = true, false, nil, reply{}, outgoing{}
	r.sub = sub
	sub.status = r.stream.Within(level)
}

// AuthHeader is `proxy_set_header name value;` for the subrequest.
func (r *Request) AuthHeader(name, value string) {
	r.sub.headers = append(r.sub.headers, [2]string{strings.ToLower(name), value})
}

// AuthMethod is `proxy_method method;` for the subrequest.
func (r *Request) AuthMethod(method string) { r.sub.method = method }

// AuthBody is `proxy_set_body text;` for the subrequest.
func (r *Request) AuthBody(text string) { r.sub.body = text }

// AuthWithoutHeaders is `proxy_pass_request_headers off;` for the subrequest.
func (r *Request) AuthWithoutHeaders() { r.sub.noHeaders = true }

// AuthTimeout is `proxy_read_timeout` for the subrequest, in milliseconds.
func (r *Request) AuthTimeout(milliseconds int) {
	r.sub.timeout = time.Duration(milliseconds) * time.Millisecond
}

// AuthPass is `proxy_pass` for the subrequest: service is a scheme, a host and perhaps a
// port, target what is asked of it. It waits for the answer.
func (r *Request) AuthPass(service, target string) {
	sub := r.sub
	if sub.status != 0 {
		return
	}
	scheme, authority, name, port := splitService(service)
	cluster := r.stream.Service(name, port)
	timeout := cmp.Or(sub.timeout, cluster.Timeout, serviceTimeout)
	lines := r.authLines(scheme, authority, target)
	reply, failure, reason := callout.Call(r.stream, cluster, lines, sub.body, timeout)
	if reason != "" {
		r.Report(ERR, "auth request to "+service+": "+reason)
	}
	switch failure {
	case transport.None:
	case transport.Timeout:
		reply.Status, reply.Headers = HTTP_GATEWAY_TIMEOUT, [][2]string{{":status", "504"}}
	default:
		reply.Status, reply.Headers = HTTP_BAD_GATEWAY, [][2]string{{":status", "502"}}
	}
	sub.status, sub.proxied = reply.Status, true
	r.out = outgoing{read: true, upstream: reply.Headers}
	r.reply.status, r.reply.headers = reply.Status, withoutPseudo(reply.Headers)
}

// authLines are the headers of the subrequest as the gateway takes them: the client's,
// but for those of the connection and those that the directives set.
func (r *Request) authLines(scheme, authority, target string) [][2]string {
	sub := r.sub
	for _, line := range sub.headers {
		if line[0] == "host" && line[1] != "" {
			authority = line[1]
		}
	}
	lines := [][2]string{{":method", sub.method}, {":path", target}, {":authority", authority}, {":scheme", scheme}}
	if !sub.noHeaders {
		r.readAll()
		for _, line := range r.all {
			if name := line[0]; name[0] != ':' && !among(name, ofConnection) && !before(sub.headers, name) &&
				!strings.HasPrefix(name, "x-envoy-") {
				lines = append(lines, line)
			}
		}
	}
	for _, line := range sub.headers {
		if line[1] != "" && !among(line[0], ofConnection) {
			lines = append(lines, line)
		}
	}
	for i, line := range lines {
		lines[i][1] = withoutBreaks(line[1])
	}
	return lines
}

// ofConnection are the headers that belong to one connection, or to the body.
var ofConnection = []string{
	"host", "connection", "keep-alive", "transfer-encoding", "te", "upgrade", "expect", "content-length",
}

// withoutPseudo are the headers of an answer.
func withoutPseudo(headers [][2]string) [][2]string {
	var found [][2]string
	for _, line := range headers {
		if !strings.HasPrefix(line[0], ":") && line[0] != "x-envoy-upstream-service-time" {
			found = append(found, line)
		}
	}
	return found
}

// firstOf is the first line of a header, "" without one.
func firstOf(headers [][2]string, name string) string {
	for _, line := range headers {
		if line[0] == name {
			return line[1]
		}
	}
	return ""
}

// AuthTarget is the target of a subrequest for a service: path, and the query string of
// the subrequest, which it has only if the location sets one.
func (r *Request) AuthTarget(path string) string {
	if args := r.locate().args; args != "" {
		return path + "?" + args
	}
	return path
}

// Authorize ends the subrequest and does what its answer says: a status below 300 lets
// the request pass, 401 and 403 refuse it; all others are an error.
func (r *Request) Authorize() {
	sub := r.sub
	status, challenge := sub.status, ""
	if status == HTTP_UNAUTHORIZED && sub.proxied {
		challenge = firstOf(r.out.upstream, "www-authenticate")
	}
	outer := &sub.outer
	r.located, r.target, r.internal = outer.located, outer.target, outer.internal
	r.moved, r.captures, r.reply, r.out = outer.moved, outer.captures, outer.reply, outer.out
	r.proxied, r.types, r.redirection = outer.proxied, outer.types, outer.redirection
	r.sub = nil
	switch {
	case status >= HTTP_OK && status < HTTP_SPECIAL_RESPONSE:
		r.stream.Grant()
	case status == HTTP_FORBIDDEN:
		r.stream.Deny(status)
	case status == HTTP_UNAUTHORIZED:
		r.challenge(challenge)
		r.stream.Deny(status)
	default:
		r.LogError("auth request unexpected status: " + strconv.Itoa(status))
		r.stream.Reject(HTTP_INTERNAL_SERVER_ERROR)
	}
}
