package engine_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/errorpage"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/internal/reference"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// newRoot is a root context whose requests run the given phases.
func newRoot(t *testing.T, phases ...engine.Phase) (*engine.Root, *hosttest.Gateway) {
	t.Helper()
	gateway := &hosttest.Gateway{Dead: map[uint32]bool{}, Headers: [][2]string{{":path", "/"}}}
	root := engine.NewRoot(gateway, &engine.Program{
		Name:      "test",
		Configure: func([]byte) (any, []string, error) { return nil, nil, nil },
		Begin:     func(*engine.Stream, any) []engine.Phase { return phases },
	})
	if !root.Configure(nil) {
		t.Fatal(gateway.LogText())
	}
	return root, gateway
}

func phase(run func(*engine.Stream)) engine.Phase {
	return engine.Phase{Kind: engine.Rewrite, Chunk: "chunk", Run: run}
}

func suspending(run func(*engine.Stream)) engine.Phase {
	return engine.Phase{Kind: engine.Rewrite, Chunk: "chunk", Suspends: true, Run: run}
}

// wait suspends until the gateway delivers.
func wait(g *hosttest.Gateway, s *engine.Stream) { s.Await(func(wake func()) { g.Later(wake) }) }

// acts is how often the request was answered, reset, or resumed.
func acts(g *hosttest.Gateway) [3]int { return [3]int{len(g.Responses), g.Resets, g.Resumed} }

// exits lets a request end its first phase with a code; a second phase shows
// whether it runs.
const exits = `
location /rewrite {
  rewrite_by_lua_block { ngx.exit(tonumber(ngx.var.arg_n)) }
  access_by_lua_block { ngx.log(ngx.ERR, "second phase") }
  content_by_lua_block { ngx.print("upstream") }
}
location /access {
  access_by_lua_block { ngx.exit(tonumber(ngx.var.arg_n)) }
  content_by_lua_block { ngx.log(ngx.ERR, "second phase") ngx.print("upstream") }
}`

// TestExitLikeNginx compares what every code does, and whether the next phase
// runs. A handler that can suspend does the same.
func TestExitLikeNginx(t *testing.T) {
	nginx := reference.StartNginx(t, exits)
	for kind, location := range map[engine.Kind]string{engine.Rewrite: "/rewrite", engine.Access: "/access"} {
		for code := -20; code < 620; code++ {
			compareExit(t, nginx, kind, location, code)
		}
	}
}

// compareExit compares one code in one phase.
func compareExit(t *testing.T, nginx *reference.Nginx, kind engine.Kind, location string, code int) {
	t.Helper()
	target := location + "?n=" + lua.FormatNumber(float64(code))
	nginx.TakeLog()
	wantStatus, _, wantBody := nginx.Get(target)
	wantNext := strings.Contains(nginx.TakeLog(), "second phase")
	for _, make := range []func(func(*engine.Stream)) engine.Phase{phase, suspending} {
		next := false
		first := make(func(s *engine.Stream) { s.Exit(code) })
		first.Kind = kind
		root, g := newRoot(t, first, phase(func(*engine.Stream) { next = true }))
		action := root.NewStream(2).OnRequestHeaders()
		status, body := outcome(g, action)
		if status != wantStatus || body != wantBody && status >= 300 || next != wantNext {
			t.Errorf("%s: %d %q, next phase %v; nginx: %d %q, %v", target, status, body, next, wantStatus, wantBody, wantNext)
		}
	}
}

// outcome is the status and body that the client gets; 0 for no answer.
func outcome(g *hosttest.Gateway, action host.Action) (int, string) {
	switch acts(g) {
	case [3]int{1, 0, 0}:
		return int(g.Responses[0].Status), string(g.Responses[0].Body)
	case [3]int{0, 1, 0}:
		return 0, ""
	}
	if action == host.Continue {
		return 200, "upstream"
	}
	return -1, "acted wrongly"
}

func TestDirectHandlerPasses(t *testing.T) {
	root, g := newRoot(t, phase(func(*engine.Stream) {}))
	if action := root.NewStream(2).OnRequestHeaders(); action != host.Continue || acts(g) != [3]int{} {
		t.Error(action, acts(g))
	}
}

