package ngx

import (
	"strconv"
	"strings"
	"time"
)

// proxied is what the proxy_* directives give the upstream in the place of what the
// client sent. Handlers do not see it.
type proxied struct {
	headers     [][2]string // of proxy_set_header, in lower case; "" removes
	method      string
	target      string // of proxy_pass, where it says the path; "" for the request's own
	noHeaders   bool   // proxy_pass_request_headers off
	body        string // of proxy_set_body, "" where proxy_pass_request_body is off
	replaceBody bool
	timeout     time.Duration // of proxy_read_timeout, for subrequests
}

// ProxySetHeader is `proxy_set_header name value;`: the upstream gets this line in
// the place of the client's. Several of one name are several lines; empty ones are
// none. Line breaks, with which a client could add headers of its own, are escaped.
func (r *Request) ProxySetHeader(name, value string) {
	if name = strings.ToLower(name); name == "host" {
		name = ":authority"
		if value == "" {
			r.stream.Refuse("proxy_set_header gives an empty Host, and the gateway can't send a request without one")
		}
	}
	r.proxied.headers = append(r.proxied.headers, [2]string{name, escapeHeader(value, false)})
}

// ProxyMethod is `proxy_method method;`: $request_method stays what it is.
func (r *Request) ProxyMethod(method string) {
	if method == "" {
		r.stream.Refuse("proxy_method gives an empty method, and the gateway can't send it")
	}
	r.proxied.method = method
}

// ProxyPath is the path of `proxy_pass http://service/path;`: the upstream gets it in
// the place of the path of the location. A path that `rewrite … break` or Lua has made
// stays as it is. $uri is the same as before.
func (r *Request) ProxyPath(path, location string) {
	at := r.locate()
	if r.apart || len(at.uri) < len(location) {
		return
	}
	rest := at.uri[len(location):]
	if r.internal || strings.Contains(r.rawPath(), "%") {
		rest = escapeTarget(rest)
	}
	r.proxied.target = path + rest
	if at.args != "" {
		r.proxied.target += "?" + at.args
	}
}

// rawPath is the path of the request as the client sent it.
func (r *Request) rawPath() string {
	path, _, _ := strings.Cut(r.RequestURI(), "?")
	return path
}

// ProxyURI is the path of a `proxy_pass` with variables, with the query string, as the
// upstream gets it; "" leaves the request its own.
func (r *Request) ProxyURI(uri string) {
	if uri != "" && uri[0] != '/' {
		r.stream.Refuse("proxy_pass names another service: \"" + uri + "\" stands behind its host")
	}
	r.proxied.target = uri
}

// ProxyPassRequestHeaders is `proxy_pass_request_headers on|off;`: off lets the
// upstream have those of proxy_set_header only.
func (r *Request) ProxyPassRequestHeaders(on bool) { r.proxied.noHeaders = !on }

// ProxyPassRequestBody is `proxy_pass_request_body on|off;`. The body has to be read
// before.
func (r *Request) ProxyPassRequestBody(on bool) {
	r.proxied.body, r.proxied.replaceBody = "", !on
}

// ProxySetBody is `proxy_set_body value;`. The client's body has to be read before.
func (r *Request) ProxySetBody(value string) {
	if !r.body.exists && value != "" && !r.stream.IsSubrequest() {
		r.stream.Refuse("proxy_set_body: the request has no body, and the gateway can't send one with it")
	}
	r.proxied.body, r.proxied.replaceBody = value, true
}

// sets reports whether a header, in lower case, is one of proxy_set_header.
func (p *proxied) sets(name string) bool {
	for _, line := range p.headers {
		if equalFold(line[0], name) {
			return true
		}
	}
	return false
}

// passProxied makes these changes to the request. Client and upstream need not
// agree about anything: what a handler reads later is what the client sent.
func (r *Request) passProxied() {
	p := &r.proxied
	host := r.stream.Host()
	if p.noHeaders || len(p.headers) > 0 || p.method != "" || p.target != "" {
		host.KeepRoute() // nginx has chosen the upstream by now
	}
	if p.noHeaders {
		r.dropHeaders()
	}
	for i, line := range p.headers {
		if !before(p.headers[:i], line[0]) {
			host.SetRequestHeader(line[0], filled(p.headers[i:], line[0]))
		}
	}
	if p.method != "" {
		host.SetRequestHeader(":method", []string{p.method})
	}
	if p.target != "" {
		host.SetRequestHeader(":path", []string{p.target})
	}
	if p.replaceBody && r.body.exists {
		host.SetRequestHeader("content-length", []string{strconv.Itoa(len(p.body))})
		host.SetRequestBody(p.body)
	}
}

// before reports whether one of headers has that name.
func before(headers [][2]string, name string) bool {
	for _, line := range headers {
		if equalFold(line[0], name) {
			return true
		}
	}
	return false
}

// filled are the values of the lines of a name that have one.
func filled(headers [][2]string, name string) []string {
	var values []string
	for _, line := range headers {
		if line[0] == name && line[1] != "" {
			values = append(values, line[1])
		}
	}
	return values
}

// dropHeaders takes the client's headers from the request, but those that the
// gateway or ingress-nginx's own lines give the upstream.
func (r *Request) dropHeaders() {
	r.readAll()
	for i, line := range r.all {
		name := line[0]
		if name[0] == ':' || name == "content-length" || name == "transfer-encoding" || among(name, setByIngress) ||
			r.proxied.sets(name) || before(r.all[:i], name) {
			continue
		}
		r.stream.Host().SetRequestHeader(name, nil)
	}
}
