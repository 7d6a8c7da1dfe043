package engine

// AtEnd calls a function once the request is over: its client has the answer, or
// is gone and no handler runs any more.
func (s *Stream) AtEnd(f func()) { s.closers = append(s.closers, f) }

// close calls what AtEnd was given.
func (s *Stream) close() {
	closers := s.closers
	s.closers = nil
	for _, f := range closers {
		s.attempt("ending a request", f)
	}
}
