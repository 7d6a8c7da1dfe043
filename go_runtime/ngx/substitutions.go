package ngx

import "strings"

// substitutions is what the subs_filter directives say about a response: they act on
// one line of the body after the other.
type substitutions struct {
	pairs   []linePair
	types   []string // in lower case; nil is text/html
	decided bool     // active is known
	active  bool     // the response is one that they change
	line    string   // the beginning of a line
}

// linePair is one subs_filter.
type linePair struct {
	pattern     string // in lower case, if caseless
	replacement string
	caseless    bool
	once        bool
	used        bool
}

// SubsFilterTypes is `subs_filter_types type …;`; text/html is always one of them.
func (r *Request) SubsFilterTypes(types ...string) {
	for _, name := range append(types, "text/html") {
		r.out.lines().types = append(r.out.lines().types, strings.ToLower(name))
	}
}

// SubsFilter is `subs_filter pattern replacement flags;` with the flags i (the case does
// not matter) and o (once).
func (r *Request) SubsFilter(pattern, replacement, flags string) {
	pair := linePair{
		pattern:     pattern,
		replacement: replacement,
		caseless:    strings.Contains(flags, "i"),
		once:        strings.Contains(flags, "o"),
	}
	if pair.caseless {
		pair.pattern = folded(pattern)
	}
	lines := r.out.lines()
	lines.pairs = append(lines.pairs, pair)
}

// lines is what is known of subs_filter, made when it is first asked for.
func (o *outgoing) lines() *substitutions {
	if o.subs == nil {
		o.subs = &substitutions{}
	}
	return o.subs
}

// substitutesLines reports whether subs_filter changes the response, whose headers are
// known, and says in these that length and Last-Modified are not true any more.
func (r *Request) substitutesLines() bool {
	lines := r.out.subs
	if lines == nil {
		return false
	}
	if !lines.decided {
		lines.decided = true
		encoded := len(valuesOf(r.out.headers, "content-encoding")) > 0
		if len(lines.pairs) > 0 && !encoded && r.substitutable(lines.types) {
			lines.active = true
			r.changeResponse("content-length", nil)
			r.changeResponse("last-modified", nil)
		}
	}
	return lines.active
}

// substitute is a piece of the body after subs_filter: all lines that have ended, and
// the rest with the last piece.
func (s *substitutions) substitute(piece string, last bool) string {
	text := s.line + piece
	s.line = ""
	if end := strings.LastIndexByte(text, '\n') + 1; !last {
		text, s.line = text[:end], strings.Clone(text[end:])
	}
	var out strings.Builder
	for line := range strings.Lines(text) {
		for i := range s.pairs {
			line = s.pairs[i].replace(line)
		}
		out.WriteString(line)
	}
	return out.String()
}

// replace is a line with the replacement for each match.
func (p *linePair) replace(line string) string {
	subject := line
	if p.caseless {
		subject = folded(line)
	}
	var out strings.Builder
	at := 0
	for !p.once || !p.used {
		found := strings.Index(subject[at:], p.pattern)
		if found < 0 {
			break
		}
		p.used = true
		out.WriteString(line[at:at+found] + p.replacement)
		at += found + len(p.pattern)
	}
	if at == 0 {
		return line
	}
	return out.String() + line[at:]
}

// folded is text with ASCII letters in lower case.
func folded(text string) string {
	out := []byte(text)
	for i, c := range out {
		out[i] = lower(c)
	}
	return string(out)
}
