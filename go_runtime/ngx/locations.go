package ngx

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// Locations are the locations of a server, from which each request gets one by
// nginx's rules: an exact one; else the longest prefix, and one inside of that; else,
// unless that prefix is a final one or an inner location has settled it, the first
// regular expression that matches, and one inside of that; else the prefix.
type Locations struct {
	prefixes []placed // the exact ones, too
	patterns []placed
	named    []placed
}

// placed is a location, the level of the configuration that it is, and that of the
// location around it: 0 for the server.
type placed struct {
	Location
	level, within int
}

// Add takes in a location that is a level, inside of the location of another one; 0
// is the server.
func (l *Locations) Add(location Location, level, within int) {
	if location.named {
		l.named = append(l.named, placed{location, level, within})
		return
	}
	if location.pattern != nil {
		l.patterns = append(l.patterns, placed{location, level, within})
		return
	}
	l.prefixes = append(l.prefixes, placed{location, level, within})
}

// Find is the level of the location of a request; that of its server if it is in none.
// It is not found if the request wants a named one that is not there.
func (l *Locations) Find(r *Request) (level int, found bool) {
	if r.named == "" {
		level, _ = l.find(r, r.URI(), r.server)
		return level, true
	}
	for i := range l.named {
		if l.named[i].path == r.named && l.named[i].within == r.server {
			r.named = ""
			return l.named[i].level, true
		}
	}
	return r.server, false
}

// find is the level of the location inside of another one, or that one. Settled says
// that no regular expression of the levels around is tried.
func (l *Locations) find(r *Request, uri string, within int) (level int, settled bool) {
	var best, longer *placed
	for i := range l.prefixes {
		each := &l.prefixes[i]
		switch {
		case each.within != within:
		case each.exact && each.path == uri:
			return each.level, true
		case !each.exact && strings.HasPrefix(uri, each.path) && (best == nil || len(each.path) > len(best.path)):
			best = each
		case each.proxied && len(uri)+1 == len(each.path) && strings.HasPrefix(each.path, uri):
			longer = each
		}
	}
	if longer != nil && (best == nil || len(best.path) < len(uri)) {
		r.slash = longer.path
		return longer.level, true
	}
	level = within
	if best != nil {
		if level, settled = l.find(r, uri, best.level); settled {
			return level, true
		}
	}
	if best == nil || !best.final {
		for i := range l.patterns {
			if each := &l.patterns[i]; each.within == within && each.pattern(r, uri) {
				level, _ = l.find(r, uri, each.level)
				return level, true
			}
		}
	}
	return level, false
}

// RedirectsToSlash answers a request whose location wants a slash behind its
// path, if this is one. It is for the runtime itself.
func (r *Request) RedirectsToSlash() {
	uri := r.slash
	if r.slash = ""; uri == "" {
		return
	}
	uri = escapeTarget(uri)
	if args := r.locate().args; args != "" {
		uri += "?" + args
	}
	r.redirectTo(HTTP_MOVED_PERMANENTLY, uri)
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

// serverSettings is what a server says of answers, before a location has said more.
type serverSettings struct {
	types       contentTypes
	redirection redirection
}

// Arrive begins the search for the location of the request. It is not ok when nginx
// answers the request with 400. It is for the runtime itself.
func (r *Request) Arrive() (ok bool) {
	r.moved, r.apart = false, false
	if r.ofServer == nil {
		r.ofServer = &serverSettings{r.types, r.redirection}
	} else { // what another location said does not count here
		r.types, r.redirection = r.ofServer.types, r.ofServer.redirection
		r.stream.LimitBody(0)
	}
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
