package ngx

import (
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/ngx/cidr"
)

// Allow is `allow network;` for each of networks, and reports whether the client is in
// one of them: then the rules behind it do not count. A network is an address, one with
// the length of its prefix ("10.0.0.0/8", "2001:db8::/32"), "all", or "unix:", in which
// no client is.
func (r *Request) Allow(networks ...string) bool {
	if !r.clientIn(networks) {
		return false
	}
	r.stream.Grant()
	return true
}

// Deny is `deny network;` for each of networks. A client that is in one of them gets
// 403; where `satisfy any` is set it returns true instead.
func (r *Request) Deny(networks ...string) bool {
	if !r.clientIn(networks) {
		return false
	}
	r.stream.DenyByRule()
	return true
}

// LimitExcept is `limit_except methods… { … }`: whether the method is none of them, so
// that what stands in the block counts. Where there is GET, there is HEAD.
func (r *Request) LimitExcept(methods ...string) bool {
	return !hasName(methods, r.RequestMethod())
}

// SatisfyAny is `satisfy any;`: one rule that allows the request is enough.
func (r *Request) SatisfyAny() { r.stream.SatisfyAny() }

// Grant says that a rule allows the request. It is for the runtime itself.
func (r *Request) Grant() { r.stream.Grant() }

// Unauthorized refuses a request with 401 and asks for name and password. It is for the
// runtime itself.
func (r *Request) Unauthorized(realm string) {
	r.challenge("Basic realm=\"" + realm + "\"")
	r.stream.Deny(HTTP_UNAUTHORIZED)
}

// challenge sets the header of a 401; "" leaves it out.
func (r *Request) challenge(value string) {
	if value != "" {
		r.reply.headers = replaceLines(r.reply.headers, "WWW-Authenticate", []string{value})
	}
}

// TakeBackChallenge removes the header of a 401 that did not come to it.
func (r *Request) TakeBackChallenge() {
	if len(r.reply.headers) > 0 {
		r.reply.headers = without(r.reply.headers, "www-authenticate")
	}
}

// LogError writes a line of nginx's own, of the level error. It is for the runtime
// itself.
func (r *Request) LogError(message string) { r.stream.Log(host.Error, message) }

// clientIn reports whether the client's address is in one of some networks. One of IPv4
// that is written as one of IPv6 (::ffff:10.0.0.1) counts as what it is.
func (r *Request) clientIn(networks []string) bool {
	client := cidr.Parse(r.RemoteAddr()).Or4()
	for _, text := range networks {
		if text == "all" || text != "unix:" && networkOf(text).Has(client) {
			return true
		}
	}
	return false
}

// networks are those of the compiled directives, by their texts.
var networks = map[string]cidr.Net{}

// networkOf is what a text means; the compiler has checked it.
func networkOf(text string) cidr.Net {
	n, known := networks[text]
	if !known {
		n = cidr.ParseNet(text)
		networks[text] = n
	}
	return n
}
