package plugin

import (
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/dispatch"
	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/jsontext"
	"snippet2wasm.internal/plugin/runtime/internal/sdkhost"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// unitsKey is the configuration of a bundle: the list of its places.
const unitsKey = "units"

// RegisterBundle makes a plugin of several units the plugin of this module; its
// configuration says where each acts. It is called once, by an init function of
// package main.
func RegisterBundle(name string, units ...Unit) {
	sdkhost.Register(bundleProgram(name, units))
}

// bundleProgram is the plugin that has these units.
func bundleProgram(name string, units []Unit) *engine.Program {
	b := &bundle{names: make([]string, len(units)), units: make(map[string]*Unit, len(units))}
	program := &engine.Program{Name: name, Configure: b.configure, Start: startBundle, Begin: beginBundle}
	for i := range units {
		unit := &units[i]
		b.names[i] = unit.name
		if b.units[unit.name] != nil {
			panic("two units of the bundle have the name " + unit.name)
		}
		b.units[unit.name] = unit
		program.ReadsBody = program.ReadsBody || unit.readsBody
		program.Responds = program.Responds || unit.responds()
		if unit.redis != nil {
			program.Redis = unit.redis
		}
		if unit.http != nil {
			program.HTTP = unit.http
		}
	}
	return program
}

// bundle is the units of a plugin, by name.
type bundle struct {
	names []string
	units map[string]*Unit
}

// places is a configuration of a bundle.
type places struct {
	table *dispatch.Table
	list  []*place
	seen  attributes
}

// beginBundle chooses the place for a request; see engine.Program.
func beginBundle(s *engine.Stream, config any) []engine.Phase {
	r, configured := ngx.NewRequest(s), config.(*places)
	i, valid := configured.table.Find(&facts{s, r, &configured.seen})
	switch {
	case !valid:
		refuse(s)
		return nil
	case i == dispatch.None:
		return nil
	}
	return configured.list[i].begin(s, r)
}

// startBundle runs what the units run when the configuration is read.
func startBundle(s *engine.Stream, config any) {
	runAll(s, config.(*places).list)
}

// configure reads a configuration; see engine.Program.
func (b *bundle) configure(raw []byte) (any, []string, error) {
	c, err := newConfiguration(string(raw))
	if err != nil {
		return nil, nil, err
	}
	list, _ := required[[]any](c, unitsKey, "an array: where each unit acts")
	reader := &placeReader{bundle: b, in: c, found: &places{table: dispatch.NewTable()}, taken: map[string]bool{}, known: equals{}}
	for i, item := range list {
		reader.read(unitsKey+"["+strconv.Itoa(i)+"]", item)
	}
	reader.found.table.Seal()
	var notes []string
	if len(reader.idle) > 0 {
		notes = []string{"no match, so no request, for: " + strings.Join(reader.idle, ", ")}
	}
	return reader.found, notes, c.err()
}

// placeReader reads the places of a bundle's configuration.
type placeReader struct {
	*bundle
	in    *Configuration
	found *places
	names []string        // of the places, as in found.list
	taken map[string]bool // names that are in use
	known equals
	idle  []string // names of the places that match nothing
}

// read reads one place; path is where it stands.
func (p *placeReader) read(path string, item any) {
	object, ok := item.(*jsontext.Object)
	if !ok {
		p.in.problem(path, "expected an object, got "+jsontext.Kind(item))
		return
	}
	c := configurationOf(object)
	name := c.String("name")
	if name != "" {
		path = path + " " + name
	}
	if name != "" && !isPlaceName(name) {
		c.problem("name", "expected letters, digits, and - _ . / : at most 200")
	}
	if name != "" && p.taken[name] {
		c.problem("name", "is another's already")
	}
	p.taken[name] = true
	unit := p.unit(c, c.OptString("unit").Or(name))
	off, _ := optional[bool](c, "disabled", "a boolean")
	matches, _ := c.list("match")
	settings, given := optional[*jsontext.Object](c, "config", "an object")
	if !given {
		settings = &jsontext.Object{}
	}
	placed := &place{off: true}
	if unit != nil && !off {
		inner := configurationOf(settings)
		placed = unit.place(inner, p.known)
		c.take("config", inner)
	}
	placed.Prefix = name + ": "
	placed.Requests.Name = counterName(name, "requests")
	placed.Failures.Name = counterName(name, "failures")
	p.match(c, name, matches, placed)
	p.found.list = append(p.found.list, placed)
	p.names = append(p.names, name)
	p.in.take(path, c)
}

// unit is the unit of that name, nil (and a problem noted) when there is none.
func (p *placeReader) unit(c *Configuration, name string) *Unit {
	unit := p.units[name]
	if unit == nil && name != "" {
		const shown = 20
		known := strings.Join(p.bundle.names[:min(shown, len(p.bundle.names))], ", ")
		if len(p.bundle.names) > shown {
			known += ", …"
		}
		c.problem("unit", "there is no unit "+strconv.Quote(name)+" in this plugin, but "+known)
	}
	return unit
}

// match enters a place into the table, once for each of its matches.
func (p *placeReader) match(c *Configuration, name string, matches []any, placed *place) {
	if len(matches) == 0 && !placed.off {
		p.idle = append(p.idle, name)
	}
	for i, item := range matches {
		path := "match[" + strconv.Itoa(i) + "]"
		object, ok := item.(*jsontext.Object)
		if !ok {
			c.problem(path, "expected an object, got "+jsontext.Kind(item))
			continue
		}
		one := configurationOf(object)
		match := dispatch.Match{
			Route:    one.OptString("route").Or(""),
			Host:     one.OptString("host").Or(""),
			Location: one.OptString("location").Or(""),
		}
		if len(one.problems) == 0 {
			taken, err := p.found.table.Add(match, len(p.found.list))
			switch {
			case err != nil:
				c.problem(path, err.Error())
			case taken == len(p.found.list):
				c.problem(path, "stands there twice")
			case taken != dispatch.None:
				c.problem(path, strconv.Quote(p.names[taken])+" has the same match")
			case match.Location != "" && !placed.off && !meets(match.Location, placed.unit.location):
				c.problem(path, "lies outside of the unit's own location, so that no request would meet both")
			}
		}
		c.take(path, one)
	}
}

// meets reports whether some path is in both a valid location of a match and the
// location of a unit.
func meets(location string, own ngx.Location) bool {
	path, exact, _ := dispatch.ParseLocation(location)
	if exact {
		return own.Meets(ngx.ExactLocation(path))
	}
	return own.Meets(ngx.PrefixLocation(path))
}

// isPlaceName reports whether a name can stand in log lines and counters.
func isPlaceName(name string) bool {
	for i := 0; i < len(name); i++ {
		c := name[i]
		letter := 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9'
		if !letter && strings.IndexByte("-_./", c) < 0 {
			return false
		}
	}
	return name != "" && len(name) <= 200
}

// counterName is the name of a counter in the gateway's statistics.
func counterName(unit, what string) string { return "snippet2wasm.unit." + unit + "." + what }
