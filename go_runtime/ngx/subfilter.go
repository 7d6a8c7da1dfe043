package ngx

import (
	"slices"
	"strings"
)

// subFilter is what the sub_filter directives say about a response.
type subFilter struct {
	pairs        []substitute
	types        []string // in lower case; nil is text/html
	repeat       bool     // sub_filter_once off
	lastModified bool     // sub_filter_last_modified on
	decided      bool     // active is known
	active       bool     // the response is one that they change
	starts       [256]bool
	carry        string // of the body: the beginning of what may be a match
}

// substitute is one sub_filter.
type substitute struct {
	pattern     string // in lower case
	replacement string
	used        bool
}

// SubFilterTypes is `sub_filter_types type …;`: "*" is any type, text/html is always
// one of them.
func (r *Request) SubFilterTypes(types ...string) {
	r.out.subFilter().types = nil
	for _, name := range append(types, "text/html") {
		r.out.sub.types = append(r.out.sub.types, strings.ToLower(name))
	}
}

// SubFilterOnce is `sub_filter_once on|off;`.
func (r *Request) SubFilterOnce(on bool) { r.out.subFilter().repeat = !on }

// SubFilterLastModified is `sub_filter_last_modified on|off;`.
func (r *Request) SubFilterLastModified(on bool) { r.out.subFilter().lastModified = on }

// SubFilter is `sub_filter pattern replacement;`: the case of the pattern's ASCII
// letters does not matter. An empty one is none.
func (r *Request) SubFilter(pattern, replacement string) {
	if pattern == "" {
		return
	}
	sub := r.out.subFilter()
	pattern = folded(pattern)
	sub.pairs = append(sub.pairs, substitute{pattern: pattern, replacement: replacement})
	sub.starts[pattern[0]] = true
	if 'a' <= pattern[0] && pattern[0] <= 'z' {
		sub.starts[pattern[0]-('a'-'A')] = true
	}
}

// subFilter is what is known of sub_filter, made when it is first asked for.
func (o *outgoing) subFilter() *subFilter {
	if o.sub == nil {
		o.sub = &subFilter{}
	}
	return o.sub
}

// Substitutes reports whether sub_filter or subs_filter change the response, whose
// headers are known, and says so in these: the length is not known, nor are
// Last-Modified and ETag true any more. It is for the machinery.
func (r *Request) Substitutes() bool {
	lines := r.substitutesLines()
	sub := r.out.sub
	if sub != nil && !sub.decided {
		sub.decided = true
		r.beginSubstitution(sub)
	}
	return lines || sub != nil && sub.active
}

// beginSubstitution looks whether sub_filter changes the response.
func (r *Request) beginSubstitution(sub *subFilter) {
	if len(sub.pairs) == 0 || !r.substitutable(sub.types) {
		return
	}
	sub.active = true
	r.changeResponse("content-length", nil)
	if !sub.lastModified {
		r.changeResponse("last-modified", nil)
		r.changeResponse("etag", nil)
		return
	}
	if tag := valuesOf(r.out.headers, "etag"); len(tag) > 0 {
		r.changeResponse("etag", weakTag(tag[0]))
	}
}

// weakTag is an ETag made weak; nothing when it is none.
func weakTag(tag string) []string {
	switch {
	case strings.HasPrefix(tag, "W/"):
		return []string{tag}
	case strings.HasPrefix(tag, "\""):
		return []string{"W/" + tag}
	default:
		return nil
	}
}

// substitutable reports whether the response has a body, as far as is known, of one
// of these types; none is text/html.
func (r *Request) substitutable(types []string) bool {
	if length := valuesOf(r.out.headers, "content-length"); len(length) > 0 && length[0] == "0" {
		return false
	}
	contentType := valuesOf(r.out.headers, "content-type")
	if len(contentType) == 0 {
		return false
	}
	name, _, _ := strings.Cut(contentType[0], ";")
	name = strings.ToLower(strings.TrimRight(name, " "))
	if types == nil {
		return name == "text/html"
	}
	return slices.Contains(types, name) || slices.Contains(types, "*")
}

// substitute is a piece of the body after sub_filter. What may be the beginning of
// a match at its end is kept for the next piece.
//
// A match is where the first pattern begins; of several that begin there the first
// one counts. What took its place is not looked at again. Like nginx, it does not
// look for other matches in the beginning of one that the end of the body cuts off.
func (s *subFilter) substitute(piece string, last bool) string {
	text := s.carry + piece
	s.carry = ""
	var out []byte
	done := 0 // what is before it is in out
	for at := 0; at < len(text); at++ {
		if !s.starts[text[at]] {
			continue
		}
		found, partial := s.matchAt(text[at:])
		if partial && last {
			break
		}
		if partial {
			s.carry = strings.Clone(text[at:])
			text = text[:at]
			break
		}
		if found != nil {
			out = append(append(out, text[done:at]...), found.replacement...)
			found.used = true
			done = at + len(found.pattern)
			at = done - 1
		}
	}
	if done == 0 {
		return text
	}
	return string(append(out, text[done:]...))
}

// matchAt is the pattern that text begins with, nil if none does. Partial says that
// it may be one whose end is still to come.
func (s *subFilter) matchAt(text string) (found *substitute, partial bool) {
	for i := range s.pairs {
		pair := &s.pairs[i]
		if pair.used && !s.repeat {
			continue
		}
		n := min(len(text), len(pair.pattern))
		if !foldedEqual(text[:n], pair.pattern[:n]) {
			continue
		}
		if n < len(pair.pattern) {
			return nil, true
		}
		return pair, false
	}
	return nil, false
}

// foldedEqual compares text, of the length of pattern, with pattern, which is in
// lower case.
func foldedEqual(text, pattern string) bool {
	for i := range len(text) {
		if lower(text[i]) != pattern[i] {
			return false
		}
	}
	return true
}

// Substitute does what subs_filter and sub_filter say to a piece of the body.
//
// A piece at whose end something is kept is kept as a whole: where trailers follow, the
// gateway takes the rest of a body only in the place of a piece that it still has.
func (r *Request) Substitute() {
	if !r.Substitutes() {
		return
	}
	keeps := false
	if lines := r.out.subs; lines != nil && lines.active {
		r.out.piece = lines.substitute(r.out.piece, r.out.last)
		keeps = lines.line != ""
	}
	if sub := r.out.sub; sub != nil && sub.active {
		r.out.piece = sub.substitute(r.out.piece, r.out.last)
		keeps = keeps || sub.carry != ""
	}
	r.out.piece, r.out.kept = r.out.kept+r.out.piece, ""
	if keeps && len(r.out.piece) <= maxKept {
		r.out.piece, r.out.kept = "", r.out.piece
	}
}

// maxKept bounds what is kept of a body so that trailers may follow it.
const maxKept = 64 << 10
