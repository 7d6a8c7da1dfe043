package dispatch

import (
	"strconv"
	"strings"
	"testing"
)

// request is a Request and a RuleRequest, made by hand.
type request struct {
	route, host, path, cluster, consumer string
	invalid                              bool
	asked                                string // what was asked for
}

func (r *request) Route() string {
	r.asked += "r"
	return r.route
}

func (r *request) Host() string {
	r.asked += "h"
	return r.host
}

func (r *request) Path() (string, bool) {
	r.asked += "p"
	return r.path, !r.invalid
}

func (r *request) Cluster() string {
	r.asked += "c"
	return r.cluster
}

func (r *request) Authority() string {
	r.asked += "a"
	return r.host
}

func (r *request) Consumer() string {
	r.asked += "u"
	return r.consumer
}

// tableOf has a place for each match, in order. A match is written "HOST",
// "HOST LOCATION" or "LOCATION", each also behind "@ROUTE" and a space, or
// "@ROUTE" alone.
func tableOf(t *testing.T, matches ...string) *Table {
	t.Helper()
	table := NewTable()
	for i, text := range matches {
		if taken, err := table.Add(matchOf(text), i); err != nil || taken != None {
			t.Fatalf("%q: %v %v", text, taken, err)
		}
	}
	table.Seal()
	return table
}

// matchOf reads the notation of tableOf.
func matchOf(text string) Match {
	if route, ok := strings.CutPrefix(text, "@"); ok {
		route, rest, _ := strings.Cut(route, " ")
		match := Match{}
		if rest != "" {
			match = matchOf(rest)
		}
		match.Route = route
		return match
	}
	if strings.IndexAny(text, "/=^~") == 0 {
		return Match{Location: text}
	}
	host, location, _ := strings.Cut(text, " ")
	return Match{Host: host, Location: location}
}

func TestFind(t *testing.T) {
	table := tableOf(t,
		"@shop/a", "@shop/b", // 0, 1
		"/", "/api", "/api/v2", "= /api", "^~ /static", // 2 to 6
		"a.example /x", "*.example /y", "*.b.example", "*.b.example /z", "A.B.example = /only", // 7 to 11
		"/api/v2/deep/er", "/apis", // 12, 13
	)
	for _, check := range []struct {
		request request
		want    int
		asked   string
	}{
		{request{route: "shop/a", path: "/api"}, 0, "r"},
		{request{route: "shop/b"}, 1, "r"},
		{request{route: "shop/c", host: "h", path: "/other"}, 2, "rhp"},
		{request{path: "/api"}, 5, "rhp"},
		{request{path: "/api/"}, 3, "rhp"},
		{request{path: "/api/v1"}, 3, "rhp"},
		{request{path: "/apiv"}, 3, "rhp"},
		{request{path: "/apis"}, 13, "rhp"},
		{request{path: "/apisx"}, 13, "rhp"},
		{request{path: "/api/v2"}, 4, "rhp"},
		{request{path: "/api/v2/deep"}, 4, "rhp"},
		{request{path: "/api/v2/deep/er/x"}, 12, "rhp"},
		{request{path: "/api/v3"}, 3, "rhp"},
		{request{path: "/static/a"}, 6, "rhp"},
		{request{path: "/zzz"}, 2, "rhp"},
		// The locations of one host count, not those of all.
		{request{host: "a.example", path: "/x"}, 7, "rhp"},
		{request{host: "a.example", path: "/api"}, None, "rhp"},
		{request{host: "c.example", path: "/y"}, 8, "rhp"},
		{request{host: "c.example", path: "/x"}, None, "rhp"},
		{request{host: "c.d.example", path: "/y"}, 8, "rhp"},
		{request{host: "example", path: "/y"}, 2, "rhp"},
		{request{host: "x.b.example", path: "/z"}, 10, "rhp"},
		{request{host: "x.b.example", path: "/y"}, 9, "rhp"},
		{request{host: "a.b.example", path: "/only"}, 11, "rhp"},
		{request{host: "a.b.example", path: "/z"}, None, "rhp"},
		{request{host: "b.example", path: "/y"}, 8, "rhp"},
	} {
		asked := check.request
		place, valid := table.Find(&asked)
		if place != check.want || !valid || asked.asked != check.asked {
			t.Errorf("%+v: %d %v %q, want %d %q", check.request, place, valid, asked.asked, check.want, check.asked)
		}
	}
	if place, valid := table.Find(&request{path: "/", invalid: true}); place != None || valid {
		t.Error("an invalid path has no location")
	}
	if place, valid := table.Find(&request{route: "shop/a", invalid: true}); place != 0 || !valid {
		t.Error("a route needs no path")
	}
}

func TestARouteIsDividedByHostAndLocation(t *testing.T) {
	table := tableOf(t,
		"@shop/a a.example", "@shop/a *.example /x", "@shop/a a.example = /only", // 0 to 2
		"@shop/b", "@shop/b b.example", "@shop/c /c", // 3 to 5
		"a.example", "/", // 6, 7
	)
	for _, check := range []struct {
		request request
		want    int
		asked   string
	}{
		{request{route: "shop/a", host: "a.example", path: "/"}, 0, "rhp"},
		{request{route: "shop/a", host: "a.example", path: "/only"}, 2, "rhp"},
		{request{route: "shop/a", host: "b.example", path: "/x"}, 1, "rhp"},
		// No match of the route is met: those without a route count.
		{request{route: "shop/a", host: "b.example", path: "/y"}, 7, "rhphp"},
		{request{route: "shop/a", host: "other", path: "/x"}, 7, "rhhp"},
		{request{route: "shop/b", host: "a.example", path: "/"}, 3, "rh"},
		{request{route: "shop/b", host: "b.example", path: "/"}, 4, "rh"},
		{request{route: "shop/c", host: "a.example", path: "/c/d"}, 5, "rp"},
		{request{route: "shop/c", host: "a.example", path: "/"}, 6, "rph"},
		{request{route: "", host: "a.example", path: "/only"}, 6, "rh"},
	} {
		asked := check.request
		place, valid := table.Find(&asked)
		if place != check.want || !valid || asked.asked != check.asked {
			t.Errorf("%+v: %d %v %q, want %d %q", check.request, place, valid, asked.asked, check.want, check.asked)
		}
	}
	if place, valid := table.Find(&request{route: "shop/c", invalid: true}); place != None || valid {
		t.Error("an invalid path has no location")
	}
}

