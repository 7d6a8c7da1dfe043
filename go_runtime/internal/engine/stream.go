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
	// Remember reads what handlers for the response can still ask for.
	Remember()
	// Complete adds to a response that the machinery makes, nginx's page for a
	// status, what the handlers have set for any response. It is false when the
	// client has a part of another one already: the connection has to be cut.
	Complete(page host.Response) (response host.Response, possible bool)
	// Fail notes that nginx's own page for a status is about to be the answer. It is
	// false where error_page does not count any more.
	Fail(code int) bool
	// Failure is the status of the error that the response on its way is, if it is one
	// that error_page is for.
	Failure() (code int, failed bool)
	// Recover takes Fail back.
	Recover()
	// Conclude makes the answer to a request whose content handler has ended
	// without one.
	Conclude()
	// Pass makes the handlers' changes to the request, which is about to go to the
	// upstream.
	Pass()
	// ChangesResponse reports whether the handlers of the request have changed the
	// response.
	ChangesResponse(upstream bool) bool
	// OpenResponse takes the headers of the response that the client is about to
	// get: the upstream's, or the handlers' own as the gateway completed it.
	OpenResponse(upstream bool)
	// CloseResponse makes the handlers' changes to these headers.
	CloseResponse(body bool)
	// OpenPiece takes a piece of the response's body.
	OpenPiece(piece []byte, last bool)
	// ClosePiece gives what the handler made of it. It is false when the handler
	// wants the connection to be cut.
	ClosePiece() (piece []byte, ok bool)
	// Exited is what ngx.exit was called with by a handler of the response, if it was.
	Exited() (code int, exited bool)
	// ReplaceResponse takes another response in the place of the one that was opened.
	ReplaceResponse(host.Response)
	// TakeBackChallenge removes from the response what belongs to a 401 that did not
	// come to it.
	TakeBackChallenge()
	// UserAgent is the client's.
	UserAgent() string
	// Substitutes reports whether directives change the body of the response, whose
	// headers are known. It may change these.
	Substitutes() bool
	// BodyEnded reports whether a handler has ended the body.
	BodyEnded() bool
	// SwitchesProtocol reports whether what follows the response's headers is
	// another protocol.
	SwitchesProtocol() bool
	// HasBody reports whether the response may have a body.
	HasBody() bool
	// OnlyHeaders reports whether the client asked for no body.
	OnlyHeaders() bool
	// Answer is the response as it is, without a body.
	Answer() host.Response
}

// Stream is one request.
type Stream struct {
	root *Root
	id   uint32

	// Reader is the request as the handlers see it, Place where their unit acts
	// and Config its configuration there; Begin sets them.
	Reader Reader
	Place  *Place
	Config any

	// Code is what ngx.exit said when it ended the request without an answer.
	Code int

	// Level is the level of nginx's configuration that the request is at: the
	// location that was found for it, or an if in that.
	Level int

	phases  []Phase
	current int        // index of the request's phase that runs
	jump    Kind       // where to go on after the phase that runs, if jumps
	jumps   bool       // it is not the next phase
	changes int        // of the location, so far
	access  access     // what the rules of its location have said
	within  bool       // directives run for a request that is made on behalf of this one
	filter  *Phase     // the phase of the response, or of the proxy, that runs, or nil
	co      *coroutine // of the phase that waits, or nil

	// ReadsBody says that a handler may ask for the body; Begin sets it.
	ReadsBody bool
	body      body

	outcome  outcome
	response host.Response

	held       bool   // the request is held in the gateway
	ended      bool   // all phases are through, or the request is decided
	gone       bool   // the stream is no longer in the gateway
	settled    bool   // the gateway was told the outcome
	cut        bool   // a filter ended the response
	keeps      bool   // the gateway holds the place of the body's last piece
	unfiltered bool   // the handlers do not see the body: the response switches to another protocol, or has none
	expiry     *timer // ends a handler whose client is gone

	closers []func()  // of AtEnd
	isTask  bool      // no request: what ngx.timer.at has started
	threads scheduler // of the phase that runs; nil before ngx.thread.spawn

	// Special says that the answer of a subrequest is one for which nginx has pages,
	// Passed that it is that of a service.
	Special, Passed bool

	parent    *Stream   // that this is a subrequest of, or nil
	children  []*Stream // the subrequests that a handler waits for
	whenEnded func()    // tells who waits for the subrequest
	over      func()    // ends the subrequest; a function value, so that a plugin without any does not link it
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
	if phase := s.running(); phase != nil {
		return phase.Chunk
	}
	return ""
}