func TestSuspendingHandlerHoldsThenResumes(t *testing.T) {
	steps := 0
	var g *hosttest.Gateway
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		for range 3 {
			wait(g, s)
			steps++
		}
	}))
	stream := root.NewStream(2)
	if action := stream.OnRequestHeaders(); action != host.Wait || acts(g) != [3]int{} {
		t.Fatal(action, acts(g))
	}
	g.DeliverOne()
	g.DeliverOne()
	if acts(g) != [3]int{} || steps != 2 {
		t.Fatal("acted before the handler ended", acts(g), steps)
	}
	g.Deliver()
	if acts(g) != [3]int{0, 0, 1} || len(g.Entered) != 3 {
		t.Error(acts(g), g.Entered)
	}
	stream.OnDone()
	if acts(g) != [3]int{0, 0, 1} {
		t.Error("acted after the end")
	}
}

func TestAnswerAfterWaiting(t *testing.T) {
	var g *hosttest.Gateway
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		wait(g, s)
		s.Exit(403)
	}), phase(func(*engine.Stream) { t.Error("the next phase ran") }))
	root.NewStream(2).OnRequestHeaders()
	g.Deliver()
	if acts(g) != [3]int{1, 0, 0} || g.Responses[0].Status != 403 {
		t.Error(acts(g))
	}
}

func TestWakeWithinStart(t *testing.T) {
	root, g := newRoot(t, suspending(func(s *engine.Stream) { s.Await(func(wake func()) { wake(); wake() }) }))
	if action := root.NewStream(2).OnRequestHeaders(); action != host.Continue || acts(g) != [3]int{} {
		t.Error(action, acts(g))
	}
}

func TestWakeTwice(t *testing.T) {
	var g *hosttest.Gateway
	var again func()
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		s.Await(func(wake func()) { g.Later(wake); again = wake })
		wait(g, s)
	}))
	root.NewStream(2).OnRequestHeaders()
	g.DeliverOne()
	again()
	if acts(g) != [3]int{} {
		t.Error("a second wake resumed the next wait")
	}
	g.Deliver()
	if acts(g) != [3]int{0, 0, 1} {
		t.Error(acts(g))
	}
}

// TestPanics lets handlers panic, before and after they wait: the answer is 500,
// the log says why, and the next request is not harmed.
func TestPanics(t *testing.T) {
	for _, check := range []struct {
		name  string
		panic func(*engine.Stream)
		log   string
	}{
		{"Lua error", func(*engine.Stream) { lua.Index.Throw(nil, lua.Local("x", 7)) },
			"lua entry thread aborted: runtime error: chunk:7: attempt to index local 'x' (a nil value)"},
		{"Lua error of another chunk", func(*engine.Stream) { lua.Throw("boo", lua.Temporary(3).In("init")) },
			"lua entry thread aborted: runtime error: init:3: boo"},
		{"error object", func(*engine.Stream) { lua.ThrowValue(nil) }, "lua entry thread aborted: runtime error: unknown reason"},
		{"Go error", func(*engine.Stream) { _ = []int{}[len(errors.New("x").Error())] }, "this is a bug of snippet2wasm"},
		{"nil", func(*engine.Stream) { var p *engine.Phase; _ = p.Chunk }, "invalid memory address"},
		{"string", func(*engine.Stream) { panic("oh") }, ": oh"},
		{"anything", func(*engine.Stream) { panic(5) }, "unknown type"},
	} {
		var g *hosttest.Gateway
		for _, p := range []engine.Phase{
			phase(check.panic),
			suspending(check.panic),
			suspending(func(s *engine.Stream) { wait(g, s); check.panic(s) }),
		} {
			var root *engine.Root
			root, g = newRoot(t, p)
			for id := range uint32(2) {
				root.NewStream(id).OnRequestHeaders()
				g.Deliver()
			}
			if acts(g) != [3]int{2, 0, 0} || g.Responses[0].Status != 500 || !strings.Contains(g.LogText(), check.log) {
				t.Errorf("%s: %v, %s", check.name, acts(g), g.LogText())
			}
		}
	}
}

func TestUnwind(t *testing.T) {
	root, g := newRoot(t, phase(func(s *engine.Stream) {
		s.Exit(418)
		s.Unwind()
	}))
	root.NewStream(2).OnRequestHeaders()
	if acts(g) != [3]int{1, 0, 0} || g.Responses[0].Status != 418 || g.LogText() != "" {
		t.Error(acts(g), g.LogText())
	}
}

