package plugin

import (
	"strconv"

	"snippet2wasm.internal/plugin/runtime/internal/dispatch"
	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/jsontext"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// rulesKey is the part of the configuration that holds other configurations for
// some requests: Higress makes it of a WasmPlugin's matchRules.
const rulesKey = "_rules_"

// Program is the plugin that has this one unit. It is for the runtime itself.
func (u Unit) Program() *engine.Program {
	return &engine.Program{
		Name: u.name,
		Configure: func(raw []byte) (any, []string, error) {
			configured, err := u.read(string(raw))
			return configured, nil, err
		},
		Start: func(s *engine.Stream, config any) {
			configured := config.(*single)
			runAll(s, append([]*place{configured.global}, configured.places...))
		},
		Begin: func(s *engine.Stream, config any) []engine.Phase {
			r := ngx.NewRequest(s)
			return config.(*single).choose(s, r).begin(s, r)
		},
		ReadsBody: u.readsBody,
		Responds:  u.responds(),
		Redis:     u.redis,
		HTTP:      u.http,
	}
}

// single is a configuration of a plugin with one unit.
type single struct {
	global *place // nil when rules alone say where the unit acts
	rules  *dispatch.Rules
	places []*place // by rule
	seen   attributes
}

// choose is the place for a request, nil when there is none.
func (c *single) choose(s *engine.Stream, r *ngx.Request) *place {
	if c.rules != nil {
		if i := c.rules.Find(&facts{s, r, &c.seen}); i != dispatch.None {
			return c.places[i]
		}
	}
	return c.global
}

// read reads a configuration.
func (u *Unit) read(text string) (*single, error) {
	c, err := newConfiguration(text)
	if err != nil {
		return nil, err
	}
	configured, known := &single{}, equals{}
	list, _ := c.list(rulesKey)
	_, ruled := c.object.Members[rulesKey] // null is no configuration for all requests
	if !ruled || len(c.object.Keys) > 1 {
		configured.global = u.counted(u.place(c, known))
	}
	if len(list) > 0 {
		configured.readRules(c, u, list, known)
	} else if ruled && len(c.problems) == 0 && configured.global == nil {
		c.problem(rulesKey, "there is neither a rule nor a configuration for all requests")
	}
	return configured, c.err()
}

// counted gives a place of the plugin its counters.
func (u *Unit) counted(p *place) *place {
	p.Requests.Name = counterName(u.name, "requests")
	p.Failures.Name = counterName(u.name, "failures")
	return p
}

// readRules reads the rules, each a condition and a configuration.
func (c *single) readRules(in *Configuration, u *Unit, list []any, known equals) {
	var rules []dispatch.Rule
	for i, item := range list {
		path := rulesKey + "[" + strconv.Itoa(i) + "]"
		object, ok := item.(*jsontext.Object)
		if !ok {
			in.problem(path, "expected an object, got "+jsontext.Kind(item))
			continue
		}
		ruled := configurationOf(object)
		rule := dispatch.Rule{
			Routes:        ruled.names("_match_route_"),
			Hosts:         ruled.names("_match_domain_"),
			Services:      ruled.names("_match_service_"),
			RoutePrefixes: ruled.names("_match_route_prefix_"),
			Consumers:     ruled.names("_match_consumer_"),
		}
		if rule.Empty() {
			in.problem(path, "one of _match_route_, _match_domain_, _match_service_ and _match_route_prefix_ must name something")
		}
		rules = append(rules, rule)
		c.places = append(c.places, u.counted(u.place(ruled, known)))
		in.take(path, ruled)
	}
	c.rules = dispatch.NewRules(rules)
}
