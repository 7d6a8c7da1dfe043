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
