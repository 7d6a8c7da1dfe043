package engine

// maxChanges is how often nginx lets a request change its location.
const maxChanges = 10

// applies reports whether a phase is for the level that the request is at.
func (s *Stream) applies(phase *Phase) bool {
	return phase.Level == AllLevels || phase.Level == s.Level
}

// step goes to the next phase, or to where the one that ran wants it to go on.
func (s *Stream) step() {
	if !s.jumps {
		s.current++
		return
	}
	s.jumps = false
	for s.current = 0; s.current < len(s.phases) && s.phases[s.current].Kind < s.jump; s.current++ {
	}
}

// Jump goes on with a phase after the one that runs: the request has another
// location, or looks for one. It reports whether that may be once more.
func (s *Stream) Jump(to Kind) (possible bool) {
	s.changes++
	if s.changes > maxChanges {
		return false
	}
	s.jump, s.jumps = to, true
	s.access.any, s.access.granted = false, false
	return true
}

// FindsLocations reports whether requests look for their locations: there is more than
// one level.
func (s *Stream) FindsLocations() bool {
	for i := range s.phases {
		if s.phases[i].Kind == FindLocation {
			return true
		}
	}
	return false
}
