package sdkhost

import "testing"

func TestRoomForAnswers(t *testing.T) {
	for size, want := range map[int]bool{0: true, 32 << 20: true, memoryLimit / 2: false, 2 * memoryLimit: false} {
		if Fits(size) != want {
			t.Errorf("%d bytes: %v", size, !want)
		}
	}
}

// TestRoomForBodies takes bodies in until memory is full, again when it is not any
// more, and looks at the memory now and then only.
func TestRoomForBodies(t *testing.T) {
	const size = 1 << 20
	used, looks, collected, garbage := 0, 0, 0, 0
	room := Room{
		Fits:    func(n int) bool { looks++; return used+n <= 100<<20 },
		Collect: func() { collected++; used -= garbage; garbage = 0 },
	}
	in := 0
	for room.Take(size, 0) {
		in++
		used += size
	}
	if in < 60 || in > 100 || looks > 10 || collected != 1 {
		t.Error(in, looks, collected)
	}
	garbage = used
	if room.Take(size, fullFor-1) || collected != 1 {
		t.Error("it looked again too early")
	}
	for range 40 {
		if !room.Take(size, fullFor) {
			t.Fatal("still full")
		}
	}
	if collected != 2 || used != 0 {
		t.Error(collected, used)
	}
}
