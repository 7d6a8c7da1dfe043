package ngx

import (
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
)

// Variables about the connection, the gateway and the whole of a request.

// NginxVersion is $nginx_version: that of the nginx whose behaviour plugins have.
func (r *Request) NginxVersion() string { return "1.22.1" }

// Pipe is $pipe: "." for a request that was not pipelined; gateways answer those
// one after the other, too.
func (r *Request) Pipe() string { return "." }

// Hostname is $hostname: the name of the gateway's pod, or what else its node is
// called.
func (r *Request) Hostname() string {
	id := r.attribute("node", "id")
	if parts := strings.Split(id, "~"); len(parts) == 4 { // type~address~pod.namespace~domain
		id, _, _ = strings.Cut(parts[2], ".")
	}
	return id
}

// Connection is $connection: a number of the client's connection.
func (r *Request) Connection() string {
	n, _ := integer(r.attribute("connection", "id"))
	return strconv.FormatInt(n, 10)
}

// RealIPRemoteAddr is $realip_remote_addr: the client's address as the gateway
// determines it, without what real_ip_header says.
func (r *Request) RealIPRemoteAddr() string { return withoutPort(r.attribute("source", "address")) }

// Absent is a variable that never has a value: a part of the PROXY protocol, whose
// values the gateway keeps to itself, a cache, or a file.
func (r *Request) Absent() (string, bool) { return "", false }

// RequestLength is $request_length: the bytes of the request, as the gateway
// counts them.
func (r *Request) RequestLength() string {
	n, _ := integer(r.attribute("request", "total_size"))
	return strconv.FormatInt(n, 10)
}

// RequestCompletion is $request_completion: "OK" when the whole answer has left.
func (r *Request) RequestCompletion() string {
	if r.stream.Kind() != engine.Log {
		return ""
	}
	if flags, ok := integer(r.attribute("response", "flags")); ok && flags == 0 {
		return "OK"
	}
	return ""
}

// BytesSent is $bytes_sent: the bytes of the answer that have left, as the gateway
// counts them; none before its body.
func (r *Request) BytesSent() string {
	if kind := r.stream.Kind(); kind != engine.BodyFilter && kind != engine.Body && kind != engine.Log {
		return "0"
	}
	size, _ := integer(r.attribute("response", "total_size"))
	return strconv.FormatInt(size, 10)
}

// HTTP2 is $http2: "h2" with TLS, "h2c" without, "" for HTTP/1.
func (r *Request) HTTP2() string {
	switch {
	case r.ServerProtocol() != "HTTP/2.0":
		return ""
	case r.HTTPS() == "on":
		return "h2"
	default:
		return "h2c"
	}
}

// UpstreamCookie is $upstream_cookie_NAME: the value of the first cookie of that
// name that the upstream sets.
func (r *Request) UpstreamCookie(name string) (string, bool) {
	if !r.asked() {
		return "", false
	}
	r.readResponse()
	for _, line := range r.out.upstream {
		if line[0] != "set-cookie" {
			continue
		}
		if len(line[1]) <= len(name) || !equalFold(line[1][:len(name)], name) {
			continue
		}
		if value, ok := strings.CutPrefix(strings.TrimLeft(line[1][len(name):], " "), "="); ok {
			value, _, _ = strings.Cut(strings.TrimLeft(value, " "), ";")
			return value, true
		}
	}
	return "", false
}

// SSLProtocol is $ssl_protocol: "TLSv1.3".
func (r *Request) SSLProtocol() (string, bool) {
	version := r.attribute("connection", "tls_version")
	return version, version != ""
}

// SSLServerName is $ssl_server_name: the name that the client asked for.
func (r *Request) SSLServerName() (string, bool) {
	name := r.attribute("connection", "requested_server_name")
	return name, name != ""
}

// SSLClientVerify is $ssl_client_verify: SUCCESS with a certificate of the client's
// that the gateway has taken, NONE without one; absent without TLS.
func (r *Request) SSLClientVerify() (string, bool) {
	if _, ok := r.SSLProtocol(); !ok {
		return "", false
	}
	if r.attribute("connection", "mtls") == "\x01" {
		return "SUCCESS", true
	}
	return "NONE", true
}

// SSLClientSubject is $ssl_client_s_dn: whom the client's certificate is for.
func (r *Request) SSLClientSubject() (string, bool) {
	name := r.attribute("connection", "subject_peer_certificate")
	return name, name != ""
}
