package engine_test

import (
	"slices"
	"testing"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
)

// pass lets time go by, with the ticks that the gateway was asked for.
func pass(root *engine.Root, g *hosttest.Gateway, d time.Duration) {
	end := g.Time + d.Nanoseconds()
	for g.Tick > 0 && g.Time+g.Tick.Nanoseconds() <= end {
		g.Time += g.Tick.Nanoseconds()
		root.OnTick()
	}
	g.Time = end
}

// TestSleep lets several requests sleep: each wakes in its time, within a
// millisecond, and nothing ticks when none sleeps.
func TestSleep(t *testing.T) {
	var g *hosttest.Gateway
	var woken []time.Duration
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		d := s.Config.(time.Duration)
		s.Sleep(d)
		woken = append(woken, d)
		if g.Time < d.Nanoseconds() || g.Time > (d+time.Millisecond).Nanoseconds() {
			t.Errorf("slept %v instead of %v", time.Duration(g.Time), d)
		}
	}))
	order := []time.Duration{300 * time.Millisecond, 10 * time.Millisecond, 5 * time.Second, 0, 20 * time.Millisecond, 10 * time.Millisecond}
	for id, d := range order {
		stream := root.NewStream(uint32(id))
		stream.Config = d
		stream.OnRequestHeaders()
	}
	pass(root, g, 10*time.Second)
	slices.Sort(order)
	if !slices.Equal(woken, order) || acts(g) != [3]int{0, 0, len(order)} || g.Tick != 0 {
		t.Error(woken, acts(g), g.Tick)
	}
}

// TestSleepAgainAndAgain sleeps for no time in a loop, which must not keep the
// gateway inside of a tick.
func TestSleepAgainAndAgain(t *testing.T) {
	count := 0
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		for range 5 {
			s.Sleep(0)
			count++
		}
	}))
	root.NewStream(2).OnRequestHeaders()
	for tick := 1; tick <= 5; tick++ {
		g.Time++
		root.OnTick()
		if count != tick {
			t.Fatalf("%d sleeps after %d ticks", count, tick)
		}
	}
	if acts(g) != [3]int{0, 0, 1} || g.Tick != 0 {
		t.Error(acts(g), g.Tick)
	}
}

// TestSleepWithoutClient sleeps on when the client leaves.
func TestSleepWithoutClient(t *testing.T) {
	ended := false
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		s.Sleep(50 * time.Second)
		ended = true
	}))
	stream := root.NewStream(2)
	stream.OnRequestHeaders()
	stream.OnDone()
	g.Dead[2] = true
	pass(root, g, 51*time.Second)
	if !ended || acts(g) != [3]int{} || g.Tick != 0 || g.LogText() != "" {
		t.Error(ended, acts(g), g.Tick, g.LogText())
	}
}

// TestTimersOfThoseGivenUp ends a sleep with the handler that sleeps.
func TestTimersOfThoseGivenUp(t *testing.T) {
	root, g := newRoot(t, suspending(func(s *engine.Stream) { s.Sleep(1000 * time.Hour) }))
	stream := root.NewStream(2)
	stream.OnRequestHeaders()
	stream.OnDone()
	pass(root, g, 61*time.Second)
	if g.Tick != 0 {
		t.Error("it ticks on for a handler that was given up")
	}
}

// TestManyWakeAtOnce lets thousands of requests wake at the same time: a tick
// decides a few of them only, but all of them are decided soon.
func TestManyWakeAtOnce(t *testing.T) {
	const many = 5000
	root, g := newRoot(t, suspending(func(s *engine.Stream) { s.Sleep(time.Second) }))
	for id := range uint32(many) {
		root.NewStream(id).OnRequestHeaders()
	}
	g.Time = time.Second.Nanoseconds()
	for before := 0; before < many; before = g.Resumed {
		root.OnTick()
		if woken := g.Resumed - before; woken == 0 || woken > 100 {
			t.Fatal(woken, "requests went on in one tick")
		}
	}
	if g.Tick != 0 {
		t.Error("still ticking")
	}
}
