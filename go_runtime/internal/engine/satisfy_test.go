package engine_test

import (
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/internal/reference"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// anyOf has a rule that refuses or says nothing, and a handler that ends with a code.
const anyOf = `
location /denied {
  satisfy any;
  deny all;
  access_by_lua_block { ngx.exit(tonumber(ngx.var.arg_n)) }
  content_by_lua_block { ngx.print("upstream") }
}
location /open {
  satisfy any;
  allow 10.0.0.0/8;
  access_by_lua_block { ngx.exit(tonumber(ngx.var.arg_n)) }
  content_by_lua_block { ngx.print("upstream") }
}`

// TestSatisfyAnyLikeNginx compares what every code of access_by_lua does where it is
// enough that one rule allows the request.
func TestSatisfyAnyLikeNginx(t *testing.T) {
	nginx := reference.StartNginx(t, anyOf)
	for _, location := range []string{"/denied", "/open"} {
		for code := -20; code < 620; code++ {
			compareAny(t, nginx, location, code)
		}
	}
}

// compareAny compares one code.
func compareAny(t *testing.T, nginx *reference.Nginx, location string, code int) {
	t.Helper()
	const line = "access forbidden by rule"
	target := location + "?n=" + lua.FormatNumber(float64(code))
	nginx.TakeLog()
	wantStatus, _, wantBody := nginx.Get(target)
	wantLine := strings.Contains(nginx.TakeLog(), line)
	rules := engine.Phase{Kind: engine.Rules, Run: func(s *engine.Stream) {
		s.SatisfyAny()
		if location == "/denied" {
			s.DenyByRule()
		}
	}}
	for _, suspends := range []bool{false, true} {
		access := engine.Phase{Kind: engine.Access, Suspends: suspends, Run: func(s *engine.Stream) { s.Exit(code) }}
		root, g := newRoot(t, rules, access)
		status, body := outcome(g, challenged(root.NewStream(2)).OnRequestHeaders())
		if status != wantStatus || body != wantBody && status >= 300 || strings.Contains(g.LogText(), line) != wantLine {
			t.Errorf("%s: %d %q %s; nginx: %d %q, %v", target, status, body, g.LogText(), wantStatus, wantBody, wantLine)
		}
	}
}

// challenged gives a stream a reader.
func challenged(s *engine.Stream) *engine.Stream {
	s.Reader = &snapshotted{}
	return s
}

// TestRules runs rules of all kinds one after the other.
func TestRules(t *testing.T) {
	grant := func(s *engine.Stream) { s.Grant() }
	deny := func(code int) func(*engine.Stream) { return func(s *engine.Stream) { s.Deny(code) } }
	nothing := func(*engine.Stream) {}
	for _, check := range []struct {
		name   string
		any    bool
		rules  []func(*engine.Stream)
		access func(*engine.Stream)
		want   int // 200 stands for the upstream
	}{
		{"all: one refuses", false, []func(*engine.Stream){grant, deny(403)}, grant, 403},
		{"all: the handler refuses", false, []func(*engine.Stream){grant}, func(s *engine.Stream) { s.Exit(403) }, 403},
		{"any: one allows", true, []func(*engine.Stream){deny(403), grant}, func(s *engine.Stream) { s.Exit(403) }, 200},
		{"any: the first allows", true, []func(*engine.Stream){grant, deny(401)}, nil, 200},
		{"any: all refuse", true, []func(*engine.Stream){deny(403)}, nil, 403},
		{"any: 401 is stronger", true, []func(*engine.Stream){deny(401), deny(403)}, nil, 401},
		{"any: 401 comes later", true, []func(*engine.Stream){deny(403), deny(401)}, nil, 401},
		{"any: the handler returns", true, []func(*engine.Stream){deny(401)}, nothing, 200},
		{"any: the handler refuses", true, []func(*engine.Stream){deny(401)}, func(s *engine.Stream) { s.Exit(403) }, 401},
		{"any: nothing is said", true, nil, nil, 200},
		{"any: another end", true, []func(*engine.Stream){deny(403)}, func(s *engine.Stream) { s.Exit(404) }, 404},
	} {
		phases := []engine.Phase{{Kind: engine.Rules, Run: func(s *engine.Stream) {
			if check.any {
				s.SatisfyAny()
			}
			for _, rule := range check.rules {
				rule(s)
			}
		}}}
		if check.access != nil {
			phases = append(phases, engine.Phase{Kind: engine.Access, Run: check.access})
		}
		phases = append(phases, engine.Phase{Kind: engine.Proxy, Run: nothing})
		root, g := newRoot(t, phases...)
		action := challenged(root.NewStream(2)).OnRequestHeaders()
		if status, _ := outcome(g, action); status != check.want || (action == host.Continue) != (check.want == 200) {
			t.Errorf("%s: %d, want %d", check.name, status, check.want)
		}
	}
}
