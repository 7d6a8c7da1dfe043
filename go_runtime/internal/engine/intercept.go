package engine

import "snippet2wasm.internal/plugin/runtime/internal/host"

// intercepts puts what error_page serves in the place of a response of the upstream,
// or of one that the gateway made because there is no upstream. It reports whether it
// did.
func (s *Stream) intercepts() (done bool) {
	phase := s.handler(Error)
	if phase == nil {
		return false
	}
	code, failed := s.Reader.Failure()
	if !failed || !s.Reader.Fail(code) {
		return false
	}
	s.filterWith(phase)
	if s.jumps {
		s.step()
		s.serve()
	} else if s.outcome == undecided {
		s.Reader.Recover()
		return false
	}
	if s.outcome != answered {
		s.Log(host.Critical, s.root.program.Name+": what error_page serves for an error of the upstream waits,"+
			" or asks an upstream again, which a plugin can't do")
		s.complete(s.page(code))
	}
	s.Reader.ReplaceResponse(s.response)
	if !s.filterHeaders(false, 0) {
		s.cutOff()
		return true
	}
	if exit, exited := s.Reader.Exited(); exited {
		s.replace(exit)
		return true
	}
	s.respondWith(s.response.Body)
	return true
}

// serve runs the phases of a location until there is an answer.
func (s *Stream) serve() {
	for s.outcome == undecided && s.current < len(s.phases) && s.phases[s.current].Kind < Error {
		phase := &s.phases[s.current]
		if !s.applies(phase) {
			s.current++
			continue
		}
		if phase.Suspends {
			return
		}
		s.invoke(phase)
		if phase.Kind == Content && s.outcome == undecided && !s.jumps {
			s.Reader.Conclude()
		}
		s.step()
	}
}