func TestFindAsksForWhatItNeeds(t *testing.T) {
	for _, check := range []struct{ match, asked string }{
		{"@a", "r"}, {"a.example", "h"}, {"/x", "p"}, {"= /x", "p"}, {"*.example /x", "h"},
	} {
		asked := request{}
		if place, valid := tableOf(t, check.match).Find(&asked); place != None || !valid || asked.asked != check.asked {
			t.Errorf("%q: %d %v %q", check.match, place, valid, asked.asked)
		}
	}
	if place, _ := tableOf(t).Find(&request{}); place != None {
		t.Error("an empty table has a place")
	}
}

func TestAddRefuses(t *testing.T) {
	for _, match := range []Match{
		{}, {Route: "a", Host: "b:1"}, {Route: "a", Location: "~ /"},
		{Host: "*"}, {Host: "*."}, {Host: "a*"}, {Host: "*.*.a"}, {Host: "a:80"}, {Host: "a/b"}, {Host: "a."}, {Host: ".a"}, {Host: "a b"},
		{Location: "x"}, {Location: "= x"}, {Location: "~ /x"}, {Location: "~* /x"}, {Location: "@named"}, {Location: "=~ /x"},
	} {
		if _, err := NewTable().Add(match, 0); err == nil {
			t.Errorf("%+v was taken", match)
		}
	}
	for _, host := range []string{"a", "*.a", "A.b", "[::1]"} {
		if _, err := NewTable().Add(Match{Host: host}, 0); err != nil {
			t.Errorf("%s: %v", host, err)
		}
	}
}

func TestAddFindsTheOther(t *testing.T) {
	table := NewTable()
	for i, text := range []string{"@a", "a.example", "*.example /x", "= /x", "/x"} {
		if taken, err := table.Add(matchOf(text), i); taken != None || err != nil {
			t.Fatal(text, taken, err)
		}
	}
	for match, want := range map[string]int{
		"@a": 0, "@b": None, "A.Example": 1, "*.EXAMPLE ^~ /x": 2, "*.example = /x": None, "=/x": 3, "^~ /x": 4, "/x/": None,
	} {
		if taken, err := table.Add(matchOf(match), 9); taken != want || err != nil {
			t.Errorf("%s: %d %v, want %d", match, taken, err, want)
		}
	}
}

// TestPrefixesLikeAScan compares with the plain way to find the longest prefix.
func TestPrefixesLikeAScan(t *testing.T) {
	words := []string{"/", "/a", "/a/", "/a/b", "/ab", "/aa", "/b/a/b/a", "/b", "/b/a", "/ba", "/b/a/a", "/aab"}
	for chosen := 1; chosen < 1<<len(words); chosen += 7 {
		var prefixes []string
		for i, word := range words {
			if chosen>>i&1 == 1 {
				prefixes = append(prefixes, word)
			}
		}
		table := tableOf(t, prefixes...)
		for _, path := range append(words, "/c", "/a/b/c", "/b/a/b", "/aabb", "") {
			want := None
			for i, text := range prefixes {
				if strings.HasPrefix(path, text) && (want == None || len(text) > len(prefixes[want])) {
					want = i
				}
			}
			if got, _ := table.Find(&request{path: path}); got != want {
				t.Fatalf("%q in %q: %d, want %d", path, prefixes, got, want)
			}
		}
	}
}

func TestFindAllocatesNothing(t *testing.T) {
	table := big(t)
	asked := &request{}
	for _, each := range []request{{route: "shop/77"}, {host: "a.b.example", path: "/api/77/x"}, {host: "x", path: "/"}} {
		if n := testing.AllocsPerRun(100, func() {
			*asked = each
			asked.asked = ""
			table.Find(quiet{asked})
		}); n > 0 {
			t.Errorf("%+v: %v allocations", each, n)
		}
	}
}

// quiet is a request that does not note what is asked.
type quiet struct{ *request }

func (q quiet) Route() string        { return q.route }
func (q quiet) Host() string         { return q.host }
func (q quiet) Path() (string, bool) { return q.path, true }

// big is a table of 1,000 places.
func big(t testing.TB) *Table {
	table := NewTable()
	for i := range 500 {
		n := strconv.Itoa(i)
		for _, match := range []Match{{Route: "shop/" + n}, {Host: "*.example", Location: "/api/" + n}} {
			if _, err := table.Add(match, i); err != nil {
				t.Fatal(err)
			}
		}
	}
	table.Seal()
	return table
}

func BenchmarkFindRoute(b *testing.B) {
	table := big(b)
	for b.Loop() {
		table.Find(quiet{&request{route: "shop/321"}})
	}
}

func BenchmarkFindLocation(b *testing.B) {
	table := big(b)
	for b.Loop() {
		table.Find(quiet{&request{host: "a.b.example", path: "/api/321/x"}})
	}
}
