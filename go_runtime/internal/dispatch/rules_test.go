package dispatch

import (
	"math/rand"
	"strings"
	"testing"
)

func TestRules(t *testing.T) {
	rules := NewRules([]Rule{
		{Routes: []string{"a", "b"}, Hosts: []string{"ignored.example"}},               // 0
		{Hosts: []string{"*.example.com", "www.*", "exact"}, Services: []string{"no"}}, // 1
		{Routes: []string{"c"}, Services: []string{"s.dns:80", "t.dns"}},               // 2
		{Routes: []string{"c", "a"}},                                                   // 3
		{Services: []string{"s.dns:80", "u.dns"}, RoutePrefixes: []string{"no"}},       // 4
		{RoutePrefixes: []string{"p-", "q-"}},                                          // 5
		{RoutePrefixes: []string{"v-"}, Consumers: []string{"alice"}},                  // 6
		{Hosts: []string{"late.example.com", "late"}},                                  // 7
	})
	for _, check := range []struct {
		request request
		want    int
	}{
		{request{route: "a"}, 0},
		{request{route: "b", host: "www.x"}, 0},
		{request{host: "ignored.example"}, None},
		{request{host: "x.example.com"}, 1},
		{request{host: "example.com"}, None},
		{request{host: ".example.com:8080"}, 1},
		{request{host: "www."}, 1},
		{request{host: "WWW.x"}, None},
		{request{host: "exact:80"}, 1},
		{request{host: "[::1]:80"}, None},
		{request{host: "late.example.com"}, 1},
		{request{host: "late"}, 7},
		{request{route: "c"}, 3},
		{request{route: "c", cluster: "outbound|80||s.dns"}, 2},
		{request{route: "c", cluster: "outbound|81||s.dns"}, 3},
		{request{route: "c", cluster: "outbound|81||t.dns"}, 2},
		{request{cluster: "outbound|80||s.dns"}, 4},
		{request{cluster: "outbound|81||s.dns"}, None},
		{request{cluster: "outbound|81|v1|u.dns"}, 4},
		{request{cluster: "u.dns"}, None},
		{request{cluster: "outbound|80||u.dns|"}, None},
		{request{route: "no"}, None},
		{request{route: "q-1"}, 5},
		{request{route: "v-1"}, None},
		{request{route: "v-1", consumer: "alice"}, 6},
		{request{route: "v-1", consumer: "bob"}, None},
	} {
		asked := check.request
		if got := rules.Find(&asked); got != check.want {
			t.Errorf("%+v: %d, want %d", check.request, got, check.want)
		}
	}
}

func TestRulesAskForWhatTheyNeed(t *testing.T) {
	for asked, rule := range map[string]Rule{
		"r":  {Routes: []string{"a"}},
		"cr": {Routes: []string{"a"}, Services: []string{"s"}},
		"a":  {Hosts: []string{"*.a"}, Services: []string{"s"}},
		"c":  {Services: []string{"s"}},
	} {
		r := request{}
		if NewRules([]Rule{rule}).Find(&r); r.asked != asked {
			t.Errorf("%+v asks for %q, want %q", rule, r.asked, asked)
		}
	}
}

// scan is the meaning of _rules_, rule by rule.
func scan(rules []Rule, r *request) int {
	host := withoutPort(r.host)
	for i, rule := range rules {
		met := false
		switch {
		case len(rule.Routes) > 0:
			met = has(rule.Routes, r.route) && (len(rule.Services) == 0 || serves(rule.Services, r.cluster))
		case len(rule.Hosts) > 0:
			for _, pattern := range rule.Hosts {
				before, found := strings.CutSuffix(pattern, "*")
				after, ends := strings.CutPrefix(pattern, "*")
				met = met || ends && strings.HasSuffix(host, after) || !ends && found && strings.HasPrefix(host, before) || host == pattern
			}
		case len(rule.Services) > 0:
			met = serves(rule.Services, r.cluster)
		default:
			for _, prefix := range rule.RoutePrefixes {
				met = met || strings.HasPrefix(r.route, prefix) && (len(rule.Consumers) == 0 || has(rule.Consumers, r.consumer))
			}
		}
		if met {
			return i
		}
	}
	return None
}

func has(list []string, wanted string) bool {
	for _, item := range list {
		if item == wanted {
			return true
		}
	}
	return false
}

func serves(services []string, cluster string) bool {
	parts := strings.Split(cluster, "|")
	return len(parts) == 4 && (has(services, parts[3]) || has(services, parts[3]+":"+parts[1]))
}

func TestRulesLikeAScan(t *testing.T) {
	source := rand.New(rand.NewSource(1))
	some := func(from ...string) []string {
		var chosen []string
		for _, item := range from {
			if source.Intn(4) == 0 {
				chosen = append(chosen, item)
			}
		}
		return chosen
	}
	one := func(from ...string) string { return from[source.Intn(len(from))] }
	for range 2000 {
		var rules []Rule
		for range source.Intn(6) {
			rule := Rule{
				Routes: some("a", "ab", "b"), Hosts: some("x.y", "*.y", "x.*", "*"), Services: some("s:1", "s", "t:2"),
				RoutePrefixes: some("a", "b"), Consumers: some("u", "v"),
			}
			if !rule.Empty() {
				rules = append(rules, rule)
			}
		}
		fast := NewRules(rules)
		for range 20 {
			r := &request{
				route: one("a", "ab", "abc", "b", ""), host: one("x.y", "x.y:1", "q.y", "x.z", "y", ""),
				cluster: one("o|1||s", "o|2||s", "o|2||t", "o|1||t", "s", ""), consumer: one("u", "w", ""),
			}
			if got, want := fast.Find(r), scan(rules, r); got != want {
				t.Fatalf("%+v of %+v: %d, want %d", r, rules, got, want)
			}
		}
	}
}
