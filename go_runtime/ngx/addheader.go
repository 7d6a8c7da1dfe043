package ngx

// When says for which responses add_header is.
type When bool

// Success is the statuses that add_header is for without `always`: 200, 201, 204,
// 206, 301 to 304, 307, 308. Always is all of them.
const (
	Success When = false
	Always  When = true
)

// holds reports whether the response is one that When is for.
func (w When) holds(r *Request) bool {
	if w == Always {
		return true
	}
	switch r.responseStatus() {
	case HTTP_OK, HTTP_CREATED, HTTP_NO_CONTENT, HTTP_PARTIAL_CONTENT, HTTP_MOVED_PERMANENTLY,
		HTTP_MOVED_TEMPORARILY, HTTP_SEE_OTHER, HTTP_NOT_MODIFIED, HTTP_TEMPORARY_REDIRECT,
		HTTP_PERMANENT_REDIRECT:
		return true
	}
	return false
}

// AddHeader is `add_header name value [always]`: a line more, also where the response
// has the name already. Last-Modified and ETag are replaced, or removed by an empty
// value; else an empty value adds nothing.
func (r *Request) AddHeader(name, value string, when When) {
	if !when.holds(r) {
		return
	}
	r.readResponse()
	value = escapeHeader(value, false)
	if equalFold(name, "last-modified") || equalFold(name, "etag") {
		r.changeResponse(name, linesOf(value))
	} else if value != "" {
		r.changeResponse(name, append(valuesOf(r.out.headers, name), value))
	}
}

// linesOf are the lines of a header for a value: none for an empty one.
func linesOf(value string) []string {
	if value == "" {
		return nil
	}
	return []string{value}
}