// Kind is the phase that runs.
func (s *Stream) Kind() Kind {
	if phase := s.running(); phase != nil {
		return phase.Kind
	}
	return Rewrite
}

// running is the phase that runs, nil when none does.
func (s *Stream) running() *Phase {
	if s.filter != nil {
		return s.filter
	}
	if s.current < len(s.phases) {
		return &s.phases[s.current]
	}
	return nil
}

// Redis returns the transport for Redis commands and the server that a Lua
// connect(address, port) means.
func (s *Stream) Redis(address string, port int) (transport.Redis, *transport.Server) {
	return s.root.program.Redis, s.place().server(s.root.program.Redis, address, port)
}

// Service returns the HTTP service that a Lua connect(name, port) means in this
// unit.
func (s *Stream) Service(name string, port int) *transport.Service {
	return s.place().service(s.root.program.HTTP, name, port)
}

// OnRequestHeaders runs the handlers. The result is for the gateway.
func (s *Stream) OnRequestHeaders() (action host.Action) {
	r := s.root
	if r.busy {
		action = host.Wait
		if r.program.ReadsBody {
			action = s.body.hold()
		}
		r.enter(s.startQueued)
	} else {
		r.busy = true
		r.breathe()
		action = s.startNow()
		r.drain()
		r.busy = false
	}
	s.held = true
	return action
}

// startNow runs the handlers in the callback for the request headers. It is
// protect without its closures: most requests end here.
func (s *Stream) startNow() (action host.Action) {
	defer func() {
		if v := recover(); v != nil {
			s.root.busy = false
			s.root.logBug("answering", v)
			s.giveUp()
			action = host.Wait
		}
	}()
	s.start()
	return s.settleFirst()
}

// startQueued runs the handlers after the callback for the request headers.
func (s *Stream) startQueued() {
	s.protect("answering", func() {
		s.root.host.Enter(s.id)
		s.start()
		s.settleFirst()
	})
}

// Continues reports whether the gateway may call about the request again: its
// handler waits, it is to change the answer, or something is to be done at its end.
func (s *Stream) Continues() bool {
	limited := s.body.limit > 0 && s.body.coming
	return !s.ended || s.root.program.Responds || limited || len(s.closers) > 0 ||
		(s.Reader != nil && s.Reader.ChangesResponse(s.outcome == undecided))
}

// OnDone is told that the stream is about to leave the gateway. A handler that
// waits goes on; else the request is logged.
func (s *Stream) OnDone() {
	switch {
	case s.gone:
	case s.co == nil:
		s.noteNoAnswer()
		s.log()
	default:
		s.settled = true // there is nothing left to tell the gateway
		s.root.enter(func() {
			if s.body.wanted() {
				s.protect("giving up a request", s.unwindUnread)
				return
			}
			s.protect("keeping a request", func() { s.detach(true) })
		})
	}
}

// start chooses the phases and runs them.
func (s *Stream) start() {
	s.phases = s.root.program.Begin(s, s.root.config)
	s.advance()
}

// advance runs phases until one waits or the request is through.
func (s *Stream) advance() {
	// A handler that made an answer and then waits goes on.
	for s.outcome == undecided || s.co != nil {
		if s.co == nil && s.unsatisfied() {
			s.step()
			continue
		}
		if s.current >= len(s.phases) || s.phases[s.current].Kind >= Error {
			break
		}
		phase := &s.phases[s.current]
		if s.co == nil && (!s.applies(phase) || s.skips(phase) || s.skipsInside(phase)) {
			s.current++
			continue
		}
		if waits := s.run(phase); waits {
			return
		}
		s.judge(phase)
		if phase.Kind == Content && s.outcome == undecided && !s.jumps {
			s.Reader.Conclude()
		}
		s.step()
	}
	s.end()
}

// run runs a phase, or goes on with it, until it waits (true) or ends (false).
func (s *Stream) run(phase *Phase) (waits bool) {
	if !phase.Suspends {
		s.invoke(phase)
		return false
	}
	if s.co == nil {
		s.co = newCoroutine(func() { s.invoke(phase) })
	}
	if s.threads == nil {
		waits = s.co.resume()
	}
	if s.threads != nil { // maybe since just now
		waits = s.threads.run()
	}
	if !waits {
		s.co, s.threads = nil, nil
	}
	return waits
}

// stop unwinds the handler that waits, if one does.
func (s *Stream) stop() {
	co, threads := s.co, s.threads
	s.co, s.threads = nil, nil
	switch {
	case threads != nil:
		threads.stop()
	case co != nil:
		co.stop()
	}
}

