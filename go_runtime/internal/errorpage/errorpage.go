// Package errorpage knows what nginx sends for a status that a phase handler
// ends the request with. All of it was read off nginx 1.22, status by status.
package errorpage

import "strings"

// page is one of nginx's built-in pages. The status, title and heading are
// those of the page, which for some codes is another status than the code.
type page struct {
	title   string
	heading string
	note    string
}

// pages has the codes with a built-in page. In titles and headings the status
// comes first. For 302 nginx writes "Found", whatever its status line says.
var pages = map[int]page{
	301: {title: "301 Moved Permanently"},
	302: {title: "302 Found"},
	303: {title: "303 See Other"},
	307: {title: "307 Temporary Redirect"},
	308: {title: "308 Permanent Redirect"},
	400: {title: "400 Bad Request"},
	401: {title: "401 Authorization Required"},
	402: {title: "402 Payment Required"},
	403: {title: "403 Forbidden"},
	404: {title: "404 Not Found"},
	405: {title: "405 Not Allowed"},
	406: {title: "406 Not Acceptable"},
	409: {title: "409 Conflict"},
	410: {title: "410 Gone"},
	411: {title: "411 Length Required"},
	412: {title: "412 Precondition Failed"},
	413: {title: "413 Request Entity Too Large"},
	414: {title: "414 Request-URI Too Large"},
	415: {title: "415 Unsupported Media Type"},
	416: {title: "416 Requested Range Not Satisfiable"},
	421: {title: "421 Misdirected Request"},
	429: {title: "429 Too Many Requests"},
	494: noted("Request Header Or Cookie Too Large"),
	495: noted("The SSL certificate error"),
	496: noted("No required SSL certificate was sent"),
	497: noted("The plain HTTP request was sent to HTTPS port"),
	498: {title: "404 Not Found"},
	500: {title: "500 Internal Server Error"},
	501: {title: "501 Not Implemented"},
	502: {title: "502 Bad Gateway"},
	503: {title: "503 Service Temporarily Unavailable"},
	504: {title: "504 Gateway Time-out"},
	505: {title: "505 HTTP Version Not Supported"},
	507: {title: "507 Insufficient Storage"},
}

// noted is a page of the codes 494 to 497, which leave as 400 with a note.
func noted(note string) page {
	return page{title: "400 " + note, heading: "400 Bad Request", note: note}
}

// padding follows the pages of errors for browsers that replace short ones.
var padding = strings.Repeat("<!-- a padding to disable MSIE and Chrome friendly error page -->\r\n", 6)

// Lookup returns what nginx sends for code: the status, and the body, which is
// text/html. A body of "" means that nginx has no page for the code; what it then
// says about the body's type Envoy drops. The page is nginx's with server_tokens
// off.
func Lookup(code int, userAgent string) (status int, body string) {
	status = code
	if code >= 494 && code <= 497 {
		status = 400
	}
	p, ok := pages[code]
	if !ok {
		return status, ""
	}
	if p.heading == "" {
		p.heading = p.title
	}
	var b strings.Builder
	b.WriteString("<html>\r\n<head><title>" + p.title + "</title></head>\r\n<body>\r\n<center><h1>" + p.heading + "</h1></center>\r\n")
	if p.note != "" {
		b.WriteString("<center>" + p.note + "</center>\r\n")
	}
	b.WriteString("<hr><center>nginx</center>\r\n</body>\r\n</html>\r\n")
	if code >= 400 && padded(userAgent) {
		b.WriteString(padding)
	}
	return status, b.String()
}

// HasPage reports whether nginx has a page for code, so that the user agent
// matters to Lookup.
func HasPage(code int) bool {
	_, ok := pages[code]
	return ok
}

// padded reports whether nginx takes the client for Internet Explorer or
// Chrome. It looks for their names in this order, and Opera and Gecko's
// browsers, which may claim to be these as well, come first.
func padded(userAgent string) bool {
	if strings.Contains(userAgent, "Opera") {
		return false
	}
	if at := strings.Index(userAgent, "MSIE "); at >= 0 && at+len("MSIE 7.") < len(userAgent) {
		return true
	}
	return strings.Contains(userAgent, "Chrome/") && !strings.Contains(userAgent, "Gecko/")
}
