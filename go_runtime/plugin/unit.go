package plugin

import (
	"sort"
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// Unit is a Definition without the type of its configuration: what a bundle is
// made of.
type Unit struct {
	name      string
	location  ngx.Location
	phases    []engine.Phase
	configure func(*Configuration) any
	readsBody bool
	start     func(s *engine.Stream, config any)
	redis     transport.Redis
	http      transport.Clusters
}

// Unit returns d for a bundle.
func (d Definition[C]) Unit() Unit {
	unit := Unit{name: d.Name, location: d.Location, readsBody: d.ReadsBody, redis: d.Redis, http: d.HTTP, configure: func(c *Configuration) any {
		if d.Parse == nil {
			return new(C)
		}
		return d.Parse(c)
	}}
	if d.Start != nil {
		unit.start = func(s *engine.Stream, config any) {
			r := ngx.NewRequest(s)
			lua.Run(r, func() { d.Start(r, config.(*C)) })
		}
	}
	unit.phases = d.phases()
	return unit
}

// Variant is what may differ between two uses of the same code: Name, Location
// and the names of the chunks, as in Definition; those in the order of the phases
// and levels.
type Variant struct {
	Name     string
	Location ngx.Location
	Chunks   []string
}

// As is the same code from another place of the sources.
func (u Unit) As(v Variant) Unit {
	named := u
	named.name, named.location = v.Name, v.Location
	named.phases = append([]engine.Phase(nil), u.phases...)
	chunks := v.Chunks
	for i := range named.phases {
		if named.phases[i].Chunk != "" && len(chunks) > 0 {
			named.phases[i].Chunk, chunks = chunks[0], chunks[1:]
		}
	}
	return named
}

// responds reports whether the unit has handlers for responses.
func (u *Unit) responds() bool {
	for _, phase := range u.phases {
		if phase.Kind.OfResponse() || phase.Kind == engine.Error {
			return true
		}
	}
	return false
}

// place is where a unit acts, with one configuration of it.
type place struct {
	engine.Place
	unit   *Unit
	config any
	off    bool // it leaves its requests alone
}

// equals has the configurations that were read so far, by what they say: equal
// ones of a unit are one, and so is what lives as long as nginx's Lua VM.
type equals map[string]any

// config returns the configuration that is like the one in c, which is config if
// it is the first.
func (e equals) config(u *Unit, c *Configuration, config any) any {
	parts := []string{strconv.Quote(u.name)}
	keys := append([]string(nil), c.object.Keys...)
	sort.Strings(keys)
	for _, key := range keys {
		switch value := c.object.Members[key].(type) {
		case string:
			parts = append(parts, strconv.Quote(key), strconv.Quote(value))
		case float64:
			parts = append(parts, strconv.Quote(key), strconv.FormatFloat(value, 'g', -1, 64))
		case bool:
			parts = append(parts, strconv.Quote(key), strconv.FormatBool(value))
		} // all else is about the place, not about the code
	}
	text := strings.Join(parts, " ")
	if found, ok := e[text]; ok {
		return found
	}
	e[text] = config
	return config
}

// runAll runs what units run when their configurations are read.
func runAll(s *engine.Stream, places []*place) {
	type start struct {
		unit   *Unit // the hash of config alone is the same for all that have no fields
		config any
	}
	done := map[start]bool{}
	for _, p := range places {
		if p == nil || p.off {
			continue
		}
		if key := (start{p.unit, p.config}); !done[key] {
			done[key] = true
			p.run(s)
		}
	}
}

// place reads a configuration of the unit. What is wrong with it is left as a
// problem in c.
func (u *Unit) place(c *Configuration, known equals) *place {
	p := &place{unit: u}
	if u.redis != nil {
		p.Redis = c.redisServers(u.redis)
	}
	if u.http != nil {
		p.HTTP = c.httpServices(u.http)
	}
	p.config = known.config(u, c, u.configure(c))
	return p
}

// run runs the unit's start in a place; see engine.Program.
func (p *place) run(s *engine.Stream) {
	if p.unit.start != nil {
		s.Place, s.Config = &p.Place, p.config
		p.unit.start(s, p.config)
	}
}

// begin decides whether the handlers of a place run for a request that the
// place was chosen for, if any was.
func (p *place) begin(s *engine.Stream, r *ngx.Request) []engine.Phase {
	if p == nil || p.off {
		return nil
	}
	s.Place, s.Config = &p.Place, p.config
	switch p.unit.location.Match(r) {
	case ngx.Inside:
		s.CountRequest()
		s.ReadsBody = p.unit.readsBody
		return p.unit.phases
	case ngx.Invalid:
		refuse(s)
	}
	return nil
}

// refuse answers a request as nginx does whose target it cannot take.
func refuse(s *engine.Stream) {
	s.Log(host.Info, "client sent invalid request")
	s.Exit(400)
}
