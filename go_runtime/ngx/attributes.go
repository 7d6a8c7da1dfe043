package ngx

import (
	"math/rand/v2"
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// attribute reads one of the gateway's attributes, once; "" when it is absent.
// Those of the response change meanwhile.
func (r *Request) attribute(group, name string) string {
	if group == "response" {
		value := ""
		if !r.stream.Gone() {
			value, _ = r.stream.Host().Property(group, name)
		}
		return value
	}
	for i := range r.attributes {
		if r.attributes[i].name == group+"."+name {
			return r.attributes[i].value
		}
	}
	if r.stream.Gone() {
		return ""
	}
	value, ok := r.stream.Host().Property(group, name)
	r.attributes = append(r.attributes, field{group + "." + name, value, ok})
	return value
}

// snapshotAttributes reads those that variables are made of, before the stream
// goes away.
func (r *Request) snapshotAttributes() {
	r.attribute("source", "address")
	r.attribute("destination", "address")
	r.attribute("request", "protocol")
	r.attribute("request", "time")
}

// portOf is the port of "1.2.3.4:5" and "[::1]:5".
func portOf(address string) string {
	if colon := strings.LastIndexByte(address, ':'); colon >= 0 {
		return address[colon+1:]
	}
	return ""
}

// RemotePort is ngx.var.remote_port.
func (r *Request) RemotePort() string { return portOf(r.attribute("source", "address")) }

// ServerAddr is ngx.var.server_addr: the address that the client's connection
// came to.
func (r *Request) ServerAddr() string { return withoutPort(r.attribute("destination", "address")) }

// ServerPort is ngx.var.server_port.
func (r *Request) ServerPort() string { return portOf(r.attribute("destination", "address")) }

// ServerProtocol is ngx.var.server_protocol: "HTTP/1.1", "HTTP/2.0".
func (r *Request) ServerProtocol() string {
	protocol := r.attribute("request", "protocol")
	if protocol == "HTTP/2" || protocol == "HTTP/3" {
		protocol += ".0"
	}
	return protocol
}

// HTTPVersion is ngx.req.http_version().
func (r *Request) HTTPVersion() float64 {
	version, _ := lua.ToNumberOf(strings.TrimPrefix(r.ServerProtocol(), "HTTP/")).(float64)
	return version
}

// RequestLine is ngx.var.request: what the client sent, whatever handlers made of
// it.
func (r *Request) RequestLine() string {
	method := r.sentMethod
	if method == "" {
		method = r.RequestMethod()
	}
	return method + " " + r.RequestURI() + " " + r.ServerProtocol()
}

// HTTPS is ngx.var.https: "on" or "".
func (r *Request) HTTPS() string {
	if r.Scheme() == "https" {
		return "on"
	}
	return ""
}

// RequestID is ngx.var.request_id: 32 random hexadecimal digits.
func (r *Request) RequestID() string {
	if r.id == "" {
		r.id = hex16(rand.Uint64()) + hex16(rand.Uint64())
	}
	return r.id
}

// hex16 is n with 16 hexadecimal digits.
func hex16(n uint64) string {
	text := strconv.FormatUint(n, 16)
	return strings.Repeat("0", 16-len(text)) + text
}

// started is when the request came, in nanoseconds since 1970.
func (r *Request) started() int64 {
	if n, ok := integer(r.attribute("request", "time")); ok {
		return n
	}
	return r.UnixNano()
}

// StartTime is ngx.req.start_time(): seconds since 1970 with milliseconds.
func (r *Request) StartTime() float64 {
	if r.stream.IsTask() {
		return 0
	}
	return float64(r.started()/1e6) / 1000
}

// RequestTime is ngx.var.request_time: seconds since the request came, with
// milliseconds.
func (r *Request) RequestTime() string { return withMilliseconds(max(r.UnixNano()-r.started(), 0)) }

// Msec is ngx.var.msec: seconds since 1970, with milliseconds.
func (r *Request) Msec() string { return withMilliseconds(r.UnixNano()) }

// withMilliseconds is nanoseconds as "1700000000.123".
func withMilliseconds(nanoseconds int64) string {
	return strconv.FormatInt(nanoseconds/1e9, 10) + "." + digits(int(nanoseconds/1e6%1000), 3)
}

// TimeISO8601 is ngx.var.time_iso8601.
func (r *Request) TimeISO8601() string { return strings.Replace(UTCTime(r), " ", "T", 1) + "+00:00" }

// TimeLocal is ngx.var.time_local: "22/Nov/2026:03:52:22 +0000".
func (r *Request) TimeLocal() string {
	d := dateOf(r.UnixNano() / 1e9)
	return digits(d.day, 2) + "/" + monthNames[d.month-1] + "/" + digits(d.year, 4) + ":" + d.clock() + " +0000"
}

// longDayNames are those of ngx.var.date_gmt.
var longDayNames = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}

// DateGMT is ngx.var.date_gmt: "Sunday, 22-Nov-2026 03:52:22 GMT".
func (r *Request) DateGMT() string { return r.longDate() + " GMT" }

// DateLocal is ngx.var.date_local. The zone is UTC.
func (r *Request) DateLocal() string { return r.longDate() + " UTC" }

// longDate is "Sunday, 22-Nov-2026 03:52:22".
func (r *Request) longDate() string {
	d := dateOf(r.UnixNano() / 1e9)
	return longDayNames[d.weekday] + ", " + digits(d.day, 2) + "-" + monthNames[d.month-1] + "-" +
		digits(d.year, 4) + " " + d.clock()
}

// RemoteUser is ngx.var.remote_user: the name in an Authorization header of the
// scheme Basic.
func (r *Request) RemoteUser() (string, bool) {
	user, _, ok := r.Credentials()
	return user, ok
}

// Credentials are the name and the password in an Authorization header of the scheme
// Basic. There are none without a name.
func (r *Request) Credentials() (user, password string, ok bool) {
	header, _ := r.header("authorization")
	const scheme = "basic "
	if len(header) < len(scheme) || !equalFold(header[:len(scheme)], scheme) {
		return "", "", false
	}
	credentials, ok := DecodeBase64(strings.TrimLeft(header[len(scheme):], " "))
	user, password, colon := strings.Cut(credentials, ":")
	if !ok || !colon || user == "" {
		return "", "", false
	}
	return user, password, true
}

// ForwardedFor is ngx.var.proxy_add_x_forwarded_for: X-Forwarded-For with the
// client's address behind it.
func (r *Request) ForwardedFor() string {
	if before, ok := r.joined("x-forwarded-for", ", "); ok {
		return before + ", " + r.RemoteAddr()
	}
	return r.RemoteAddr()
}