func TestPanicWhileChoosing(t *testing.T) {
	gateway := &hosttest.Gateway{}
	root := engine.NewRoot(gateway, &engine.Program{
		Name:      "test",
		Configure: func(raw []byte) (any, []string, error) { _ = raw[5]; return nil, nil, nil },
		Begin:     func(*engine.Stream, any) []engine.Phase { panic("in Begin") },
	})
	if root.Configure(nil) || !strings.Contains(gateway.LogText(), "reading the configuration") {
		t.Error("a panic in Configure has to refuse the configuration:", gateway.LogText())
	}
	if action := root.NewStream(2).OnRequestHeaders(); action != host.Wait || acts(gateway) != [3]int{1, 0, 0} {
		t.Error(action, acts(gateway))
	}
}

func TestWaitingInADirectHandlerIsABug(t *testing.T) {
	root, g := newRoot(t, phase(func(s *engine.Stream) { s.Await(func(func()) {}) }))
	root.NewStream(2).OnRequestHeaders()
	if acts(g) != [3]int{1, 0, 0} || g.Responses[0].Status != 500 {
		t.Error(acts(g))
	}
}

func TestConfigurationRefused(t *testing.T) {
	gateway := &hosttest.Gateway{}
	root := engine.NewRoot(gateway, &engine.Program{
		Name:      "test",
		Configure: func([]byte) (any, []string, error) { return nil, nil, errors.New("no key") },
	})
	if root.Configure(nil) || gateway.LogText() != "test: configuration refused: no key\n" {
		t.Error(gateway.LogText())
	}
}

// snapshotted is a Reader that counts.
type snapshotted struct{ count int }

func (s *snapshotted) Snapshot() { s.count++ }

func (s *snapshotted) Complete(page host.Response) (host.Response, bool) { return page, true }

func (s *snapshotted) Pass() {}

func (s *snapshotted) Fail(int) bool { return false }

func (s *snapshotted) Failure() (int, bool) { return 0, false }

func (s *snapshotted) Recover() {}

func (s *snapshotted) ChangesResponse(bool) bool { return false }

func (s *snapshotted) Remember() {}

func (s *snapshotted) Conclude() {}

func (s *snapshotted) OpenResponse(bool) {}

func (s *snapshotted) CloseResponse(bool) {}
func (s *snapshotted) Substitutes() bool  { return false }

func (s *snapshotted) OpenPiece([]byte, bool) {}

func (s *snapshotted) ClosePiece() ([]byte, bool) { return nil, true }

func (s *snapshotted) SwitchesProtocol() bool { return false }

func (s *snapshotted) HasBody() bool { return true }

func (s *snapshotted) OnlyHeaders() bool { return false }

func (s *snapshotted) Answer() host.Response { return host.Response{} }

func (s *snapshotted) Exited() (int, bool) { return 0, false }

func (s *snapshotted) ReplaceResponse(host.Response) {}

func (s *snapshotted) UserAgent() string  { return "" }
func (s *snapshotted) TakeBackChallenge() {}

func (s *snapshotted) BodyEnded() bool { return false }

// TestDetached lets the client leave while the handler waits: it runs to its
// end, and nobody is answered.
func TestDetached(t *testing.T) {
	for _, told := range []bool{true, false} {
		var g *hosttest.Gateway
		ended, reader := 0, &snapshotted{}
		root, g := newRoot(t, suspending(func(s *engine.Stream) {
			s.Reader = reader
			wait(g, s)
			wait(g, s)
			s.Exit(403)
			ended++
		}))
		stream := root.NewStream(2)
		stream.OnRequestHeaders()
		if told {
			stream.OnDone()
		}
		g.Dead[2] = true
		g.Deliver()
		if ended != 1 || acts(g) != [3]int{} || len(g.Entered) != 0 || reader.count == 1 != told {
			t.Errorf("told %v: ended %d, %v, entered %v, snapshots %d", told, ended, acts(g), g.Entered, reader.count)
		}
	}
}

// TestDetachedTimeIsBounded lets no answer come: the handler is given up anyway.
func TestDetachedTimeIsBounded(t *testing.T) {
	var g *hosttest.Gateway
	unwound, ended := false, false
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		defer func() { unwound = true }()
		wait(g, s)
		ended = true
	}))
	stream := root.NewStream(2)
	stream.OnRequestHeaders()
	stream.OnDone()
	pass(root, g, 59*time.Second)
	if unwound {
		t.Error("too early")
	}
	pass(root, g, 2*time.Second)
	if !unwound || ended || !strings.Contains(g.LogText(), "chunk was given up") || g.Tick != 0 {
		t.Error(unwound, ended, g.Tick, g.LogText())
	}
	g.Deliver() // the answer comes after all
	if ended || acts(g) != [3]int{} {
		t.Error("went on")
	}
}

