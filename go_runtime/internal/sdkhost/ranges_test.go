package sdkhost

import "testing"

func TestRanges(t *testing.T) {
	var r Ranges
	if r.Of(1) != 0 {
		t.Error("a root for a stream that nobody made")
	}
	for _, c := range []change{{2, 1}, {3, 1}, {5, 4}, {6, 1}, {7, 4}, {8, 4}} {
		r.Add(c.first, c.root)
	}
	for id, want := range map[uint32]uint32{1: 0, 2: 1, 3: 1, 5: 4, 6: 1, 7: 4, 8: 4} {
		if got := r.Of(id); got != want {
			t.Errorf("stream %d: root %d, not %d", id, got, want)
		}
	}
}

// TestRangesOfOneRoot lets numbers start again: one configuration needs one
// entry, for ever.
func TestRangesOfOneRoot(t *testing.T) {
	var r Ranges
	const step = 1 << 20
	id := uint32(1)
	for range 3 << 12 {
		r.Add(id, 7)
		if r.Of(id) != 7 || r.Of(id-5*step) != 7 && len(r.changes) != 1 {
			t.Fatal("stream", id, r.changes)
		}
		id += step
	}
	if len(r.changes) != 1 {
		t.Error(len(r.changes), "entries")
	}
}

func TestRangesAreBounded(t *testing.T) {
	var r Ranges
	for id := range uint32(5 * maxRanges) {
		r.Add(id, 1+id%2)
	}
	last := uint32(5*maxRanges - 1)
	if len(r.changes) > maxRanges || r.Of(last) != 1+last%2 || r.Of(last-100) != 1+(last-100)%2 || r.Of(3) != 0 {
		t.Error(len(r.changes), "entries")
	}
}
