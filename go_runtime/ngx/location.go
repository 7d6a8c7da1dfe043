package ngx

import "strings"

// Location tells which requests a handler is for, as the location block does
// in which it stands. The zero value is every request.
type Location struct {
	path    string
	exact   bool
	named   bool
	final   bool                        // no regular expression is tried
	proxied bool                        // requests without its last slash are redirected
	pattern func(*Request, string) bool // of a regular expression
}

// PrefixLocation is `location PREFIX { … }`: the normalised path begins with
// prefix. (`location ^~` differs only in how nginx chooses among locations.)
func PrefixLocation(prefix string) Location { return Location{path: prefix} }

// ExactLocation is `location = PATH { … }`.
func ExactLocation(path string) Location { return Location{path: path, exact: true} }

// FinalLocation is `location ^~ PREFIX { … }`.
func FinalLocation(prefix string) Location { return Location{path: prefix, final: true} }

// NamedLocation is `location @name { … }`, for which no path is.
func NamedLocation(name string) Location { return Location{path: name, named: true} }

// Proxied is a location whose path ends with a slash, and whose requests go to a
// service: nginx redirects a request for the path without the slash to it.
func (l Location) Proxied() Location {
	l.proxied = true
	return l
}

// PatternLocation is `location ~ PATTERN { … }`: matches says whether a normalised
// path fits, and keeps the captures.
func PatternLocation(matches func(*Request, string) bool) Location {
	return Location{pattern: matches}
}

// Meets reports whether some path is in both locations.
func (l Location) Meets(other Location) bool {
	switch {
	case l.exact && other.exact:
		return l.path == other.path
	case l.exact:
		return strings.HasPrefix(l.path, other.path)
	case other.exact:
		return strings.HasPrefix(other.path, l.path)
	default:
		return strings.HasPrefix(l.path, other.path) || strings.HasPrefix(other.path, l.path)
	}
}

// Match is what a location says about a request.
type Match int

// Invalid is a request whose target nginx answers with 400.
const (
	Outside Match = iota
	Inside
	Invalid
)

// Match compares the request with the location.
func (l Location) Match(r *Request) Match {
	if l.path == "" {
		return Inside
	}
	at := r.locate()
	switch {
	case at.invalid:
		return Invalid
	case l.exact && at.uri == l.path, !l.exact && strings.HasPrefix(at.uri, l.path):
		return Inside
	default:
		return Outside
	}
}

// Path is the normalised path of the request. It is not ok when nginx answers
// the request with 400. It is for the runtime itself.
func (r *Request) Path() (path string, ok bool) {
	at := r.locate()
	return at.uri, !at.invalid
}

// location is a request target, taken apart.
type location struct {
	parsed  bool
	uri     string
	args    string
	hasArgs bool // they are there even if empty: the handlers have set them, or the request was sent on to "/x?"
	invalid bool
}

// MergeSlashes is `merge_slashes on|off;`: off keeps runs of slashes in $uri.
func (r *Request) MergeSlashes(on bool) {
	r.keepSlashes = !on
	r.located.parsed = false
}

// locate parses the request target, once.
func (r *Request) locate() *location {
	if !r.located.parsed {
		target, _ := r.header(":path")
		r.located = parseTarget(target, r.keepSlashes)
	}
	return &r.located
}

// parseTarget splits a target into path and query string and normalises the
// path as nginx does: percent-encoding is decoded, runs of slashes become one unless
// they are to be kept, "." and ".." segments are resolved. What nginx answers with 400 is invalid:
// broken encoding, a NUL, a path that climbs above the root.
func parseTarget(target string, keepSlashes bool) location {
	raw, _, _ := strings.Cut(target, "#")
	raw, args, _ := strings.Cut(raw, "?")
	at := location{parsed: true, uri: raw, args: args}
	if !strings.HasPrefix(raw, "/") {
		at.invalid = true
		return at
	}
	if !strings.Contains(raw, "%") && !strings.Contains(raw, "//") && !strings.Contains(raw, "/.") {
		return at
	}
	decoded, ok := decodePercent(raw)
	if !ok {
		at.invalid = true
		return at
	}
	at.uri, ok = resolveDots(decoded, keepSlashes)
	at.invalid = !ok
	return at
}

// decodePercent replaces each %XX. It fails on a broken sequence and on %00.
func decodePercent(s string) (string, bool) {
	if !strings.Contains(s, "%") {
		return s, true
	}
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		if c == '%' {
			if i+2 >= len(s) {
				return "", false
			}
			high, low := hexDigit(s[i+1]), hexDigit(s[i+2])
			if high < 0 || low < 0 || high+low == 0 {
				return "", false
			}
			c = byte(high<<4 | low)
			i += 2
		}
		out = append(out, c)
	}
	return string(out), true
}

// hexDigit is the value of a hexadecimal digit, -1 for all else.
func hexDigit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c && c <= 'f':
		return int(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return int(c-'A') + 10
	default:
		return -1
	}
}

// resolveDots drops "." segments, and empty ones unless they are to be kept, and
// applies "..". The last segment leaves its slash when it is one of these. It fails
// above the root.
func resolveDots(path string, keepEmpty bool) (string, bool) {
	var kept []string
	segments := strings.Split(path[1:], "/")
	for i, segment := range segments {
		last := i == len(segments)-1
		switch segment {
		case "":
			if keepEmpty && !last {
				kept = append(kept, "")
			}
		case ".":
		case "..":
			if len(kept) == 0 {
				return "", false
			}
			kept = kept[:len(kept)-1]
		default:
			kept = append(kept, segment)
			continue
		}
		if last {
			kept = append(kept, "")
		}
	}
	return "/" + strings.Join(kept, "/"), true
}
