package sdkhost

import "testing"

func TestRoomForAnswers(t *testing.T) {
	for size, want := range map[int]bool{0: true, 32 << 20: true, memoryLimit / 2: false, 2 * memoryLimit: false} {
		if Fits(size) != want {
			t.Errorf("%d bytes: %v", size, !want)
		}
	}
}
