package engine

import (
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/errorpage"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// outcome is what a handler decided about its request.
type outcome int

const (
	undecided outcome = iota // goes on to the next phase, at last to the upstream
	answered                 // ends with Stream.response
	dropped                  // ends without an answer
)

// unwind is panicked with by ExitUnwind to leave nested functions.
type unwind struct{}

// stopped is panicked with to unwind a handler that is given up.
type stopped struct{}

// Reader keeps what has been read of a request.
type Reader interface {
	// Snapshot reads what can still be asked for, since the stream is about to
	// end while its handler goes on.
	Snapshot()
}

// Stream is one request.
type Stream struct {
	root *Root
	id   uint32

	// Reader is the request as the handlers see it, Config the configuration of
	// the plugin; Begin sets them.
	Reader Reader
	Config any

	phases  []Phase
	current int        // index of the phase that runs
	co      *coroutine // of the phase that waits, or nil

	outcome  outcome
	response host.Response

	held       bool  // the request is held in the gateway
	ended      bool  // all phases are through, or the request is decided
	gone       bool  // the stream is no longer in the gateway
	detachedAt int64 // in nanoseconds since 1970
}

// NewStream makes the state of a stream with the gateway's number for it.
func (r *Root) NewStream(id uint32) *Stream { return &Stream{root: r, id: id} }

// Host returns the gateway, for reads of this request.
func (s *Stream) Host() host.Host { return s.root.host }

// Gone reports whether the stream is no longer in the gateway, so that nothing
// can be read from it.
func (s *Stream) Gone() bool { return s.gone }

// Chunk returns the name of the Lua chunk that runs.
func (s *Stream) Chunk() string {
	if s.current < len(s.phases) {
		return s.phases[s.current].Chunk
	}
	return ""
}

// kind is the phase that runs.
func (s *Stream) kind() Kind {
	if s.current < len(s.phases) {
		return s.phases[s.current].Kind
	}
	return Rewrite
}

// Redis returns the way to a Redis server; see Root.Redis.
func (s *Stream) Redis(address string, port int) (transport.Redis, *transport.Server) {
	return s.root.Redis(address, port)
}

// OnRequestHeaders runs the handlers. The result is for the gateway.
func (s *Stream) OnRequestHeaders() host.Action {
	action := host.Wait
	s.root.enter(func() {
		if s.held { // it was queued, and its callback is over
			s.root.host.Enter(s.id)
		}
		s.start()
		s.protect("answering", func() { action = s.settleFirst() })
	})
	s.held = true
	return action
}

// OnDone is told that the stream is about to leave the gateway. That matters to
// a handler that waits.
func (s *Stream) OnDone() {
	if s.co == nil || s.gone {
		return
	}
	s.root.enter(func() { s.detach(true) })
}

// start chooses the phases and runs them.
func (s *Stream) start() {
	s.protect("choosing the handlers", func() {
		s.phases = s.root.program.Begin(s, s.root.settings.Config)
	})
	s.advance()
}

// advance runs phases until one waits or the request is through.
func (s *Stream) advance() {
	for s.outcome == undecided && s.current < len(s.phases) {
		phase := &s.phases[s.current]
		if phase.Suspends {
			if s.co == nil {
				s.co = newCoroutine(func() { s.invoke(phase) })
			}
			if s.co.resume() {
				return
			}
			s.co = nil
		} else {
			s.root.callDirectly(s, phase)
		}
		s.current++
	}
	s.ended = true
}

// callDirectly runs a handler without a coroutine.
func (r *Root) callDirectly(s *Stream, phase *Phase) {
	if r.directCalls++; r.directCalls%directCallsPerYield == 0 {
		r.host.Yield()
	}
	s.invoke(phase)
}

// invoke calls a handler and turns every panic into an outcome.
func (s *Stream) invoke(phase *Phase) {
	defer func() {
		switch v := recover().(type) {
		case nil, unwind, stopped:
		case *lua.Error:
			s.Log(host.Error, "lua entry thread aborted: runtime error: "+v.In(phase.Chunk))
			s.answer(500)
		default:
			s.root.logBug("running "+phase.Chunk, v)
			s.answer(500)
		}
	}()
	phase.Run(s)
}

// protect runs a part of the machinery; a panic in it is answered with 500.
func (s *Stream) protect(doing string, f func()) {
	defer func() {
		if v := recover(); v != nil {
			s.root.logBug(doing, v)
			s.answer(500)
		}
	}()
	f()
}

// Log writes a line to the gateway's log.
func (s *Stream) Log(level host.Level, message string) { s.root.host.Log(level, message) }

// settleFirst acts on the outcome in the callback for the request headers.
func (s *Stream) settleFirst() host.Action {
	switch {
	case !s.ended:
		return host.Wait
	case s.outcome == undecided:
		if s.held { // a queued start: the headers are held already
			s.root.host.Resume()
		}
		return host.Continue
	}
	s.settle()
	return host.Wait
}

// settle acts on the outcome of a request that is held.
func (s *Stream) settle() {
	if !s.ended || s.gone {
		return
	}
	switch s.outcome {
	case undecided:
		s.root.host.Resume()
	case answered:
		s.root.host.Respond(s.response)
	case dropped:
		s.root.host.Reset()
	}
}

// Await suspends the handler. It calls start, which begins something and is
// given a function to be called, in a callback of the host, when that is done.
func (s *Stream) Await(start func(wake func())) {
	if s.co == nil {
		panic("a handler waits that is not registered as one that suspends")
	}
	done, waiting := false, false
	start(func() {
		if done {
			return
		}
		done = true
		if waiting {
			s.root.enter(s.resume)
		}
	})
	waiting = true
	for !done {
		if !s.co.suspend() {
			panic(stopped{})
		}
	}
}

// resume continues the handler in a callback of the host.
func (s *Stream) resume() {
	if s.co == nil {
		return
	}
	h := s.root.host
	if !s.gone && !h.Alive(s.id) {
		s.detach(false)
	}
	if s.gone {
		if time.Duration(h.Now()-s.detachedAt) > maxDetachedTime {
			s.abandon("it ran for more than " + maxDetachedTime.String() + " without its client")
		}
	} else {
		h.Enter(s.id)
	}
	if s.co == nil {
		return
	}
	s.advance()
	if s.gone && s.ended {
		s.root.detached--
	}
	s.protect("answering", s.settle)
}

// detach lets a waiting handler go on without its stream, unless there are too
// many of that kind. The stream can still be read when readable is true.
func (s *Stream) detach(readable bool) {
	if readable && s.Reader != nil {
		s.protect("keeping the request", s.Reader.Snapshot)
	}
	s.gone = true
	s.detachedAt = s.root.host.Now()
	s.root.detached++
	if s.root.detached > maxDetached {
		s.abandon("too many requests run without their clients")
	}
}

// abandon unwinds a handler that waits without its client.
func (s *Stream) abandon(why string) {
	s.Log(host.Warn, s.root.program.Name+": "+s.Chunk()+" was given up: "+why)
	s.root.detached--
	s.ended = true
	if s.co != nil {
		s.co.stop()
		s.co = nil
	}
}

// Exit records what ngx.exit(code) decides. The caller returns right after.
func (s *Stream) Exit(code int) {
	switch {
	case code == 0 || code == -5:
		// The phase ends, the next one runs.
	case (code == -3 || code <= -6) && s.kind() == Access:
		// The same; these codes have no name in Lua.
	case code == -2 || code == -4:
		s.answer(500)
	case code < 200 || code == 408 || code == 444 || code == 499:
		s.outcome = dropped
	default:
		s.answer(code)
	}
}

// Unwind leaves the handler from within nested functions.
func (s *Stream) Unwind() { panic(unwind{}) }

// answer records nginx's own response for a status.
func (s *Stream) answer(code int) {
	userAgent := ""
	if errorpage.HasPage(code) && !s.gone {
		userAgent, _ = s.root.host.RequestHeader("user-agent")
	}
	status, body := errorpage.Lookup(code, userAgent)
	var headers [][2]string
	if body != "" {
		headers = [][2]string{{"content-type", "text/html"}}
	}
	s.Respond(host.Response{Status: uint32(status), Headers: headers, Body: []byte(body)})
}

// Respond records a response.
func (s *Stream) Respond(response host.Response) {
	s.outcome = answered
	s.response = response
}