// suspend gives control back until the handler is resumed; false means that it was
// given up.
func (s *Stream) suspend() bool {
	if s.threads != nil {
		return s.threads.suspend()
	}
	return s.co.suspend()
}

// end notes that no handler runs any more.
func (s *Stream) end() {
	if s.ended {
		return
	}
	if s.over != nil {
		s.over()
		return
	}
	s.ended = true
	if s.isTask {
		s.root.tasks.end(s)
		return
	}
	if s.gone {
		s.attempt("filtering an answer", s.filterUnseen)
		s.log()
		s.root.leave(s.expiry)
	}
}

// invoke calls a handler and turns every panic into an outcome.
func (s *Stream) invoke(phase *Phase) {
	defer func() {
		switch v := recover().(type) {
		case nil, stopped:
		case unwind:
			s.EndThreads()
		case *lua.Error:
			s.Log(host.Error, failure(phase.Kind)+v.In(phase.Chunk))
			s.abort()
		default:
			s.root.logBug("running "+s.place().Prefix+phase.Chunk, v)
			s.abort()
		}
	}()
	lua.Run(s.Reader, func() { phase.Run(s) })
}

// protect runs a part of the machinery. Should it panic, the request is answered
// with 500, whatever it was about to do.
func (s *Stream) protect(doing string, f func()) {
	if !s.attempt(doing, f) {
		s.giveUp()
	}
}

// attempt runs f and reports whether it did so without a panic.
func (s *Stream) attempt(doing string, f func()) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			s.root.logBug(doing, v)
			ok = false
		}
	}()
	f()
	return true
}

// giveUp ends a request on which the machinery failed. It relies on as little as
// possible: the request is answered or at least reset, and never passes.
func (s *Stream) giveUp() {
	s.attempt("stopping a handler", s.stop)
	if s.parent != nil {
		s.answer(500)
	}
	s.end()
	if s.settled || s.gone {
		return
	}
	h := s.root.host
	if s.held && !s.attempt("answering", func() { h.Enter(s.id) }) {
		return // it stays held; an answer would go to another request
	}
	s.attempt("counting a failure", func() { s.place().Failures.increment(h) })
	status, body := errorpage.Lookup(500, "")
	s.Respond(host.Response{Status: uint32(status), Headers: htmlPage, Body: []byte(body)})
	if !s.attempt("answering", s.settle) {
		s.attempt("answering", h.Reset)
	}
}

// Log writes a line to the gateway's log.
func (s *Stream) Log(level host.Level, message string) {
	s.root.host.Log(level, s.place().Prefix+message)
}

// settleFirst acts on the outcome in the callback for the request headers.
func (s *Stream) settleFirst() host.Action {
	if s.ended && s.outcome == undecided && !s.held && s.pass() {
		s.settled = true
		return host.Continue
	}
	s.settle() // a queued start's headers are held already
	if s.ReadsBody && !s.ended {
		return s.body.hold()
	}
	return host.Wait
}

// settle acts on the outcome of a request that is held.
func (s *Stream) settle() {
	if !s.ended || s.gone || s.settled {
		return
	}
	switch passes := s.outcome == undecided && s.pass(); {
	case passes && s.body.arriving: // the callback's answer lets it pass
	case passes:
		s.root.host.Resume()
	case s.outcome == answered:
		s.remember()
		s.root.host.Respond(s.response)
	case s.outcome == dropped:
		s.root.host.Reset()
	}
	s.settled = true
}

// Await suspends the handler. It calls start, which begins something and is
// given a function to be called, in a callback of the host, when that is done.
func (s *Stream) Await(start func(wake func())) {
	if s.filter != nil {
		lua.ThrowValue(Disabled(s.filter.Kind))
	}
	if owner := lua.Owner(); owner != nil && owner != any(s.Reader) {
		lua.ThrowValue("bad request") // what another request has connected
	}
	if s.co == nil {
		panic("a handler waits that is not registered as one that suspends")
	}
	lua.CheckYield()
	s.root.waiting++
	defer func() { s.root.waiting-- }()
	if s.root.waiting > maxWaiting {
		s.Log(host.Critical, s.root.program.Name+": "+s.Chunk()+" was given up: too many requests wait")
		s.answer(503)
		panic(unwind{})
	}
	done, waiting := false, false
	resume := s.resume
	if s.threads != nil {
		resume = s.threads.resuming()
	}
	start(func() {
		if done {
			return
		}
		done = true
		if waiting {
			s.root.enter(resume)
		}
	})
	waiting = true
	for !done {
		if !lua.Wait(s.suspend) {
			panic(stopped{})
		}
	}
}

