package engine

import (
	"slices"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// maxNested is how deep nginx lets requests make requests.
const maxNested = 51

// Subrequest makes the state of a request that a handler makes of the server itself.
// It has no client: what it comes to is its Response. It is not ok where they are
// nested too deeply. The caller sets its Reader.
func (s *Stream) Subrequest(body string, hasBody bool) (child *Stream, ok bool) {
	child = &Stream{
		root: s.root, id: s.id, parent: s, Place: s.Place, Config: s.Config, phases: s.phases,
		ReadsBody: s.ReadsBody, gone: s.gone, held: true, settled: true,
	}
	child.body.data, child.body.exists = body, hasBody
	child.over = child.endSubrequest
	depth := 0
	for outer := s; outer != nil; outer = outer.parent {
		depth++
	}
	return child, depth <= maxNested
}

// RunAll runs subrequests side by side, and waits until all of them have ended.
func (s *Stream) RunAll(children []*Stream) {
	s.children = append(s.children, children...)
	defer func() { s.forget(children) }()
	running := len(children)
	s.Await(func(wake func()) {
		for _, child := range children {
			child.whenEnded = func() {
				if running--; running == 0 {
					wake()
				}
			}
			lua.Aside(func() { child.protect("making a subrequest", child.advance) })
		}
	})
}

// forget takes subrequests off the list, and stops what is left of them.
func (s *Stream) forget(children []*Stream) {
	for _, child := range children {
		if !child.ended {
			child.ended = true
			child.attempt("stopping a subrequest", child.stop)
		}
	}
	s.children = slices.DeleteFunc(s.children, func(child *Stream) bool { return slices.Contains(children, child) })
}

// main is the client's request.
func (s *Stream) main() *Stream {
	for s.parent != nil {
		s = s.parent
	}
	return s
}

// leave notes that the stream can't be read any more, for subrequests, too.
func (s *Stream) leave(readable bool) {
	if readable && s.Reader != nil {
		s.Reader.Snapshot()
	}
	s.gone = true
	for _, child := range s.children {
		child.leave(readable)
	}
}

// IsSubrequest reports whether this is no client's request.
func (s *Stream) IsSubrequest() bool { return s.parent != nil }

// skipsInside reports whether a phase is not for the request: the rules of a location
// are for clients', its service for subrequests.
func (s *Stream) skipsInside(phase *Phase) bool {
	if s.parent == nil {
		return phase.Kind == Pass
	}
	return phase.Kind == Rules || phase.Kind == Access
}

// Dropped reports whether the client is to get no answer.
func (s *Stream) Dropped() bool { return s.outcome == dropped }

// endSubrequest lets handlers see the answer of a subrequest, and goes on with who made
// it.
func (s *Stream) endSubrequest() {
	s.ended = true
	if s.outcome == undecided {
		s.answer(404)
	}
	s.attempt("filtering the answer to a subrequest", s.filterSubrequest)
	s.whenEnded()
}

// filterSubrequest runs the handlers of the response that nginx runs for a subrequest.
func (s *Stream) filterSubrequest() {
	if s.outcome != answered || s.handler(Upstream) == nil && s.handler(HeaderFilter) == nil && s.handler(BodyFilter) == nil {
		return
	}
	body := s.response.Body
	s.Reader.ReplaceResponse(s.response)
	for _, kind := range [...]Kind{Upstream, HeaderFilter} {
		phase := s.handler(kind)
		if phase != nil && (kind != Upstream || s.Passed) && !s.filterWith(phase) {
			s.Special = true
			s.Respond(host.Response{Status: 500})
			return
		}
	}
	if phase := s.handler(BodyFilter); phase != nil && !s.Special {
		s.Reader.OpenPiece(body, true)
		if s.filterWith(phase) {
			body, _ = s.Reader.ClosePiece()
		}
	}
	length := s.response.Headers
	s.response = s.Reader.Answer()
	s.response.Body = body
	for _, line := range length { // as the service has said it
		if line[0] == "content-length" {
			s.response.Headers = append(s.response.Headers, line)
		}
	}
}

// Prepare makes what the directives of the proxy module make of a subrequest before its
// service gets it. It is not ok when they have answered it.
func (s *Stream) Prepare() (ok bool) {
	if phase := s.handler(Proxy); phase != nil && !s.filterWith(phase) {
		s.answer(500)
	}
	return s.outcome == undecided
}
