// Package dispatch finds the place in a plugin's configuration that is meant for
// a request.
package dispatch

import (
	"errors"
	"sort"
	"strings"
)

// None is the place of a request that no place is meant for.
const None = -1

// Request is what a Table looks at.
type Request interface {
	// Route is the name of the gateway's route, "" when it has none.
	Route() string
	// Host is the host in lower case, without a port.
	Host() string
	// Path is the normalised path. It is not ok when nginx answers with 400.
	Path() (path string, ok bool)
}

// Match says which requests a place is for: those of a route of the gateway, of a
// host and of a location; what is absent is all of them.
type Match struct {
	// Route is the route's whole name.
	Route string
	// Host is a name, or "*.NAME" for all names that end so.
	Host string
	// Location is written as in nginx: "/prefix", "^~ /prefix" or "= /path".
	Location string
}

// Table has the places by what they are for. The matches with the request's route
// go before those without a route, which count when none of the former is met. Of
// the hosts, as of nginx's servers, an exact name goes before the longest wildcard
// and that before all hosts; the locations of that one host count, an exact one
// before the longest prefix.
type Table struct {
	routes map[string]*hosts
	rest   *hosts
}

// hosts has the places of one route, or of all requests.
type hosts struct {
	exact     map[string]*paths
	wildcards map[string]*paths // by what follows the "*."
	others    *paths
}

// paths has the places of one host.
type paths struct {
	exact    map[string]int
	prefixes []prefix // sorted by text
	whole    int      // for all other paths, or None

	entered map[string]int // the places of prefixes, until the table is sealed
}

// prefix is a place for the paths that begin with text. shorter is the index of
// the longest other prefix that text begins with, or None.
type prefix struct {
	text    string
	place   int
	shorter int
}

// NewTable makes an empty table.
func NewTable() *Table {
	return &Table{routes: map[string]*hosts{}, rest: newHosts()}
}

func newHosts() *hosts {
	return &hosts{exact: map[string]*paths{}, wildcards: map[string]*paths{}}
}

// Add enters a place. It reports the place that has the same match already, None
// when there is none, and refuses a match that is none.
func (t *Table) Add(m Match, place int) (taken int, err error) {
	if m.Route == "" && m.Host == "" && m.Location == "" {
		return None, errors.New("it names neither a route nor a host nor a location")
	}
	of := t.rest
	if m.Route != "" {
		if t.routes[m.Route] == nil {
			t.routes[m.Route] = newHosts()
		}
		of = t.routes[m.Route]
	}
	at, err := of.host(m.Host)
	if err != nil {
		return None, err
	}
	return at.add(m.Location, place)
}

// claim puts a place under a key and reports the place that has it already.
func claim(places map[string]int, key string, place int) (taken int) {
	if taken, found := places[key]; found {
		return taken
	}
	places[key] = place
	return None
}

// host is the part for a host or wildcard, or for "".
func (h *hosts) host(name string) (*paths, error) {
	if name == "" {
		if h.others == nil {
			h.others = newPaths()
		}
		return h.others, nil
	}
	key, hosts := strings.ToLower(name), h.exact
	if rest, ok := strings.CutPrefix(key, "*."); ok {
		key, hosts = rest, h.wildcards
	}
	port := strings.Contains(key, ":") && !strings.HasPrefix(key, "[")
	if key == "" || port || strings.ContainsAny(key, "*/ ") || strings.HasPrefix(key, ".") || strings.HasSuffix(key, ".") {
		return nil, errors.New("a host is a name without a port, or *.NAME")
	}
	if hosts[key] == nil {
		hosts[key] = newPaths()
	}
	return hosts[key], nil
}

func newPaths() *paths {
	return &paths{exact: map[string]int{}, whole: None, entered: map[string]int{}}
}

