package plugin

import (
	"fmt"
	"maps"
	"reflect"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/transport/webdis"
)

// keyed is a unit that logs the key of its configuration and answers 403; with
// the key "lua" or "go" it fails.
func keyed(name string) Unit {
	return Definition[config]{
		Name:  name,
		Parse: func(c *Configuration) *config { return &config{key: c.String("key")} },
		Access: Handler[config]{Chunk: "access_by_lua(a.conf:1)", Run: func(r *ngx.Request, c *config) {
			switch c.key {
			case "lua":
				lua.Throw("no luck", lua.Operand{Line: 2})
			case "go":
				panic("a bug")
			}
			r.Log(1, ngx.ERR, c.key)
			r.Exit(ngx.HTTP_FORBIDDEN)
		}},
		Redis: webdis.Transport,
	}.Unit()
}

// started is a root context of the plugin that has these units.
func started(t *testing.T, configuration string, units ...Unit) (*engine.Root, *hosttest.Gateway) {
	t.Helper()
	gateway := &hosttest.Gateway{}
	root := engine.NewRoot(gateway, bundleProgram("shop", units))
	if !root.Configure([]byte(configuration)) {
		t.Fatal(gateway.LogText())
	}
	return root, gateway
}

// ask sends a request to "HOST/PATH", or of a route to "@ROUTE/PATH", and says
// what became of it.
func ask(root *engine.Root, gateway *hosttest.Gateway, target string) string {
	authority, path, _ := strings.Cut(target, "/")
	gateway.Headers = [][2]string{{":authority", authority}, {":path", "/" + path}}
	gateway.Properties = map[string]string{}
	if route, ok := strings.CutPrefix(authority, "@"); ok {
		gateway.Properties["xds.route_name"] = route
	}
	gateway.Lines, gateway.Responses = nil, nil
	if root.NewStream(2).OnRequestHeaders() == host.Continue {
		return "passed"
	}
	return fmt.Sprint(gateway.Responses[0].Status, " ", strings.TrimSpace(gateway.LogText()))
}

func TestBundle(t *testing.T) {
	root, gateway := started(t, `{"units": [
		{"name": "one", "match": [{"route": "r1"}, {"host": "*.one.example"}], "config": {"key": "k1"}},
		{"name": "shop/two", "unit": "one", "match": [{"location": "/two"}, {"location": "= /exact"}], "config": {"key": "k2", "redis": {}}},
		{"name": "off", "unit": "one", "match": [{"location": "/two/off"}], "disabled": true, "config": {"key": 5}},
		{"name": "idle", "unit": "other", "config": {"key": "k3"}},
		{"name": "other", "match": [{"route": "r2"}], "config": {"key": "k4"}}]}`,
		keyed("one"), keyed("one").As(Variant{Name: "other", Chunks: []string{"access_by_lua(b.conf:7)"}}))
	if got := gateway.LogText(); got != "shop: no match, so no request, for: idle\n" {
		t.Error(got)
	}
	for target, want := range map[string]string{
		"@r1/":              "403 one: [lua] access_by_lua(a.conf:1):1: k1",
		"@r3/":              "passed",
		"@r2/two":           "403 other: [lua] access_by_lua(b.conf:7):1: k4",
		"x.one.example:8/y": "403 one: [lua] access_by_lua(a.conf:1):1: k1",
		"h/%74wo?x":         "403 shop/two: [lua] access_by_lua(a.conf:1):1: k2",
		"h/exact":           "403 shop/two: [lua] access_by_lua(a.conf:1):1: k2",
		"h/exact/":          "passed",
		"h/two/offside":     "passed",
		"h/%zz":             "400 client sent invalid request",
		"x.one.example/%zz": "403 one: [lua] access_by_lua(a.conf:1):1: k1",
	} {
		if got := ask(root, gateway, target); got != want {
			t.Errorf("%s: %s, want %s", target, got, want)
		}
	}
	want := map[string]int{
		"snippet2wasm.unit.one.requests": 3, "snippet2wasm.unit.shop/two.requests": 2, "snippet2wasm.unit.other.requests": 1,
	}
	if !maps.Equal(gateway.Counters, want) {
		t.Error(gateway.Counters)
	}
}

