package engine_test

import (
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
)

// newReader is a root context whose requests run a handler that may ask for the
// body.
func newReader(t *testing.T, body string, run func(*engine.Stream)) (*engine.Root, *hosttest.Gateway) {
	t.Helper()
	gateway := &hosttest.Gateway{Dead: map[uint32]bool{}, Headers: [][2]string{{":path", "/"}}, Body: body}
	root := engine.NewRoot(gateway, &engine.Program{
		Name:      "test",
		ReadsBody: true,
		Configure: func([]byte) (any, []string, error) { return nil, nil, nil },
		Begin: func(s *engine.Stream, _ any) []engine.Phase {
			s.ReadsBody = true
			return []engine.Phase{suspending(run)}
		},
	})
	if !root.Configure(nil) {
		t.Fatal(gateway.LogText())
	}
	return root, gateway
}

// TestRequestWithoutBody does not wait: nothing more would come.
func TestRequestWithoutBody(t *testing.T) {
	var g *hosttest.Gateway
	root, g := newReader(t, "", func(s *engine.Stream) {
		if data, ok := s.ReadBody(); data != "" || ok {
			t.Error(data, ok)
		}
		wait(g, s)
	})
	if action := root.NewStream(2).OnRequestHeaders(); action != host.Wait {
		t.Error(action)
	}
	g.Deliver()
	if acts(g) != [3]int{0, 0, 1} {
		t.Error(acts(g))
	}
}

// TestBodyInParts holds the request until all of the body is there, and lets it
// pass with the answer to that.
func TestBodyInParts(t *testing.T) {
	read := ""
	root, g := newReader(t, "abcdef", func(s *engine.Stream) { read, _ = s.ReadBody() })
	s := root.NewStream(2)
	s.ExpectBody()
	for step, action := range []host.Action{s.OnRequestHeaders(), s.OnRequestBody(3, false)} {
		if action != host.Hold || read != "" {
			t.Error(step, action, read)
		}
	}
	if action := s.OnRequestBody(6, true); action != host.Continue || read != "abcdef" || acts(g) != [3]int{} {
		t.Error(action, read, acts(g))
	}
}

// TestBodyBeforeItIsAskedFor comes while the handler waits for something else.
func TestBodyBeforeItIsAskedFor(t *testing.T) {
	var g *hosttest.Gateway
	read := ""
	root, g := newReader(t, "abc", func(s *engine.Stream) {
		wait(g, s)
		read, _ = s.ReadBody()
	})
	s := root.NewStream(2)
	s.ExpectBody()
	if first, second := s.OnRequestHeaders(), s.OnRequestBody(3, true); first != host.Hold || second != host.Hold {
		t.Error(first, second)
	}
	g.Deliver()
	if read != "abc" || acts(g) != [3]int{0, 0, 1} {
		t.Error(read, acts(g))
	}
}

// TestBodyThatNobodyAsksFor goes on behind the headers.
func TestBodyThatNobodyAsksFor(t *testing.T) {
	var g *hosttest.Gateway
	root, g := newReader(t, "abc", func(s *engine.Stream) { wait(g, s) })
	s := root.NewStream(2)
	s.ExpectBody()
	if action := s.OnRequestHeaders(); action != host.Hold {
		t.Error(action)
	}
	g.Deliver()
	if first, second := s.OnRequestBody(3, false), s.OnRequestTrailers(); first != host.Continue || second != host.Continue {
		t.Error(first, second)
	}
	if acts(g) != [3]int{0, 0, 1} {
		t.Error(acts(g))
	}
}

// TestWaitAfterTheBody holds the request although all of it is there.
func TestWaitAfterTheBody(t *testing.T) {
	var g *hosttest.Gateway
	root, g := newReader(t, "abc", func(s *engine.Stream) {
		_, _ = s.ReadBody()
		wait(g, s)
	})
	s := root.NewStream(2)
	s.ExpectBody()
	s.OnRequestHeaders()
	if action := s.OnRequestBody(3, true); action != host.Hold || acts(g) != [3]int{} {
		t.Error(action, acts(g))
	}
	g.Deliver()
	if acts(g) != [3]int{0, 0, 1} {
		t.Error(acts(g))
	}
}

// TestAnswerToTheBody answers in the callback for it.
func TestAnswerToTheBody(t *testing.T) {
	root, g := newReader(t, "abc", func(s *engine.Stream) {
		_, _ = s.ReadBody()
		s.Exit(403)
	})
	s := root.NewStream(2)
	s.ExpectBody()
	s.OnRequestHeaders()
	if action := s.OnRequestBody(3, true); action != host.Hold || acts(g) != [3]int{1, 0, 0} {
		t.Error(action, acts(g))
	}
}

