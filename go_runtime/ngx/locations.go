package ngx

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// Locations are the locations of a server, from which each request gets one by
// nginx's rules: an exact one; else the longest prefix, if that is a final one; else
// the first regular expression that matches; else the longest prefix.
type Locations struct {
	prefixes []placed // the exact ones, too
	patterns []placed
}

// placed is a location and the level of the configuration that it is.
type placed struct {
	Location
	level int
}

// Add takes in a location.
func (l *Locations) Add(location Location, level int) {
	if location.pattern != nil {
		l.patterns = append(l.patterns, placed{location, level})
		return
	}
	l.prefixes = append(l.prefixes, placed{location, level})
}

// Find is the level of the location of a request, if it is in one.
func (l *Locations) Find(r *Request) (level int, ok bool) {
	uri := r.URI()
	var best *placed
	for i := range l.prefixes {
		each := &l.prefixes[i]
		switch {
		case each.exact && each.path == uri:
			return each.level, true
		case !each.exact && strings.HasPrefix(uri, each.path) && (best == nil || len(each.path) > len(best.path)):
			best = each
		}
	}
	if best == nil || !best.final {
		for i := range l.patterns {
			if each := &l.patterns[i]; each.pattern(r, uri) {
				return each.level, true
			}
		}
	}
	if best == nil {
		return 0, false
	}
	return best.level, true
}

// Enter takes the request to a level of the configuration: an if in its location
// that holds.
func (r *Request) Enter(level int) { r.stream.Level = level }

// At reports whether the request is at one of some levels of the configuration.
func (r *Request) At(levels ...int) bool {
	for _, level := range levels {
		if r.stream.Level == level {
			return true
		}
	}
	return false
}

// Arrive begins the search for the location of the request. It is not ok when nginx
// answers the request with 400. It is for the runtime itself.
func (r *Request) Arrive() (ok bool) {
	r.moved = false
	return !r.locate().invalid
}

// Relocate looks for the location of a request that has another path, after the
// directives of its level have run. It is for the runtime itself.
func (r *Request) Relocate() {
	if !r.moved {
		return
	}
	r.moved = false
	if !r.stream.Jump(engine.FindLocation) {
		r.stream.Log(host.Error, "rewrite or internal redirection cycle while processing \""+r.URI()+"\"")
		r.stream.Exit(HTTP_INTERNAL_SERVER_ERROR)
	}
}