func TestFailuresAreCountedAndNamed(t *testing.T) {
	root, gateway := started(t, `{"units": [
		{"name": "throws", "unit": "u", "match": [{"route": "lua"}], "config": {"key": "lua"}},
		{"name": "panics", "unit": "u", "match": [{"route": "go"}], "config": {"key": "go"}},
		{"name": "works", "unit": "u", "match": [{"route": "ok"}], "config": {"key": "k"}}]}`, keyed("u"))
	for route, want := range map[string]string{
		"lua": "500 throws: lua entry thread aborted: runtime error: access_by_lua(a.conf:1):2: no luck",
		"go":  "500 shop: internal error while running panics: access_by_lua(a.conf:1); this is a bug of snippet2wasm",
		"ok":  "403 works: [lua]",
	} {
		if got := ask(root, gateway, "@"+route+"/"); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", route, got)
		}
	}
	for name, want := range map[string]int{"throws": 1, "panics": 1, "works": 0} {
		if got := gateway.Counters["snippet2wasm.unit."+name+".failures"]; got != want {
			t.Errorf("%s: %d failures", name, got)
		}
	}
}

func TestBundleRefuses(t *testing.T) {
	for text, want := range map[string]string{
		``:                         `"units": is missing, expected an array: where each unit acts`,
		`{"units": {}}`:            `"units": expected an array: where each unit acts, got an object`,
		`{"units": [1], "x": 1}`:   `"units[0]": expected an object, got a number; "x": is not a key of this plugin`,
		`{"units": [{}]}`:          `"units[0]": "name": is missing, expected a string`,
		`{"units": [{"name": 1}]}`: `"units[0]": "name": expected a string, got a number`,
		`{"units": [{"name": "a b", "unit": "u", "config": {"key": "k"}}]}`: `"units[0] a b": "name": expected letters, digits, and - _ . / : at most 200`,
		`{"units": [{"name": "w", "match": [{"route": "r"}]}]}`:             `"units[0] w": "unit": there is no unit "w" in this plugin, but u`,
		`{"units": [{"name": "u", "match": [{"route": "r"}]}]}`:             `"units[0] u": "config": "key": is missing, expected a string`,
		`{"units": [{"name": "u", "match": [{"route": "r"}, 1, {}, {"path": "/"}, {"route": "r"}], "config": {"key": "k", "z": 1}, "y": 1}]}`: `"units[0] u": ` +
			`"config": "z": is not a key of this plugin; "match[1]": expected an object, got a number; ` +
			`"match[2]": it names neither a route nor a host nor a location; "match[3]": it names neither a route nor a host nor a location; ` +
			`"match[3]": "path": is not a key of this plugin; "match[4]": stands there twice; "y": is not a key of this plugin`,
		`{"units": [{"name": "a", "unit": "u", "match": [{"location": "/x"}], "config": {"key": "k"}},
			{"name": "a", "unit": "u", "match": [{"location": "^~ /x"}, {"location": "~ x"}], "config": {"key": "k"}, "disabled": 1}]}`: `"units[1] a": ` +
			`"name": is another's already; "disabled": expected a boolean, got a number; "match[0]": "a" has the same match; ` +
			`"match[1]": locations with a regular expression are not known; write a prefix`,
	} {
		gateway := &hosttest.Gateway{}
		root := engine.NewRoot(gateway, bundleProgram("shop", []Unit{keyed("u")}))
		if root.Configure([]byte(text)) || gateway.LogText() != "shop: configuration refused: "+want+"\n" {
			t.Errorf("%s\n  gives %s  want  %s", text, gateway.LogText(), want)
		}
	}
}

