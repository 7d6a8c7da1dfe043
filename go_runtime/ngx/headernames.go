package ngx

import "strings"

// DropInvalidHeaders is `ignore_invalid_headers on;`: headers whose names have other
// bytes than letters, digits and dashes are none, for the handlers and the upstream.
// Underscores says whether `underscores_in_headers` lets these be.
func (r *Request) DropInvalidHeaders(underscores bool) {
	r.readAll()
	var invalid []string
	for _, line := range r.all {
		if line[0][0] != ':' && !validName(line[0], underscores) {
			invalid = append(invalid, line[0])
		}
	}
	for _, name := range invalid {
		r.changeHeader(name, nil)
	}
}

// validName reports whether nginx takes a header.
func validName(name string, underscores bool) bool {
	return strings.IndexFunc(name, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '-' && (c != '_' || !underscores)
	}) < 0
}
