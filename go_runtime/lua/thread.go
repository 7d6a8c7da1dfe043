package lua

import "runtime"

// maxDepth is how deep calls can be nested: LuaJIT's limit for the smallest
// functions; its own for larger ones is lower.
const maxDepth = 32_742

// levelsPerStack is after how many levels of calls a fresh piece of the VM's own
// stack is taken. That stack is far smaller than Go's, and its overflow would be
// the VM's end; it is left whenever a goroutine gives up control.
const levelsPerStack = 200

// Thread is what a flow of Lua code has of its own: a handler has one, and each
// coroutine.
type Thread struct {
	depth     int
	called    Operand    // how the function value that runs was called, and where
	coroutine *Coroutine // which this is; nil for a handler
	handler   *Thread    // the thread of the handler
	own       *Coroutine // which stands for the handler, once it has been asked for
	started   []*Coroutine
	callbacks int    // of the program's functions that library functions have called and that run
	owner     any    // what Run was given, in the thread of a handler
	pause     func() // lets other light threads run, where there are any
}

// idle is the thread while no handler runs; current the one that runs. A module
// has one flow of control.
var (
	idle    = &Thread{}
	current = idle
)

// Owner is what the handler that runs was started for, nil while none runs. A
// function that outlives its request finds the one that has called it here.
func Owner() any {
	if current.handler == nil {
		return nil
	}
	return current.handler.owner
}

// Run runs a handler for its owner in a thread of its own, and in the end stops
// the coroutines that it started and left.
func Run(owner any, body func()) {
	thread := &Thread{owner: owner}
	thread.handler = thread
	current = thread
	defer func() {
		current = thread
		for _, coroutine := range thread.started {
			coroutine.abandon()
		}
		current = idle
	}()
	body()
}

// RunLight is Run for a light thread, which is the coroutine itself.
func RunLight(itself *Coroutine, owner any, pause func(), body func()) {
	Run(owner, func() {
		current.own, current.pause = itself, pause
		body()
	})
}

// OnYield lets coroutine.yield of the handler that runs call pause, outside of its
// coroutines.
func OnYield(pause func()) { current.handler.pause = pause }

// Aside calls f, which is no part of the handler that runs, and in the course of which
// others may run.
func Aside(f func()) {
	thread := current
	current = idle
	defer func() { current = thread }()
	f()
}

// Wait suspends the handler from wherever in it this is called; suspend does it
// for the handler's own flow of control. The result is suspend's: false when the
// handler is given up and has to unwind.
func Wait(suspend func() bool) bool {
	thread := current
	defer func() { current = thread }()
	if thread.coroutine != nil {
		return thread.coroutine.wait(suspend)
	}
	current = idle
	return suspend()
}

// CheckYield raises LuaJIT's error in a function that table.sort, string.gsub or
// xpcall has called: these are C functions, which nothing can suspend, and so
// nothing can wait there, nor end the handler.
func CheckYield() {
	if current.callbacks > 0 {
		ThrowValue("attempt to yield across C-call boundary")
	}
}

// Enter counts the depth of a function that may call itself, at the line where
// its code begins. Leave goes with it.
func Enter(chunk string, line int) *Thread {
	thread := current
	if thread.depth >= maxDepth {
		Throw("stack overflow", Operand{Chunk: chunk, Line: line})
	}
	thread.depth++
	if thread.depth%levelsPerStack == 0 {
		runtime.Gosched()
	}
	return thread
}

// Leave is the end of what Enter began.
func (t *Thread) Leave() { t.depth-- }
