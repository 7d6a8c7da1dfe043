package host

// Store is what the gateways of tests keep shared data in. It is for one goroutine.
type Store struct {
	// Lose is called before each write; who changes the store there makes the
	// write lose the race.
	Lose func()

	values  map[string]stored
	version uint32
}

// stored is a value with its version.
type stored struct {
	text    string
	version uint32
}

// Get reads a value.
func (s *Store) Get(key string) (value string, version uint32, ok bool) {
	found, ok := s.values[key]
	return found.text, found.version, ok
}

// Set writes a value unless it has another version than the given one. A key that
// is not there has every version.
func (s *Store) Set(key, value string, version uint32) bool {
	if s.Lose != nil {
		s.Lose()
	}
	if found, ok := s.values[key]; ok && found.version != version {
		return false
	}
	if s.values == nil {
		s.values = map[string]stored{}
	}
	s.version++
	s.values[key] = stored{value, s.version}
	return true
}

// Size is the number of bytes of all keys and values.
func (s *Store) Size() int {
	n := 0
	for key, value := range s.values {
		n += len(key) + len(value.text)
	}
	return n
}
