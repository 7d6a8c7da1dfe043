package ngx

import (
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/host"
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
	r.stream.Deny(HTTP_FORBIDDEN)
	return true
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
	client := r.BinaryRemoteAddr()
	if v4, ok := strings.CutPrefix(client, mappedPrefix); ok && len(v4) == 4 {
		client = v4
	}
	for _, text := range networks {
		if networkOf(text).has(client) {
			return true
		}
	}
	return false
}

// mappedPrefix is what an IPv4 address has in front of it as one of IPv6.
const mappedPrefix = "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff"

// network is a range of addresses: those of the same length whose first bits are the
// same; all when there is no address.
type network struct {
	address string // 4 or 16 bytes
	bits    int
	all     bool
}

// networks are those of the compiled directives, by their texts.
var networks = map[string]network{}

// networkOf is what a text means; the compiler has checked it.
func networkOf(text string) network {
	n, known := networks[text]
	if known {
		return n
	}
	switch text {
	case "all":
		n.all = true
	case "unix:":
	default:
		address, length, sized := strings.Cut(text, "/")
		n.address = binaryAddress(address)
		n.bits = 8 * len(n.address)
		if bits, err := strconv.Atoi(length); sized && err == nil {
			n.bits = min(bits, n.bits)
		}
	}
	networks[text] = n
	return n
}

// has reports whether an address is in the network.
func (n network) has(address string) bool {
	if n.all {
		return true
	}
	if n.address == "" || len(address) != len(n.address) {
		return false
	}
	whole, rest := n.bits/8, n.bits%8
	if address[:whole] != n.address[:whole] {
		return false
	}
	return rest == 0 || (address[whole]^n.address[whole])>>(8-rest) == 0
}