// TestBodyBeforeTrailers ends with the trailers.
func TestBodyBeforeTrailers(t *testing.T) {
	read := ""
	root, _ := newReader(t, "abc", func(s *engine.Stream) { read, _ = s.ReadBody() })
	s := root.NewStream(2)
	s.ExpectBody()
	s.OnRequestHeaders()
	s.OnRequestBody(3, false)
	if action := s.OnRequestTrailers(); action != host.Continue || read != "abc" {
		t.Error(action, read)
	}
}

// TestClientLeavesBeforeTheBody ends the handler, as nginx does.
func TestClientLeavesBeforeTheBody(t *testing.T) {
	unwound, ended := false, false
	root, g := newReader(t, "abc", func(s *engine.Stream) {
		defer func() { unwound = true }()
		_, _ = s.ReadBody()
		ended = true
	})
	s := root.NewStream(2)
	s.ExpectBody()
	s.OnRequestHeaders()
	s.OnDone()
	if !unwound || ended || acts(g) != [3]int{} || !root.Retire(func() {}) {
		t.Error(unwound, ended, acts(g))
	}
}

// TestClientIsGoneBeforeTheBody ends the handler where it asks for what will never
// come, but runs it until then.
func TestClientIsGoneBeforeTheBody(t *testing.T) {
	var g *hosttest.Gateway
	asked, ended := false, false
	root, g := newReader(t, "abc", func(s *engine.Stream) {
		wait(g, s)
		asked = true
		_, _ = s.ReadBody()
		ended = true
	})
	s := root.NewStream(2)
	s.ExpectBody()
	s.OnRequestHeaders()
	s.OnDone()
	g.Dead[2] = true
	g.Deliver()
	if !asked || ended || acts(g) != [3]int{} || !root.Retire(func() {}) {
		t.Error(asked, ended, acts(g))
	}
}

// TestRefuse answers 500 and says why, whatever the handler would do about it.
func TestRefuse(t *testing.T) {
	root, g := newReader(t, "", func(s *engine.Stream) { s.Refuse("it can't") })
	root.NewStream(2).OnRequestHeaders()
	if acts(g) != [3]int{1, 0, 0} || g.Responses[0].Status != 500 || !strings.Contains(g.LogText(), "chunk: it can't") {
		t.Error(acts(g), g.LogText())
	}
}

// newLimited is a root context whose requests may have bodies of ten bytes.
func newLimited(t *testing.T, run func(*engine.Stream)) (*engine.Root, *hosttest.Gateway) {
	t.Helper()
	return newReader(t, "", func(s *engine.Stream) {
		s.LimitBody(10)
		run(s)
	})
}

// TestTooLargeWhilePassing ends a request of unknown length that has gone to the
// upstream, as soon as it has too many bytes.
func TestTooLargeWhilePassing(t *testing.T) {
	root, g := newLimited(t, func(*engine.Stream) {})
	s := root.NewStream(2)
	s.ExpectBody()
	if action := s.OnRequestHeaders(); action != host.Continue || !s.Continues() {
		t.Fatal(action, s.Continues())
	}
	if action := s.OnRequestBody(6, false); action != host.Continue || acts(g) != [3]int{0, 0, 0} {
		t.Error(action, acts(g))
	}
	if action := s.OnRequestBody(5, true); action != host.Hold || len(g.Responses) != 1 || g.Responses[0].Status != 413 {
		t.Error(action, g.Responses)
	}
	if s.OnRequestBody(5, true); len(g.Responses) != 1 {
		t.Error(g.Responses)
	}
}

// TestTooLargeWhileHeld answers a handler's request for the body, and passes no
// request whose body nobody asked for.
func TestTooLargeWhileHeld(t *testing.T) {
	for _, reads := range []bool{true, false} {
		var g *hosttest.Gateway
		root, g := newLimited(t, func(s *engine.Stream) {
			if reads {
				s.ReadBody()
				t.Error("it was read")
			}
			wait(g, s)
		})
		s := root.NewStream(2)
		s.ExpectBody()
		s.OnRequestHeaders()
		s.OnRequestBody(6, false)
		if action := s.OnRequestBody(11, false); action != host.Hold {
			t.Error(action)
		}
		g.Deliver()
		if len(g.Responses) != 1 || g.Responses[0].Status != 413 || g.Resumed != 0 {
			t.Error(reads, g.Responses, g.Resumed)
		}
	}
}
