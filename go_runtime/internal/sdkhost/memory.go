package sdkhost

import "runtime"

// memoryLimit is where the garbage collector starts to work harder. The VM ends
// at 1 GiB, without an error that Go could catch.
const memoryLimit = 512 << 20

// Fits reports whether two things of that size leave the heap within its limit.
func Fits(size int) bool {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc+2*uint64(size) < memoryLimit
}

// Room lets the bodies of requests in as long as they fit into memory, all of them
// together: a look at the memory takes a while, so there is one for every
// lookEvery bytes only. Beyond, nothing gets in for a time.
type Room struct {
	// Fits reports whether so many bytes fit, Collect makes room.
	Fits    func(size int) bool
	Collect func()

	taken     int   // bytes since the last look
	fullUntil int64 // as Host.Monotonic counts
}

const (
	lookEvery = 32 << 20
	fullFor   = int64(1e9)
)

// Take reports whether there is room for size bytes.
func (r *Room) Take(size int, now int64) bool {
	if now < r.fullUntil {
		return false
	}
	if r.taken += size; r.taken < lookEvery {
		return true
	}
	r.taken = 0
	if r.Fits(lookEvery + size) {
		return true
	}
	if r.Collect(); r.Fits(lookEvery + size) {
		return true
	}
	r.fullUntil = now + fullFor
	return false
}
