package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// threaded is a root context whose requests run this; an hour has passed.
func threaded(t *testing.T, run func(*engine.Stream)) (*engine.Root, *hosttest.Gateway) {
	t.Helper()
	root, g := newRoot(t, suspending(run))
	g.Time = time.Hour.Nanoseconds()
	return root, g
}

// naps is the body of a thread that sleeps.
func naps(s *engine.Stream, d time.Duration, then func()) func() lua.Values {
	return func() lua.Values {
		s.Sleep(d)
		then()
		return nil
	}
}

// TestRequestWaitsForItsThreads goes on when the last of them has ended.
func TestRequestWaitsForItsThreads(t *testing.T) {
	var order []string
	root, g := threaded(t, func(s *engine.Stream) {
		for _, name := range []string{"b", "a"} {
			d := time.Duration(name[0]-'a'+1) * 10 * time.Millisecond
			s.Spawn(naps(s, d, func() { order = append(order, name) }))
		}
		order = append(order, "main")
	})
	root.NewStream(2).OnRequestHeaders()
	if pass(root, g, 15*time.Millisecond); acts(g) != [3]int{} {
		t.Error(acts(g))
	}
	pass(root, g, 15*time.Millisecond)
	if !slices.Equal(order, []string{"main", "a", "b"}) || acts(g) != [3]int{0, 0, 1} || g.Tick != 0 {
		t.Error(order, acts(g), g.Tick)
	}
}

// TestExitEndsThreads unwinds all of them, the handler among them.
func TestExitEndsThreads(t *testing.T) {
	unwound := 0
	root, g := threaded(t, func(s *engine.Stream) {
		for range 3 {
			s.Spawn(func() lua.Values {
				defer func() { unwound++ }()
				s.Sleep(time.Minute)
				return nil
			})
		}
		s.Spawn(naps(s, time.Millisecond, func() {
			s.Exit(403)
			s.Unwind()
		}))
		defer func() { unwound++ }()
		s.Sleep(time.Minute)
	})
	root.NewStream(2).OnRequestHeaders()
	if pass(root, g, 10*time.Millisecond); unwound != 4 || acts(g) != [3]int{1, 0, 0} || g.Tick != 0 {
		t.Error(unwound, acts(g), g.Tick)
	}
}

// TestThreadPanics ends the request with 500; it never passes.
func TestThreadPanics(t *testing.T) {
	root, g := threaded(t, func(s *engine.Stream) {
		s.Spawn(func() lua.Values { panic("a bug") })
		s.Sleep(time.Minute)
	})
	root.NewStream(2).OnRequestHeaders()
	pass(root, g, 10*time.Millisecond)
	if acts(g) != [3]int{1, 0, 0} || g.Responses[0].Status != 500 || !strings.Contains(g.LogText(), "a bug") {
		t.Error(acts(g), g.LogText())
	}
}

// TestClientLeavesThreads lets them run to their end, or gives them up after a minute.
func TestClientLeavesThreads(t *testing.T) {
	ended, unwound := false, false
	root, g := threaded(t, func(s *engine.Stream) {
		s.Spawn(naps(s, 5*time.Second, func() { ended = true }))
		s.Spawn(func() lua.Values {
			defer func() { unwound = true }()
			s.Sleep(time.Hour)
			return nil
		})
	})
	s := root.NewStream(2)
	s.OnRequestHeaders()
	s.OnDone()
	g.Dead[2] = true
	if pass(root, g, 10*time.Second); !ended || unwound {
		t.Error(ended, unwound)
	}
	pass(root, g, time.Minute)
	if !unwound || acts(g) != [3]int{} || g.Tick != 0 || !root.Retire(func() {}) {
		t.Error(unwound, acts(g), g.Tick)
	}
}

// TestKilledThreadIsNotWoken when what it waited for is there.
func TestKilledThreadIsNotWoken(t *testing.T) {
	var g *hosttest.Gateway
	root, g := threaded(t, func(s *engine.Stream) {
		thread := s.Spawn(func() lua.Values {
			wait(g, s)
			t.Error("it was woken")
			return nil
		})
		if problem := s.KillThread(thread); problem != "" || lua.Status(thread, lua.Argument{}) != "dead" {
			t.Error(problem)
		}
		s.Sleep(time.Millisecond)
	})
	root.NewStream(2).OnRequestHeaders()
	g.Deliver()
	if pass(root, g, 10*time.Millisecond); acts(g) != [3]int{0, 0, 1} {
		t.Error(acts(g))
	}
}
