package ngx

import (
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
)

// Variables about the response: nil, or "000", before there is one.

// ResponseStatus is ngx.var.status: three digits.
func (r *Request) ResponseStatus() string { return digits(int(r.Status()), 3) }

// SentHeader is ngx.var.sent_http_NAME: the first line of a header of the
// response; all of them where nginx puts those together.
func (r *Request) SentHeader(name string) (string, bool) {
	name = headerOfVariable(name)
	headers := r.reply.headers
	if r.responding() {
		r.readResponse()
		headers = r.out.headers
	}
	values := valuesOf(headers, name)
	switch {
	case len(values) == 0:
		return "", false
	case name == "cache-control" || name == "link":
		return strings.Join(values, ", "), true
	}
	return values[0], true
}

// headerOfVariable is the header that the end of a variable's name stands for.
func headerOfVariable(name string) string {
	return strings.ReplaceAll(strings.ToLower(name), "_", "-")
}

// asked reports whether the response is the upstream's: one of the handlers or of
// the gateway itself is not.
func (r *Request) asked() bool {
	if r.sub != nil {
		return r.sub.proxied
	}
	return (r.responding() || r.out.read) && r.attribute("response", "code_details") == viaUpstream
}

// viaUpstream is what Envoy says of a response that an upstream sent.
const viaUpstream = "via_upstream"

// UpstreamHeader is ngx.var.upstream_http_NAME: the first line of a header of the
// upstream's response, as it came.
func (r *Request) UpstreamHeader(name string) (string, bool) {
	if !r.asked() {
		return "", false
	}
	r.readResponse()
	for _, line := range r.out.upstream {
		if line[0] == headerOfVariable(name) {
			return line[1], true
		}
	}
	return "", equalFold(name, "server") // nginx's, for an upstream that does not send it
}

// UpstreamStatus is ngx.var.upstream_status.
func (r *Request) UpstreamStatus() (string, bool) {
	if !r.asked() {
		return "", false
	}
	r.readResponse()
	values := valuesOf(r.out.upstream, ":status")
	return strings.Join(values, ""), len(values) > 0
}

// UpstreamAddr is ngx.var.upstream_addr: the address and port of the upstream.
func (r *Request) UpstreamAddr() (string, bool) {
	if !r.asked() {
		return "", false
	}
	address := r.attribute("upstream", "address")
	return address, address != ""
}

// UpstreamResponseTime is ngx.var.upstream_response_time: seconds with
// milliseconds, "-" while the response is not complete.
func (r *Request) UpstreamResponseTime() (string, bool) {
	if !r.asked() {
		return "", false
	}
	nanoseconds, ok := integer(r.attribute("response", "backend_latency"))
	if !ok || r.stream.Kind() == engine.HeaderFilter {
		return "-", true
	}
	return withMilliseconds(nanoseconds), true
}

// BodyBytesSent is ngx.var.body_bytes_sent: the bytes of the body that have left.
func (r *Request) BodyBytesSent() string {
	size, _ := integer(r.attribute("response", "size"))
	return strconv.FormatInt(size, 10)
}

// integer is an attribute that is an integer, eight bytes.
func integer(raw string) (n int64, ok bool) {
	if len(raw) != 8 {
		return 0, false
	}
	for i := range len(raw) { // little endian; a range over raw itself would go by characters, not bytes
		n |= int64(raw[i]) << (8 * i)
	}
	return n, true
}
