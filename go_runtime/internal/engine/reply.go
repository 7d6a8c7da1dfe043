package engine

import "snippet2wasm.internal/plugin/runtime/internal/host"

// Drop records that the client gets no answer.
func (s *Stream) Drop() { s.outcome = dropped }

// Response is the answer that the handlers have made, if they have.
func (s *Stream) Response() host.Response { return s.response }

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

// pass does what is left to do before the request goes to the upstream. It reports
// whether the request goes there: what the directives ask for may not be possible.
func (s *Stream) pass() (passes bool) {
	s.remember()
	if s.body.tooLarge {
		s.refuseBody()
	} else if phase := s.handler(Proxy); phase != nil && !s.filterWith(phase) {
		s.answer(500)
	}
	if s.outcome == undecided && s.Reader != nil {
		s.Reader.Pass()
	}
	return s.outcome == undecided
}

// remember reads what the handlers of the response may ask of the request, which
// cannot be read any more when they run.
func (s *Stream) remember() {
	if s.Reader != nil && (s.Responds() || s.handler(Error) != nil) {
		s.Reader.Remember()
	}
}
