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

// HeapKilobytes is collectgarbage("count").
func HeapKilobytes() float64 {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return float64(m.HeapAlloc) / (1 << 10)
}

// CollectGarbage is collectgarbage(option, argument). Go collects by itself, so that
// only "count" does something; the others have LuaJIT's results.
func CollectGarbage(option, _ Value, at Argument) Value {
	switch wanted := at.TextOr(option, "collect"); wanted {
	case "count":
		return HeapKilobytes()
	case "collect", "stop", "restart":
		return 0.0
	case "step":
		return false
	case "isrunning":
		return true
	case "setpause", "setstepmul":
		return 200.0
	default:
		at.Throw("invalid option '" + wanted + "'")
		return nil
	}
}
