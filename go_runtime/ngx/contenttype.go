package ngx

import "strings"

// contentTypes is what default_type and types say where the request is.
type contentTypes struct {
	lines      []string // of types: a type and the extensions that have it
	own        bool     // lines were set, if only to nothing
	byDefault  string   // of default_type
	hasDefault bool
}

// DefaultType is `default_type type;`: the Content-Type of an answer for whose URI
// types has none. "" is no Content-Type.
func (r *Request) DefaultType(mimeType string) {
	r.types.byDefault, r.types.hasDefault = mimeType, true
}

// Types is `types { … }`, a text for each line: a type, a colon and the extensions
// that have it. They take the place of all types of outer levels.
func (r *Request) Types(lines ...string) { r.types.lines, r.types.own = lines, true }

// typeOfURI is the Content-Type that nginx gives an answer of its own: that of the
// extension of $uri, else the default one.
func (r *Request) typeOfURI() string {
	lines := standardTypes
	if r.types.own {
		lines = r.types.lines
	}
	if extension := extensionOf(r.URI()); extension != "" {
		if found, ok := typeOf(extension, lines); ok {
			return found
		}
	}
	if r.types.hasDefault {
		return r.types.byDefault
	}
	return defaultType
}

// typeOf looks an extension up, whose case does not matter. Of several lines with
// it the last one counts.
func typeOf(extension string, lines []string) (mimeType string, ok bool) {
	for _, line := range lines {
		colon := strings.LastIndex(line, ": ")
		name, rest := line[:colon], line[colon+2:]
		for rest != "" {
			var other string
			if other, rest, _ = strings.Cut(rest, " "); equalFold(other, extension) {
				mimeType, ok = name, true
			}
		}
	}
	return mimeType, ok
}

// extensionOf is what follows the last dot of a path's last segment: "" where there
// is none, or where it begins the segment.
func extensionOf(path string) string {
	for i := len(path) - 1; i > 1; i-- {
		switch {
		case path[i] == '/':
			return ""
		case path[i] == '.' && path[i-1] != '/':
			return path[i+1:]
		}
	}
	return ""
}
