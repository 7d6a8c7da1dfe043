package engine_test

import (
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// TestWithin runs the rewrite directives of another level inside of a rule: what they
// answer is not the answer to the request.
func TestWithin(t *testing.T) {
	for _, check := range []struct {
		name string
		set  func(*engine.Stream)
		want int
	}{
		{"nothing", func(*engine.Stream) {}, 0},
		{"an error", func(s *engine.Stream) { s.Exit(401) }, 401},
		{"an error and the end", func(s *engine.Stream) { s.Exit(403); s.Unwind() }, 403},
		{"an answer", func(s *engine.Stream) { s.Respond(host.Response{Status: 204}) }, 204},
		{"a jump", func(s *engine.Stream) { s.Jump(engine.FindLocation) }, 0},
		{"another level", func(s *engine.Stream) { s.Level = 3 }, 0},
	} {
		got, level, passed := -1, -1, false
		root, g := newRoot(t,
			engine.Phase{Kind: engine.Set, Level: 1, Run: check.set},
			engine.Phase{Kind: engine.Rules, Level: 0, Run: func(s *engine.Stream) { got, level = s.Within(1), s.Level }},
			engine.Phase{Kind: engine.Access, Level: 0, Run: func(*engine.Stream) { passed = true }},
		)
		action := challenged(root.NewStream(2)).OnRequestHeaders()
		if got != check.want || level != 0 || !passed || action != host.Continue || acts(g) != [3]int{} {
			t.Errorf("%s: status %d at level %d, goes on %v; want %d", check.name, got, level, passed, check.want)
		}
	}
}
