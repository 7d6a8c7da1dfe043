package engine

import (
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// handler is the handler of a phase, nil when there is none.
func (s *Stream) handler(kind Kind) *Phase {
	for i := range s.phases {
		if phase := &s.phases[i]; phase.Kind == kind && s.applies(phase) {
			return phase
		}
	}
	return nil
}

// Responds reports whether there are handlers for the response.
func (s *Stream) Responds() bool {
	for i := range s.phases {
		if phase := &s.phases[i]; phase.Kind.OfResponse() && s.applies(phase) {
			return true
		}
	}
	return false
}

// changesBody reports whether handlers change the body of the response, whose headers
// are known.
func (s *Stream) changesBody() bool {
	substitutes := s.handler(Body) != nil && s.Reader.Substitutes()
	return substitutes || s.handler(BodyFilter) != nil
}

// failure is what nginx says before the text of an error that ended a handler.
func failure(kind Kind) string {
	switch kind {
	case ServerRewrite, Set, HeaderFilter, BodyFilter, Log:
		return "failed to run " + kind.String() + "_by_lua*: "
	default:
		return "lua entry thread aborted: runtime error: "
	}
}

// Disabled is nginx's error for what a phase does not allow.
func Disabled(kind Kind) string {
	if kind == Timer {
		return "API disabled in the context of ngx.timer"
	}
	return "API disabled in the context of " + kind.String() + "_by_lua*"
}

// Meet is told of a response to a request that the gateway did not show to the
// plugin: it refused the request itself, or a filter before this one did.
func (s *Stream) Meet() {
	s.attempt("choosing handlers", func() {
		if _, ok := s.root.host.RequestHeader(":path"); ok { // else it was no request
			s.phases = s.root.program.Begin(s, s.root.config)
		}
	})
	s.current, s.ended, s.settled, s.outcome = len(s.phases), true, true, answered
}

// OnResponseHeaders is told that an answer is on its way to the client: the
// upstream's, the gateway's, or that of the handlers. Nothing of it has left yet.
// Bare says that there is no body. The result is for the gateway.
//
// As in nginx, the handlers for the body see an upstream's 204 or 304, and not what a
// handler for the headers gave such a status.
func (s *Stream) OnResponseHeaders(bare bool) (action host.Action) {
	if s.Reader == nil || s.gone || s.cut {
		return host.Continue
	}
	upstream := s.outcome == undecided
	pages := upstream && s.handler(Error) != nil
	if !pages && !s.Responds() && !s.Reader.ChangesResponse(upstream) {
		return host.Continue
	}
	s.protectResponse("changing an answer", func() {
		s.Reader.OpenResponse(upstream)
		emptied := upstream && bare && !s.Reader.HasBody() && !s.Reader.OnlyHeaders()
		if upstream && s.intercepts() {
			action = host.Wait
			return
		}
		if !s.filterHeaders(upstream, 0) {
			s.cutOff()
			return
		}
		if code, exited := s.Reader.Exited(); exited {
			s.replace(code)
			action = host.Wait
			return
		}
		body := s.changesBody()
		if bare && body && (emptied || s.Reader.HasBody()) {
			piece, ok := s.filterPiece(nil, true)
			if !ok || s.Reader.HasBody() && s.answerWith(piece) {
				action = host.Wait
				return
			}
		}
		s.Reader.CloseResponse(body)
		s.unfiltered = s.Reader.SwitchesProtocol() || !s.Reader.HasBody()
	})
	return action
}

// filterHeaders runs the handlers for the headers of the response. It is false when
// an error ended one of them. An ngx.exit ends them unless it is for the page that is
// there.
func (s *Stream) filterHeaders(upstream bool, page int) (ok bool) {
	for _, kind := range [...]Kind{Upstream, HeaderFilter, Headers} {
		phase := s.handler(kind)
		if phase == nil || kind == Upstream && !upstream {
			continue
		}
		if !s.filterWith(phase) {
			return false
		}
		if code, exited := s.Reader.Exited(); exited && code != page {
			break
		}
	}
	return true
}

// maxReplaced bounds how often a response is replaced by another.
const maxReplaced = 10

// replace puts nginx's page for a status in the place of the response, as ngx.exit
// does in header_filter_by_lua, which then runs for the page. It may exit again, with
// another status.
func (s *Stream) replace(code int) {
	var page host.Response
	for n, exited := 0, true; exited && code != int(page.Status); n++ {
		if code < 200 || n == maxReplaced {
			s.cutOff()
			return
		}
		page = s.page(code)
		s.Reader.ReplaceResponse(page)
		if !s.filterHeaders(false, code) {
			s.cutOff()
			return
		}
		code, exited = s.Reader.Exited()
	}
	s.respondWith(page.Body)
}

// respondWith sends the response that the handlers have seen the headers of, and this
// body once they have seen that, too.
func (s *Stream) respondWith(body []byte) {
	if s.changesBody() && s.Reader.HasBody() {
		var ok bool
		if body, ok = s.filterPiece(body, true); !ok {
			return
		}
	}
	if s.gone {
		return
	}
	response := s.Reader.Answer()
	response.Body = body
	s.cut = true
	s.root.host.Respond(response)
}

// clientClosed is nginx's status of a request whose client left before an answer.
const clientClosed = 499

// noteNoAnswer notes that the client left if it did so before there was an answer.
// It matters only where the gateway shows no answer.
func (s *Stream) noteNoAnswer() {
	if s.outcome == undecided {
		s.Code = clientClosed
	}
}

// filterUnseen runs the handlers for the response over an answer whose client has
// left, as nginx does.
func (s *Stream) filterUnseen() {
	s.noteNoAnswer()
	if s.outcome != answered {
		return
	}
	s.Reader.ReplaceResponse(s.response)
	if !s.filterHeaders(false, 0) {
		return
	}
	if code, exited := s.Reader.Exited(); exited {
		s.replace(code)
		return
	}
	if s.changesBody() && s.Reader.HasBody() {
		s.filterPiece(s.response.Body, true)
	}
}

// answerWith puts a response with a body in the place of one without, unless that
// body is empty.
func (s *Stream) answerWith(body []byte) bool {
	if len(body) == 0 {
		return false
	}
	response := s.Reader.Answer()
	response.Body = body
	s.cut = true // the rest of the response is not the plugin's any more
	s.root.host.Respond(response)
	return true
}

// OnResponseBody is told of a piece of the body, which may be empty, on its way to
// the client. The result is for the gateway: where the handler keeps all of a piece,
// it waits for more, since only then it takes a piece in front of trailers.
func (s *Stream) OnResponseBody(size int, last bool) (action host.Action) {
	if !s.changesBody() || s.gone || s.cut || s.unfiltered {
		return host.Continue
	}
	s.protectResponse("changing the body of an answer", func() {
		var piece []byte
		if size > 0 {
			var ok bool
			if piece, ok = s.root.host.ResponseBody(size); !ok {
				s.cutOff()
				return
			}
		}
		changed, ok := s.filterPiece(piece, last)
		if ok && string(changed) != string(piece) {
			s.root.host.SetResponseBody(changed)
		}
		s.keeps = ok && !last && len(changed) == 0
		if s.keeps {
			action = host.Hold
		}
	})
	return action
}

// OnResponseTrailers is told that the body has ended and trailers follow it.
func (s *Stream) OnResponseTrailers() {
	if !s.changesBody() || s.gone || s.cut || s.unfiltered {
		return
	}
	s.protectResponse("changing the body of an answer", func() {
		piece, ok := s.filterPiece(nil, true)
		switch {
		case !ok || len(piece) == 0:
		case s.keeps:
			s.root.host.SetResponseBody(piece)
		default:
			s.Log(host.Critical, s.root.program.Name+
				": the body of a response was cut: the gateway takes no more of it in front of trailers")
			s.cutOff()
		}
	})
}

// filterPiece lets the body's handlers change a piece. It is false when the
// connection was cut.
func (s *Stream) filterPiece(piece []byte, last bool) (changed []byte, ok bool) {
	if s.Reader.BodyEnded() {
		return nil, true
	}
	s.Reader.OpenPiece(piece, last)
	ok = true
	for _, kind := range [...]Kind{BodyFilter, Body} {
		if phase := s.handler(kind); ok && phase != nil {
			ok = s.filterWith(phase)
		}
	}
	if ok {
		changed, ok = s.Reader.ClosePiece()
	}
	if !ok {
		s.cutOff()
	}
	return changed, ok
}

// log runs the handler that logs the request, which is over.
func (s *Stream) log() {
	defer s.close()
	if phase := s.handler(Log); phase != nil {
		s.attempt("logging a request", func() { s.filterWith(phase) })
	}
}

// filterWith runs a handler of the response. It is false when an error ended it.
func (s *Stream) filterWith(phase *Phase) (ok bool) {
	outer := s.filter
	s.filter = phase
	defer func() {
		s.filter = outer
		switch v := recover().(type) {
		case nil:
		case unwind:
			ok = true
		case *lua.Error:
			s.Log(host.Error, failure(phase.Kind)+v.In(phase.Chunk))
			s.place().Failures.increment(s.root.host)
		default:
			s.root.logBug("running "+s.place().Prefix+phase.Chunk, v)
			s.place().Failures.increment(s.root.host)
		}
	}()
	lua.Run(s.Reader, func() { phase.Run(s) })
	return true
}

// protectResponse runs a part of the machinery. Should it panic, the client gets
// no more of the response.
func (s *Stream) protectResponse(doing string, f func()) {
	if !s.attempt(doing, f) {
		s.cutOff()
	}
}

// cutOff cuts the connection to the client.
func (s *Stream) cutOff() {
	s.cut = true
	if s.gone {
		return // it would be another's
	}
	s.attempt("ending a response", s.root.host.Reset)
}
