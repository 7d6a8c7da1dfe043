package engine_test

import (
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
)

// faulty is a gateway some of whose functions panic.
type faulty struct {
	*hosttest.Gateway
	panics string
}

func (g *faulty) fault(name string) {
	if strings.Contains(g.panics, name) {
		panic("in " + name)
	}
}

func (g *faulty) RequestHeader(name string) (string, bool) {
	g.fault("RequestHeader")
	return g.Gateway.RequestHeader(name)
}

func (g *faulty) Alive(stream uint32) bool {
	g.fault("Alive")
	return g.Gateway.Alive(stream)
}

func (g *faulty) Enter(stream uint32) {
	g.fault("Enter")
	g.Gateway.Enter(stream)
}

func (g *faulty) Respond(r host.Response) {
	g.fault("Respond")
	g.Gateway.Respond(r)
}

func (g *faulty) Resume() {
	g.fault("Resume")
	g.Gateway.Resume()
}

// TestFaultsOfTheGateway lets functions of the gateway panic, in the first
// callback and in a later one: no panic leaves, no request passes, and it gets an
// answer, or at least an end, unless nothing says which request it is.
func TestFaultsOfTheGateway(t *testing.T) {
	fails := func(s *engine.Stream) { s.Exit(403) }
	for _, check := range []struct {
		panics string
		end    func(*engine.Stream)
		direct [3]int // answers, resets, resumptions
		waited [3]int
		passes bool // without waiting
	}{
		{"RequestHeader", fails, [3]int{1, 0, 0}, [3]int{1, 0, 0}, false},
		{"Respond", fails, [3]int{0, 1, 0}, [3]int{0, 1, 0}, false},
		{"Alive", fails, [3]int{1, 0, 0}, [3]int{1, 0, 0}, false},
		{"Enter", fails, [3]int{1, 0, 0}, [3]int{0, 0, 0}, false},
		{"Resume", func(*engine.Stream) {}, [3]int{0, 0, 0}, [3]int{1, 0, 0}, true},
		{"Resume Respond", func(*engine.Stream) {}, [3]int{0, 0, 0}, [3]int{0, 1, 0}, true},
	} {
		for _, waits := range []bool{false, true} {
			g := &faulty{&hosttest.Gateway{Headers: [][2]string{{":path", "/"}}}, check.panics}
			root := engine.NewRoot(g, &engine.Program{
				Name:      "test",
				Configure: func([]byte) (any, []string, error) { return nil, nil, nil },
				Begin: func(*engine.Stream, any) []engine.Phase {
					return []engine.Phase{{Kind: engine.Rewrite, Chunk: "chunk", Suspends: true, Run: func(s *engine.Stream) {
						if waits {
							wait(g.Gateway, s)
						}
						check.end(s)
					}}}
				},
			})
			action := root.NewStream(2).OnRequestHeaders()
			g.Deliver()
			want := check.direct
			if waits {
				want = check.waited
			}
			passed := action == host.Continue
			if acts(g.Gateway) != want || passed != (check.passes && !waits) {
				t.Errorf("%s, waits: %v: %v, passed: %v", check.panics, waits, acts(g.Gateway), passed)
			}
		}
	}
}

// TestWaitingIsBounded lets too many requests wait: those beyond the bound are
// answered, the others go on.
func TestWaitingIsBounded(t *testing.T) {
	const many = 20010
	var g *hosttest.Gateway
	root, g := newRoot(t, suspending(func(s *engine.Stream) { wait(g, s) }))
	for id := range uint32(many) {
		root.NewStream(id).OnRequestHeaders()
	}
	if len(g.Responses) != 10 || g.Responses[0].Status != 503 || !strings.Contains(g.LogText(), "too many requests wait") {
		t.Error(acts(g))
	}
	g.Deliver()
	if acts(g) != [3]int{10, 0, many - 10} {
		t.Error(acts(g))
	}
}