// Sleep suspends the handler for a time.
func (s *Stream) Sleep(d time.Duration) {
	var t *timer
	defer func() { s.root.cancel(t) }() // a handler that is given up leaves none
	s.Await(func(wake func()) { t = s.root.after(d, wake) })
}

// resume continues the handler in a callback of the host.
func (s *Stream) resume() {
	if s.co == nil {
		return
	}
	s.protect("continuing a handler", func() {
		h := s.root.host
		if main := s.main(); !main.gone && !h.Alive(s.id) {
			main.detach(false)
		}
		if !s.gone {
			h.Enter(s.id)
		}
		if s.co == nil {
			return // there were too many without their clients
		}
		s.advance()
		s.settle()
	})
}

// detach lets a waiting handler go on without its stream, unless there are too
// many of that kind. The stream can still be read when readable is true.
func (s *Stream) detach(readable bool) {
	s.leave(readable)
	s.root.detached++
	if s.root.detached > maxDetached {
		s.abandon("too many requests run without their clients")
		return
	}
	s.expiry = s.root.after(maxDetachedTime, func() {
		s.abandon("it ran for more than " + maxDetachedTime.String() + " without its client")
	})
}

// abandon unwinds a handler that waits without its client.
func (s *Stream) abandon(why string) {
	s.protect("giving up a handler", func() {
		s.Log(host.Warn, s.root.program.Name+": "+s.Chunk()+" was given up: "+why)
		s.stop()
		s.end()
	})
}

// Exit records what ngx.exit(code) decides. The caller returns right after.
func (s *Stream) Exit(code int) {
	s.EndThreads()
	switch {
	case s.Kind() == Access && s.refuse(code):
		// Something else may still allow the request.
	case code == 0 || code == -5 && s.Kind() != Content:
		// The phase ends, the next one runs.
		s.access.passed = code != 0
	case (code == -3 || code <= -6) && s.Kind() == Access:
		// The same; these codes have no name in Lua.
		s.access.passed = true
	case code == -2 || code == -4:
		s.answer(500)
	case code < 200 || code == 408 || code == 444 || code == 499:
		s.outcome = dropped
	default:
		s.answer(code)
	}
	if s.outcome == dropped {
		s.Code = code
	}
}

// Unwind leaves the handler from within nested functions.
func (s *Stream) Unwind() { panic(unwind{}) }

// Refuse ends a handler that wants what the gateway can't do: the request is
// answered with 500, and the log says why.
func (s *Stream) Refuse(why string) {
	s.Log(host.Critical, s.root.program.Name+": "+s.Chunk()+": "+why)
	s.abort()
	s.Unwind()
}

// abort answers a request whose handler a Lua error or a bug ended.
func (s *Stream) abort() {
	s.EndThreads()
	s.place().Failures.increment(s.root.host)
	s.answer(500)
}

// htmlPage are the headers of nginx's own pages.
var htmlPage = [][2]string{{"content-type", "text/html"}}

// answer records nginx's own response for a status, unless the configuration has
// something else in its place.
func (s *Stream) answer(code int) {
	if s.isTask {
		return
	}
	if s.parent != nil {
		if s.Special = true; s.outcome != answered { // what has begun stays
			s.complete(host.Response{Status: uint32(code)})
		}
		return
	}
	if phase := s.handler(Error); phase != nil && s.filter == nil && !s.within && s.Reader.Fail(code) {
		s.filterWith(phase)
		if s.jumps || s.outcome != undecided {
			return
		}
	}
	s.complete(s.page(code))
}

// Page records nginx's own response for a status.
func (s *Stream) Page(code int) { s.complete(s.page(code)) }

// page is nginx's own response for a status.
func (s *Stream) page(code int) host.Response {
	userAgent := ""
	if errorpage.HasPage(code) {
		userAgent = s.userAgent()
	}
	status, body := errorpage.Lookup(code, userAgent)
	var headers [][2]string
	if body != "" {
		headers = htmlPage
	}
	return host.Response{Status: uint32(status), Headers: headers, Body: []byte(body)}
}

// userAgent is the client's, "" when it cannot be read.
func (s *Stream) userAgent() string {
	switch {
	case s.settled && s.Reader != nil:
		return s.Reader.UserAgent()
	case s.gone:
		return ""
	}
	agent, _ := s.root.host.RequestHeader("user-agent")
	return agent
}

// Respond records a response.
func (s *Stream) Respond(response host.Response) {
	s.outcome = answered
	s.response = response
}