// add enters a place under a location.
func (p *paths) add(location string, place int) (taken int, err error) {
	if location == "" {
		if p.whole != None {
			return p.whole, nil
		}
		p.whole = place
		return None, nil
	}
	path, exact, err := ParseLocation(location)
	if err != nil {
		return None, err
	}
	if exact {
		return claim(p.exact, path, place), nil
	}
	if taken = claim(p.entered, path, place); taken == None {
		p.prefixes = append(p.prefixes, prefix{path, place, None})
	}
	return taken, nil
}

// ParseLocation reads "/prefix", "^~ /prefix" or "= /path".
func ParseLocation(location string) (path string, exact bool, err error) {
	path, exact = strings.CutPrefix(location, "=")
	if !exact {
		path = strings.TrimPrefix(path, "^~")
	}
	if strings.HasPrefix(location, "~") {
		return "", false, errors.New("locations with a regular expression are not known; write a prefix")
	}
	path = strings.TrimLeft(path, " ")
	if !strings.HasPrefix(path, "/") {
		return "", false, errors.New(`a location is "/prefix", "^~ /prefix" or "= /path"`)
	}
	return path, exact, nil
}

// Seal makes the table ready for Find.
func (t *Table) Seal() {
	for _, of := range t.routes {
		of.seal()
	}
	t.rest.seal()
}

func (h *hosts) seal() {
	for _, hosts := range []map[string]*paths{h.exact, h.wildcards} {
		for _, p := range hosts {
			p.seal()
		}
	}
	if h.others != nil {
		h.others.seal()
	}
}

// seal sorts the prefixes and links each to the longest one that it begins with.
func (p *paths) seal() {
	p.entered = nil
	sort.Slice(p.prefixes, func(i, j int) bool { return p.prefixes[i].text < p.prefixes[j].text })
	for i := range p.prefixes {
		p.prefixes[i].shorter = p.covering(i-1, p.prefixes[i].text)
	}
}

// covering follows the chain of ever shorter prefixes from index i to the first
// that path begins with; None when there is none.
func (p *paths) covering(i int, path string) int {
	for i != None && !strings.HasPrefix(path, p.prefixes[i].text) {
		i = p.prefixes[i].shorter
	}
	return i
}

// Find is the place for a request, None when there is none. It is not valid when
// nginx, before it looks for a location, answers with 400.
func (t *Table) Find(r Request) (place int, valid bool) {
	if len(t.routes) > 0 {
		if of := t.routes[r.Route()]; of != nil {
			if place, valid = of.find(r); place != None || !valid {
				return place, valid
			}
		}
	}
	return t.rest.find(r)
}

// find is the place for a request of this route.
func (h *hosts) find(r Request) (place int, valid bool) {
	p := h.others
	if len(h.exact) > 0 || len(h.wildcards) > 0 {
		p = h.forHost(r.Host())
	}
	if p == nil {
		return None, true
	}
	return p.find(r)
}

// forHost is the part for a host, nil when there is none.
func (h *hosts) forHost(host string) *paths {
	if p := h.exact[host]; p != nil {
		return p
	}
	if len(h.wildcards) > 0 {
		for rest := host; ; {
			dot := strings.IndexByte(rest, '.')
			if dot < 0 {
				break
			}
			rest = rest[dot+1:]
			if p := h.wildcards[rest]; p != nil {
				return p
			}
		}
	}
	return h.others
}

// find is the place for a request to this host.
func (p *paths) find(r Request) (place int, valid bool) {
	if len(p.exact) == 0 && len(p.prefixes) == 0 {
		return p.whole, true
	}
	path, ok := r.Path()
	if !ok {
		return None, false
	}
	if place, found := p.exact[path]; found {
		return place, true
	}
	// The last prefix that is not behind path in the order: the longest that path
	// begins with is this one, or one that this one begins with.
	last, end := 0, len(p.prefixes)
	for last < end {
		if middle := (last + end) / 2; p.prefixes[middle].text <= path {
			last = middle + 1
		} else {
			end = middle
		}
	}
	if i := p.covering(last-1, path); i != None {
		return p.prefixes[i].place, true
	}
	return p.whole, true
}