func TestUnitsKeepTheirLocation(t *testing.T) {
	inside := func(location ngx.Location) Unit { return keyed("u").As(Variant{Name: "u", Location: location}) }
	root, gateway := started(t, `{"units": [{"name": "u", "match": [{"route": "r"}, {"location": "/a/b"}, {"location": "/"}], "config": {"key": "k"}}]}`,
		inside(ngx.PrefixLocation("/a")))
	for target, want := range map[string]string{"@r/x": "passed", "@r/a": "403", "h/a/b/c": "403", "h/a": "403", "h/b": "passed"} {
		if got := ask(root, gateway, target); !strings.HasPrefix(got, want) {
			t.Errorf("%s: %s", target, got)
		}
	}
	for _, check := range []struct {
		location ngx.Location
		match    string
		outside  bool
	}{
		{ngx.PrefixLocation("/a"), "/b", true}, {ngx.PrefixLocation("/a"), "= /b", true}, {ngx.PrefixLocation("/a"), "= /", true},
		{ngx.PrefixLocation("/a"), "= /ab", false}, {ngx.PrefixLocation("/a"), "^~ /ab", false}, {ngx.PrefixLocation("/a"), "/", false},
		{ngx.ExactLocation("/a"), "= /ab", true}, {ngx.ExactLocation("/a"), "/ab", true}, {ngx.ExactLocation("/a"), "= /a", false},
		{ngx.ExactLocation("/a"), "/", false},
	} {
		gateway := &hosttest.Gateway{}
		root := engine.NewRoot(gateway, bundleProgram("shop", []Unit{inside(check.location)}))
		accepted := root.Configure([]byte(`{"units": [{"name": "u", "match": [{"location": "` + check.match + `"}], "config": {"key": "k"}}]}`))
		if accepted == check.outside || check.outside != strings.Contains(gateway.LogText(), `"match[0]": lies outside of the unit's own location`) {
			t.Errorf("%+v: %s", check, gateway.LogText())
		}
	}
}

func TestBundlesDoNotMix(t *testing.T) {
	gateway := &hosttest.Gateway{}
	program := bundleProgram("shop", []Unit{keyed("u")})
	one, two := engine.NewRoot(gateway, program), engine.NewRoot(gateway, program)
	for root, key := range map[*engine.Root]string{one: "k1", two: "k2"} {
		root.Configure([]byte(`{"units": [{"name": "u", "match": [{"route": "` + key + `"}], "config": {"key": "` + key + `"}}]}`))
	}
	if got := ask(one, gateway, "@k2/"); got != "passed" {
		t.Error(got)
	}
	if got := ask(two, gateway, "@k2/"); !strings.HasSuffix(got, "k2") {
		t.Error(got)
	}
}

func TestRules(t *testing.T) {
	unit := keyed("one")
	gateway := &hosttest.Gateway{}
	root := engine.NewRoot(gateway, unit.Program())
	if !root.Configure([]byte(`{"key": "global", "_rules_": [
		{"_match_route_": ["r1", ""], "key": "k1"}, {"_match_domain_": ["*.example"], "key": "k2", "redis": {}}]}`)) {
		t.Fatal(gateway.LogText())
	}
	for target, want := range map[string]string{"@r1/": "k1", "a.example/": "k2", "b/": "global"} {
		if got := ask(root, gateway, target); got != "403 [lua] access_by_lua(a.conf:1):1: "+want {
			t.Errorf("%s: %s", target, got)
		}
	}
	root = engine.NewRoot(gateway, unit.Program())
	if !root.Configure([]byte(`{"_rules_": [{"_match_route_": ["r1"], "key": "lua"}]}`)) {
		t.Fatal(gateway.LogText())
	}
	if got := ask(root, gateway, "b/"); got != "passed" {
		t.Error("without a configuration for all, the others pass:", got)
	}
	if got := ask(root, gateway, "@r1/"); !strings.HasPrefix(got, "500") || gateway.Counters["snippet2wasm.unit.one.failures"] != 1 {
		t.Error(got, gateway.Counters)
	}
}

