package engine

import "snippet2wasm.internal/plugin/runtime/internal/host"

// Drop records that the client gets no answer.
func (s *Stream) Drop() { s.outcome = dropped }

// complete adds to an answer of the machinery's own what the handlers have set
// for any answer, and records it.
func (s *Stream) complete(page host.Response) {
	if s.Reader != nil {
		var possible bool
		if page, possible = s.Reader.Complete(page); !possible {
			s.Drop()
			return
		}
	}
	s.Respond(page)
}

// pass does what is left to do before the request goes to the upstream.
func (s *Stream) pass() {
	if s.Reader != nil {
		s.Reader.Pass()
	}
}

// OnResponseHeaders is told that an answer is on its way to the client: the
// upstream's, or that of the handlers.
func (s *Stream) OnResponseHeaders() {
	if s.Reader == nil || s.gone || !s.settled {
		return
	}
	s.attempt("changing an answer", func() { s.Reader.OnResponse(s.outcome == undecided) })
}
