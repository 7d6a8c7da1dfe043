package ngx

import "strings"

// What the module headers-more does. Its version is 0.34; from ngx_lua's functions it
// differs: a header may have a wildcard, and Location becomes absolute.

// StatusIn is `-s` of more_set_headers and more_clear_headers.
func (r *Request) StatusIn(statuses ...int) bool {
	status := r.responseStatus()
	for _, each := range statuses {
		if status == each {
			return true
		}
	}
	return false
}

// TypeIn is `-t` of more_set_headers and more_clear_headers: it compares the media
// type of the response as it is spelled.
func (r *Request) TypeIn(types ...string) bool {
	r.readResponse()
	return isOneOf(r.out.kind(), types)
}

// RequestTypeIn is `-t` of more_set_input_headers and more_clear_input_headers: it
// compares all of the request's Content-Type.
func (r *Request) RequestTypeIn(types ...string) bool {
	value, ok := r.header("content-type")
	return ok && isOneOf(value, types)
}

// isOneOf reports whether a text is one of several, and not empty.
func isOneOf(text string, texts []string) bool {
	for _, each := range texts {
		if text != "" && text == each {
			return true
		}
	}
	return false
}

// MoreSetHeader is `more_set_headers 'name: value'`: it replaces all lines of the
// name; an empty value removes them. Behind a name that ends in `*` the first header
// that begins with it gets the value, and the others are removed.
func (r *Request) MoreSetHeader(name, value string) {
	r.readResponse()
	if value = escapeHeader(value, false); value == "" {
		r.MoreClearHeader(name)
		return
	}
	name = strings.ToLower(name)
	switch name {
	case "location":
		value = r.absoluteLocation(value)
	case "content-type":
		r.setType(value)
		return
	}
	if prefix, wildcard := strings.CutSuffix(name, "*"); wildcard {
		if found := namesWith(r.out.headers, prefix); len(found) > 0 {
			r.MoreClearHeader(name)
			name = found[0]
		}
	}
	r.changeResponse(name, []string{value})
}

// MoreClearHeader is `more_clear_headers name`: it removes all lines of the name, and
// of all names that begin so when it ends in `*`, but for Content-Type and
// Content-Length.
func (r *Request) MoreClearHeader(name string) {
	r.readResponse()
	prefix, wildcard := strings.CutSuffix(strings.ToLower(name), "*")
	if !wildcard {
		r.changeResponse(name, nil)
		return
	}
	for _, each := range namesWith(r.out.headers, prefix) {
		if each != "content-type" && each != "content-length" {
			r.changeResponse(each, nil)
		}
	}
}

// namesWith are the names that begin with a prefix, in lower case as they come from
// the gateway; each once.
func namesWith(headers [][2]string, prefix string) []string {
	var names []string
	for _, line := range headers {
		name := strings.ToLower(line[0])
		if !strings.HasPrefix(name, ":") && strings.HasPrefix(name, prefix) && !among(name, names) {
			names = append(names, name)
		}
	}
	return names
}

// MoreSetInputHeader is `more_set_input_headers 'name: value'`: it replaces all lines
// of the name, for the upstream and for what is read later; an empty value removes
// them.
func (r *Request) MoreSetInputHeader(name, value string) {
	r.changeHeader(name, linesOf(escapeHeader(value, false)))
}

// MoreReplaceInputHeader is `more_set_input_headers -r 'name: value'`, which adds no
// header that is not there.
func (r *Request) MoreReplaceInputHeader(name, value string) {
	key := strings.ToLower(name)
	if key == "host" {
		key = ":authority"
	}
	if len(r.lines(key)) > 0 {
		r.MoreSetInputHeader(name, value)
	}
}

// MoreClearInputHeader is `more_clear_input_headers name`: it removes all lines of the
// name, and of all names that begin so when it ends in `*`.
func (r *Request) MoreClearInputHeader(name string) {
	prefix, wildcard := strings.CutSuffix(strings.ToLower(name), "*")
	if !wildcard {
		r.changeHeader(name, nil)
		return
	}
	r.readAll()
	for _, each := range namesWith(r.all, prefix) {
		r.changeHeader(each, nil)
	}
}
