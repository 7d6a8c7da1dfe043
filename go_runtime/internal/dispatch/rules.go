package dispatch

import "strings"

// RuleRequest is what Rules look at.
type RuleRequest interface {
	// Route is the name of the gateway's route, "" when it has none.
	Route() string
	// Cluster is the name of the gateway's cluster, "" when it has none.
	Cluster() string
	// Authority is the host as it was sent, with its port.
	Authority() string
	// Consumer is who an authentication plugin says the client is.
	Consumer() string
}

// Rule is a condition of Higress's _rules_. Of its lists one kind counts: routes
// (and, if there are any, services, too), or else hosts, or else services, or
// else route prefixes (and consumers).
type Rule struct {
	Routes, Hosts, Services, RoutePrefixes, Consumers []string
}

// Empty reports whether the rule has no condition.
func (r *Rule) Empty() bool {
	return len(r.Routes)+len(r.Hosts)+len(r.Services)+len(r.RoutePrefixes) == 0
}

// Rules finds the first of a list of rules that a request meets, as Higress's
// wasm-go does, but without looking at every rule.
type Rules struct {
	count    int
	routes   map[string][]routeRule
	hosts    map[string]int
	patterns []hostPattern
	services map[service]int
	prefixes []prefixRule

	asksServices bool // some rule has services that count
}

// routeRule is a rule for a route, and if it has services, for these only.
type routeRule struct {
	rule     int
	services map[service]bool
}

// hostPattern is a rule for hosts that begin, or end, with a text.
type hostPattern struct {
	rule int
	text string
	end  bool
}

// prefixRule is a rule for routes whose names begin with a prefix, and if it has
// consumers, for these only.
type prefixRule struct {
	rule      int
	prefix    string
	consumers []string
}

// service is a service of a cluster; without a port, on all ports.
type service struct{ name, port string }

// NewRules prepares a list of rules, none of them empty.
func NewRules(list []Rule) *Rules {
	rules := &Rules{
		count: len(list), routes: map[string][]routeRule{}, hosts: map[string]int{}, services: map[service]int{},
	}
	for i, rule := range list {
		switch {
		case len(rule.Routes) > 0:
			rules.addRoutes(i, rule)
		case len(rule.Hosts) > 0:
			rules.addHosts(i, rule.Hosts)
		case len(rule.Services) > 0:
			rules.asksServices = true
			for named := range servicesOf(rule.Services) {
				if _, found := rules.services[named]; !found {
					rules.services[named] = i
				}
			}
		default:
			for _, prefix := range rule.RoutePrefixes {
				rules.prefixes = append(rules.prefixes, prefixRule{i, prefix, rule.Consumers})
			}
		}
	}
	return rules
}

func (rules *Rules) addRoutes(i int, rule Rule) {
	added := routeRule{rule: i, services: servicesOf(rule.Services)}
	rules.asksServices = rules.asksServices || added.services != nil
	for _, route := range rule.Routes {
		rules.routes[route] = append(rules.routes[route], added)
	}
}

func (rules *Rules) addHosts(i int, hosts []string) {
	for _, host := range hosts {
		if text, ok := strings.CutPrefix(host, "*"); ok {
			rules.patterns = append(rules.patterns, hostPattern{i, text, true})
		} else if text, ok := strings.CutSuffix(host, "*"); ok {
			rules.patterns = append(rules.patterns, hostPattern{i, text, false})
		} else if _, found := rules.hosts[host]; !found {
			rules.hosts[host] = i
		}
	}
}

// servicesOf reads NAME and NAME:PORT.
func servicesOf(names []string) map[service]bool {
	if len(names) == 0 {
		return nil
	}
	found := map[service]bool{}
	for _, name := range names {
		found[service{name: name}] = true
		if colon := strings.LastIndexByte(name, ':'); colon >= 0 {
			found[service{name[:colon], name[colon+1:]}] = true
		}
	}
	return found
}

// Find is the index of the first rule that the request meets, None if it meets
// none.
func (rules *Rules) Find(r RuleRequest) int {
	best := rules.count
	named := service{}
	if rules.asksServices {
		named = clusterService(r.Cluster())
	}
	if len(rules.routes) > 0 {
		for _, candidate := range rules.routes[r.Route()] {
			if candidate.services == nil || candidate.services[service{name: named.name}] || candidate.services[named] {
				best = candidate.rule
				break
			}
		}
	}
	for _, key := range [...]service{{name: named.name}, named} {
		if i, found := rules.services[key]; found {
			best = min(best, i)
		}
	}
	best = rules.findPrefix(r, rules.findHost(r, best))
	if best == rules.count {
		return None
	}
	return best
}

// findHost is the first rule for the request's host, if it comes before best.
func (rules *Rules) findHost(r RuleRequest, best int) int {
	if len(rules.hosts) == 0 && len(rules.patterns) == 0 {
		return best
	}
	host := withoutPort(r.Authority())
	if i, found := rules.hosts[host]; found {
		best = min(best, i)
	}
	for _, pattern := range rules.patterns {
		if pattern.rule >= best {
			break
		}
		if pattern.end && strings.HasSuffix(host, pattern.text) || !pattern.end && strings.HasPrefix(host, pattern.text) {
			return pattern.rule
		}
	}
	return best
}

// findPrefix is the first rule for the request's route by a prefix, if it comes
// before best.
func (rules *Rules) findPrefix(r RuleRequest, best int) int {
	for _, candidate := range rules.prefixes {
		if candidate.rule >= best {
			break
		}
		if strings.HasPrefix(r.Route(), candidate.prefix) && candidate.admits(r) {
			return candidate.rule
		}
	}
	return best
}

// admits reports whether the client is one of the consumers, if there are any.
func (p *prefixRule) admits(r RuleRequest) bool {
	if len(p.consumers) == 0 {
		return true
	}
	consumer := r.Consumer()
	for _, admitted := range p.consumers {
		if admitted == consumer {
			return true
		}
	}
	return false
}

// clusterService is the service of a cluster named "outbound|PORT|SUBSET|NAME",
// none for other names.
func clusterService(cluster string) service {
	_, rest, first := strings.Cut(cluster, "|")
	port, rest, second := strings.Cut(rest, "|")
	_, name, third := strings.Cut(rest, "|")
	if !first || !second || !third || strings.IndexByte(name, '|') >= 0 {
		return service{}
	}
	return service{name, port}
}

// withoutPort takes the port off a host.
func withoutPort(authority string) string {
	colon := strings.LastIndexByte(authority, ':')
	if colon < 0 || colon < strings.LastIndexByte(authority, ']') {
		return authority
	}
	return authority[:colon]
}
