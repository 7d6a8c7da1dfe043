package lua

import "runtime"

// maxHeap is how much a VM may have in use, well below the 1 GiB at which it ends
// with all its requests. From there on the collector would run all the time.
const maxHeap = 384 << 20

// madePerLook is how many tables and functions are made before the heap is looked
// at again, which takes a while.
const madePerLook = 1 << 16

// made counts the tables and functions.
var made uint32

// countMade raises an error where the VM has no memory for much more.
func countMade() {
	if made++; made%madePerLook == 0 && !hasMemory() {
		ThrowValue("not enough memory")
	}
}

// hasMemory looks at the heap. It collects at most once for every eighth of
// maxHeap.
func hasMemory() bool {
	var m runtime.MemStats
	if runtime.ReadMemStats(&m); m.HeapAlloc < maxHeap {
		return true
	}
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc < maxHeap/8*7
}