// TestRetired replaces the configuration while handlers run without their
// clients: it is done with when the last one is.
func TestRetired(t *testing.T) {
	var g *hosttest.Gateway
	done := 0
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		wait(g, s)
		s.Sleep(time.Second)
	}))
	if !root.Retire(func() { done++ }) {
		t.Error("not idle before the first request")
	}
	for id := range uint32(3) {
		stream := root.NewStream(id)
		stream.OnRequestHeaders()
		stream.OnDone()
	}
	if root.Retire(func() { done++ }) {
		t.Error("idle while handlers run")
	}
	g.Deliver()
	if done != 0 {
		t.Error("done while handlers sleep")
	}
	pass(root, g, 2*time.Second)
	if done != 1 || g.Tick != 0 || !root.Retire(func() {}) {
		t.Error(done, g.Tick)
	}
}

func TestDetachedNumberIsBounded(t *testing.T) {
	const many = 1100
	var g *hosttest.Gateway
	ended := 0
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		wait(g, s)
		ended++
	}))
	for round := range 2 { // the second shows that the count goes down again
		for id := range uint32(many) {
			stream := root.NewStream(id)
			stream.OnRequestHeaders()
			stream.OnDone()
		}
		g.Deliver()
		if want := 1000 * (round + 1); ended != want {
			t.Errorf("%d handlers ended, want %d", ended, want)
		}
	}
}

// TestDoneWithoutHandler ends requests whose handlers never ran, because another
// filter answered first: they do not count as detached.
func TestDoneWithoutHandler(t *testing.T) {
	var g *hosttest.Gateway
	ended := false
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		wait(g, s)
		ended = true
	}))
	for id := range uint32(1500) {
		root.NewStream(id).OnDone()
	}
	stream := root.NewStream(5000)
	stream.OnRequestHeaders()
	stream.OnDone()
	g.Deliver()
	if !ended || g.LogText() != "" {
		t.Error(ended, g.LogText())
	}
}

// TestQueued lets callbacks arrive while a handler runs, as a host function may
// cause them to.
func TestQueued(t *testing.T) {
	var g *hosttest.Gateway
	var root *engine.Root
	var order []string
	nested := false
	root, g = newRoot(t, suspending(func(s *engine.Stream) {
		if !nested {
			nested = true
			wait(g, s)
			order = append(order, "first goes on")
			if action := root.NewStream(9).OnRequestHeaders(); action != host.Wait {
				t.Error("a queued request has to be held", action)
			}
			g.Deliver()
			order = append(order, "first ends")
			return
		}
		order = append(order, "second runs")
	}))
	root.NewStream(2).OnRequestHeaders()
	g.Deliver()
	if strings.Join(order, ", ") != "first goes on, first ends, second runs" || acts(g) != [3]int{0, 0, 2} {
		t.Error(order, acts(g))
	}
}

func TestManyStreamsDoNotMix(t *testing.T) {
	var g *hosttest.Gateway
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		wait(g, s)
		status := s.Config.(int)
		wait(g, s)
		s.Exit(status)
	}))
	const many = 200
	for id := range many {
		stream := root.NewStream(uint32(id))
		stream.Config = 400 + id%60
		stream.OnRequestHeaders()
	}
	g.Deliver()
	dropped := 0
	for id, at := 0, 0; id < many; id++ {
		code := 400 + id%60
		if code == 408 || code == 444 {
			dropped++
			continue
		}
		if status, _ := errorpage.Lookup(code, ""); int(g.Responses[at].Status) != status {
			t.Fatalf("response %d has status %d, want %d", at, g.Responses[at].Status, status)
		}
		at++
	}
	if len(g.Responses) != many-dropped || g.Resets != dropped {
		t.Error(acts(g))
	}
}

func TestYields(t *testing.T) {
	root, g := newRoot(t, phase(func(*engine.Stream) {}))
	for id := range uint32(640) {
		root.NewStream(id).OnRequestHeaders()
	}
	if g.Yields != 10 {
		t.Errorf("%d yields", g.Yields)
	}
}
