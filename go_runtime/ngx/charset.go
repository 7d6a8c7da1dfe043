package ngx

import "strings"

// kind is the media type of the response as headers-more and charset compare it: from
// the upstream up to a parameter `charset`, from a handler up to any parameter.
func (o *outgoing) kind() string {
	values := valuesOf(o.headers, "content-type")
	switch {
	case len(values) == 0:
		return ""
	case o.wholeType:
		return values[0]
	case among("content-type", o.changed):
		kind, _, _ := strings.Cut(values[0], ";")
		return kind
	}
	kind, _ := splitType(values[0])
	return kind
}

// splitType takes a parameter `charset` from a Content-Type, with all that follows it.
func splitType(value string) (kind, charset string) {
	for at := 0; at < len(value); at++ {
		if value[at] != ';' {
			continue
		}
		rest := strings.TrimLeft(value[at+1:], " ")
		if len(rest) >= 8 && equalFold(rest[:8], "charset=") {
			return value[:at], strings.Trim(rest[8:], `"`)
		}
	}
	return value, ""
}

// setType is `more_set_headers 'Content-Type: …'`: a charset that the response has
// stays.
func (r *Request) setType(value string) {
	r.keepCharset()
	r.out.wholeType = true
	r.changeResponse("content-type", []string{value})
}

// keepCharset remembers the charset of the upstream's Content-Type, which is about to
// be replaced: nginx keeps the two apart.
func (r *Request) keepCharset() {
	if r.reply.begun || among("content-type", r.out.changed) {
		return
	}
	if values := valuesOf(r.out.headers, "content-type"); len(values) > 0 {
		_, r.out.charset = splitType(values[0])
	}
}

// textTypes are the types that nginx gives a charset to.
var textTypes = []string{
	"text/html", "text/xml", "text/plain", "text/vnd.wap.wml", "application/javascript", "application/rss+xml",
}

// Charset is `charset name` with `charset_types types`: it says the charset of the
// body, if Content-Type has one of the types and no charset. Without types it is for
// nginx's usual ones; `*` stands for all. A redirect gets none.
func (r *Request) Charset(name string, types ...string) {
	r.readResponse()
	if status := r.responseStatus(); status == HTTP_MOVED_PERMANENTLY || status == HTTP_MOVED_TEMPORARILY {
		return
	}
	if len(types) == 0 {
		types = textTypes
	}
	kind := r.out.kind()
	if kind != "" && r.out.charset == "" && (among(kind, types) || among("*", types)) {
		r.out.charset = name
	}
}

// settleType adds the charset to Content-Type, unless it has parameters that nginx
// knows of.
func (o *outgoing) settleType() {
	if o.charset == "" {
		return
	}
	values := valuesOf(o.headers, "content-type")
	if len(values) > 0 && o.kind() == values[0] {
		o.change("content-type", append([]string{values[0] + "; charset=" + o.charset}, values[1:]...))
	}
	o.charset = ""
}
