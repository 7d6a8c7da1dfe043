package ngx

import (
	"strconv"
	"strings"
)

// Arg is ngx.var.arg_NAME: the value of the first query argument of that name,
// whose case does not matter, as it was sent (not decoded). Without a "=" the
// argument counts as absent.
func (r *Request) Arg(name string) (string, bool) {
	return argument(r.locate().args, name)
}

// argument finds name in a query string as nginx does: the name has to stand at
// the start or behind a "&", and "=" right behind it.
func argument(query, name string) (string, bool) {
	for query != "" && name != "" {
		pair, rest, _ := strings.Cut(query, "&")
		if len(pair) > len(name) && pair[len(name)] == '=' && equalFold(pair[:len(name)], name) {
			return pair[len(name)+1:], true
		}
		query = rest
	}
	return "", false
}

// equalFold compares without regard to the case of ASCII letters.
func equalFold(a, b string) bool {
	if len(a) != len(b) {
		return false
	}
	for i := 0; i < len(a); i++ {
		if lower(a[i]) != lower(b[i]) {
			return false
		}
	}
	return true
}

// lower is the lower case of an ASCII letter; other bytes stay.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + ('a' - 'A')
	}
	return c
}

// Header is the first line of the request header of that name, in lower case:
// ngx.var.http_NAME where NAME is known to the compiler.
func (r *Request) Header(name string) (string, bool) { return r.header(name) }

// HTTPHeader is ngx.var.http_NAME, where NAME has underscores for the dashes of
// the header: the first line of that header, or all lines of the two headers
// that nginx puts together.
func (r *Request) HTTPHeader(name string) (string, bool) {
	switch name = strings.ToLower(name); name {
	case "host":
		return r.header(":authority")
	case "cookie":
		return r.joined(name, "; ")
	case "x_forwarded_for":
		return r.joined("x-forwarded-for", ", ")
	}
	if strings.Contains(name, "-") { // the variable of a header never has one
		return "", false
	}
	return r.header(strings.ReplaceAll(name, "_", "-"))
}

// joined returns all lines of a header as one.
func (r *Request) joined(name, separator string) (string, bool) {
	lines := r.lines(name)
	return strings.Join(lines, separator), len(lines) > 0
}

// Cookie is ngx.var.cookie_NAME: the value of the first cookie of that name,
// whose case does not matter, up to the next ";".
func (r *Request) Cookie(name string) (string, bool) {
	for _, line := range r.lines("cookie") {
		if value, ok := cookie(line, name); ok {
			return value, true
		}
	}
	return "", false
}

// cookie finds name in a Cookie header. Pairs begin behind ";" or ","; a value
// reaches to the next ";". Spaces around the "=" do not count. When the name is
// there without "=", nginx also skips the byte that it found instead: behind a
// lone "c;" the next pair is not looked at.
func cookie(header, name string) (string, bool) {
	for rest := header; rest != ""; {
		if len(rest) >= len(name) && equalFold(rest[:len(name)], name) {
			behind := strings.TrimLeft(rest[len(name):], " ")
			if value, ok := strings.CutPrefix(behind, "="); ok {
				value = strings.TrimLeft(value, " ")
				value, _, _ = strings.Cut(value, ";")
				return value, true
			}
			if behind == "" {
				break
			}
			rest = behind[1:]
		}
		next := strings.IndexAny(rest, ";,")
		if next < 0 {
			break
		}
		rest = strings.TrimLeft(rest[next+1:], " ")
	}
	return "", false
}

// QueryString is ngx.var.args and ngx.var.query_string: what follows the "?",
// absent when that is nothing.
func (r *Request) QueryString() (string, bool) {
	at := r.locate()
	return at.args, at.args != "" || at.hasArgs
}

// RequestURI is ngx.var.request_uri: the request target as it was sent.
func (r *Request) RequestURI() string { return r.pseudo(":path") }

// URI is ngx.var.uri: the decoded and normalised path.
func (r *Request) URI() string { return r.locate().uri }

// RequestMethod is ngx.var.request_method.
func (r *Request) RequestMethod() string { return r.pseudo(":method") }

// pseudo is a header that every request has.
func (r *Request) pseudo(name string) string {
	value, _ := r.header(name)
	return value
}

// Host is ngx.var.host: the host of the request in lower case, without a port
// and without a dot at its end.
func (r *Request) Host() string { return hostName(r.pseudo(":authority")) }

// hostName cuts the port off an authority.
func hostName(authority string) string {
	name := authority
	if strings.HasPrefix(name, "[") {
		if end := strings.IndexByte(name, ']'); end >= 0 {
			name = name[:end+1]
		}
	} else if colon := strings.IndexByte(name, ':'); colon >= 0 {
		name = name[:colon]
	}
	return strings.TrimSuffix(strings.ToLower(name), ".")
}

// Scheme is ngx.var.scheme: "http" or "https", as the gateway sees the client.
func (r *Request) Scheme() string { return r.pseudo(":scheme") }

// IsArgs is ngx.var.is_args: "?" where there is a query string, else "".
func (r *Request) IsArgs() string {
	if r.locate().args != "" {
		return "?"
	}
	return ""
}

// ContentType is ngx.var.content_type.
func (r *Request) ContentType() (string, bool) { return r.header("content-type") }

// ContentLength is ngx.var.content_length: of a body in chunks, how long it was.
func (r *Request) ContentLength() (string, bool) {
	length, ok := r.header("content-length")
	if !ok && r.body.exists {
		return strconv.Itoa(len(r.body.data)), true
	}
	return length, ok
}

// RemoteAddr is ngx.var.remote_addr: the client's address without a port, as
// the gateway determines it.
func (r *Request) RemoteAddr() string {
	if r.remote.name == "" && !r.stream.Gone() {
		address, ok := r.stream.Host().Property("source", "address")
		r.remote = field{"source.address", withoutPort(address), ok}
	}
	return r.remote.value
}

// withoutPort takes the port off "1.2.3.4:5" and "[::1]:5".
func withoutPort(address string) string {
	colon := strings.LastIndexByte(address, ':')
	if colon < 0 {
		return address
	}
	return strings.Trim(address[:colon], "[]")
}