func TestRulesRefuse(t *testing.T) {
	for text, want := range map[string]string{
		`{"_rules_": []}`:             `"_rules_": there is neither a rule nor a configuration for all requests`,
		`{"_rules_": null}`:           `"_rules_": there is neither a rule nor a configuration for all requests`,
		`{"_rules_": {}}`:             `"_rules_": expected an array, got an object`,
		`{"_rules_": [{"key": "k"}]}`: `"_rules_[0]": one of _match_route_, _match_domain_, _match_service_ and _match_route_prefix_ must name something`,
		`{"_rules_": [{"_match_route_": ["r"], "key": "k"}, {"_match_route_": ["r", 1], "ky": "k"}]}`: `"_rules_[1]": ` +
			`"_match_route_[1]": expected a string, got a number; "key": is missing, expected a string; "ky": is not a key of this plugin`,
		`{"kye": "k", "_rules_": [{"_match_route_": ["r"], "key": "k"}]}`: `"key": is missing, expected a string; "kye": is not a key of this plugin`,
	} {
		unit := keyed("one")
		if _, err := unit.read(text); err == nil || err.Error() != want {
			t.Errorf("%s\n  gives %v\n  want  %s", text, err, want)
		}
	}
}

func TestAttributesOfHigress(t *testing.T) {
	gateway := &hosttest.Gateway{Properties: map[string]string{"route_name": "higress"}}
	var seen attributes
	if got := seen.read(gateway, "route_name"); got != "higress" || seen.prefixed {
		t.Error(got, seen)
	}
	gateway.Properties = map[string]string{"xds.route_name": "envoy"}
	if got := seen.read(gateway, "route_name"); got != "envoy" || !seen.prefixed {
		t.Error(got, seen)
	}
	if got := seen.read(gateway, "cluster_name"); got != "" || !seen.prefixed {
		t.Error(got, seen)
	}
}

func TestEqualConfigurationsAreOne(t *testing.T) {
	made, begun := 0, 0
	unit := Definition[config]{
		Name:  "u",
		Parse: func(c *Configuration) *config { made++; return &config{key: c.String("key")} },
		Start: func(_ *ngx.Request, c *config) { begun++; c.key += "+" },
		Access: Handler[config]{Chunk: "access_by_lua(a.conf:1)", Run: func(r *ngx.Request, c *config) {
			r.Log(1, ngx.ERR, c.key)
			r.Exit(ngx.HTTP_FORBIDDEN)
		}},
	}.Unit()
	root, gateway := started(t, `{"units": [
		{"name": "a", "unit": "u", "match": [{"route": "a"}], "config": {"key": "k"}},
		{"name": "b", "unit": "u", "match": [{"route": "b"}], "config": {"key": "k"}},
		{"name": "c", "unit": "u", "match": [{"route": "c"}], "config": {"key": "other"}}]}`, unit)
	for route, want := range map[string]string{"a": "k+", "b": "k+", "c": "other+"} {
		if got := ask(root, gateway, "@"+route+"/"); !strings.HasSuffix(got, ": "+want) {
			t.Error(got)
		}
	}
	if made != 3 || begun != 2 {
		t.Error(made, begun)
	}
}

// Pointers to values without fields are all alike, and the hash of an interface leaves
// the type out: a map of only these would grow without end.
func TestManyUnitsWithoutConfiguration(t *testing.T) {
	started := 0
	var places []*place
	for n := range 2000 {
		unit := &Unit{start: func(*engine.Stream, any) { started++ }}
		config := reflect.New(reflect.ArrayOf(n, reflect.TypeFor[struct{}]())).Interface()
		places = append(places, &place{unit: unit, config: config}, &place{unit: unit, config: config})
	}
	runAll(&engine.Stream{}, places)
	if started != 2000 {
		t.Errorf("%d were started", started)
	}
}
