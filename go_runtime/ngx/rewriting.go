package ngx

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// Holds reports whether `if ($variable)` holds for a value.
func Holds(value string) bool { return value != "" && value != "0" }

// Capture is $1 to $9: a group of the last regular expression, "" without a part in
// the match.
func (r *Request) Capture(n int) string {
	if n < len(r.captures) {
		return r.captures[n]
	}
	return ""
}

// EscapedCapture is Capture in a query string that `rewrite` makes: escaped, where
// the client has escaped something of its path.
func (r *Request) EscapedCapture(n int) string {
	if target, _, _ := strings.Cut(r.pseudo(":path"), "?"); !strings.ContainsAny(target, "%+") {
		return r.Capture(n)
	}
	return escapeBytes(r.Capture(n), func(c byte) bool {
		return c <= ' ' || c >= 0x7f || strings.IndexByte("#%&+;?", c) >= 0
	})
}

// escapeBytes percent-encodes some bytes of a text.
func escapeBytes(text string, wanted func(byte) bool) string {
	var b strings.Builder
	for i := 0; i < len(text); i++ {
		if c := text[i]; wanted(c) {
			b.WriteString("%" + hex2(c, "0123456789ABCDEF"))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// SetCaptures keeps the groups of a regular expression that has matched, or none. It
// is for the runtime itself.
func (r *Request) SetCaptures(groups []string) { r.captures = groups }

// Rewrite is `rewrite` that has matched: the request has another path, and looks for
// its location anew once the directives of its level have run. The query string
// stays.
func (r *Request) Rewrite(path string) {
	r.locate().uri = path
	r.moved, r.internal = true, true
	r.retarget()
	if path == "" {
		r.stream.Log(host.Error, "the rewritten URI has a zero length")
		r.stream.Exit(HTTP_INTERNAL_SERVER_ERROR)
		r.stream.Unwind()
	}
}

// RewriteWith is Rewrite with a query string.
func (r *Request) RewriteWith(path, args string) {
	r.locate().args = args
	r.Rewrite(path)
}

// AndArgs is what follows a query string that `rewrite` gives: the one that was
// there.
func (r *Request) AndArgs() string {
	if args := r.locate().args; args != "" {
		return "&" + args
	}
	return ""
}

// Break is `break`: the request stays in its location, even if its path was
// rewritten.
func (r *Request) Break() {
	r.apart = r.apart || r.moved
	r.moved = false
}

// RewriteRedirect is `rewrite` that redirects the client. With is what stands before
// the query string of the request behind the URI: "?" or "&"; "" leaves it out.
func (r *Request) RewriteRedirect(status int, uri, with string) {
	uri = unescapeRedirect(uri)
	if args := r.locate().args; with != "" && args != "" {
		uri += with + args
	}
	r.redirectTo(status, uri)
}

// unescapeRedirect decodes what `rewrite` decodes in the path of a URI: printable
// bytes above "%".
func unescapeRedirect(uri string) string {
	var b strings.Builder
	for i := 0; i < len(uri); i++ {
		c := uri[i]
		if c == '%' && i+2 < len(uri) && hexDigit(uri[i+1]) >= 0 && hexDigit(uri[i+2]) >= 0 {
			decoded := byte(hexDigit(uri[i+1])<<4 | hexDigit(uri[i+2]))
			if decoded == '?' {
				b.WriteByte('?')
				return b.String() + uri[i+3:]
			}
			if decoded > '%' && decoded < 0x7f {
				b.WriteByte(decoded)
				i += 2
				continue
			}
		}
		b.WriteByte(c)
		if c == '?' {
			return b.String() + uri[i+1:]
		}
	}
	return b.String()
}

// Returning notes the status of the answer that `return` is about to make, whose text
// shows it.
func (r *Request) Returning(status int) { r.reply.status = status }

// Return is `return status text` in a directive, which ends the request: the text is
// the Location of a redirect, and the body of any other answer.
func (r *Request) Return(status int, text string) {
	switch status {
	case HTTP_MOVED_PERMANENTLY, HTTP_MOVED_TEMPORARILY, HTTP_SEE_OTHER,
		HTTP_TEMPORARY_REDIRECT, HTTP_PERMANENT_REDIRECT:
		r.redirectTo(status, text)
		return
	}
	if status >= HTTP_BAD_REQUEST && text == "" {
		r.stream.Exit(status)
		return
	}
	r.reply.status = status
	r.begin()
	r.reply.sized = true
	r.reply.body = append(r.reply.body, text...)
	r.stream.Respond(r.response())
}

// redirectTo answers with a redirect to a URI, which may be relative.
func (r *Request) redirectTo(status int, uri string) {
	r.reply.redirects = r.stream.Responds()
	if !r.reply.redirects && !r.stream.IsSubrequest() {
		uri = r.absoluteLocation(uri)
	}
	r.reply.headers = replaceLines(r.reply.headers, "Location", []string{uri})
	r.stream.Exit(status)
}
