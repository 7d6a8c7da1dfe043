package engine

import "snippet2wasm.internal/plugin/runtime/internal/host"

// Within runs the rewrite directives of another level for a request that is made on
// behalf of this one. The result is the status of their answer, 0 if they made none.
// Error pages do not count, and neither do changes of the location.
func (s *Stream) Within(level int) (status int) {
	current, own, jumps, access := s.current, s.Level, s.jumps, s.access
	outcome, response := s.outcome, s.response
	s.outcome, s.response, s.within = undecided, host.Response{}, true
	defer func() {
		s.current, s.Level, s.jumps, s.access = current, own, jumps, access
		s.outcome, s.response, s.within = outcome, response, false
	}()
	s.Level = level
	for i := range s.phases {
		if phase := &s.phases[i]; phase.Kind == Set && s.applies(phase) {
			s.current = i
			s.runHere(phase)
			break
		}
	}
	switch s.outcome {
	case answered:
		return int(s.response.Status)
	case dropped:
		return s.Code
	}
	return 0
}

// runHere runs a phase inside of another one.
func (s *Stream) runHere(phase *Phase) {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(unwind); !ok {
				panic(v)
			}
		}
	}()
	phase.Run(s)
}
