package engine

import "iter"

// coroutine runs one phase handler so that it can stop in the middle and go on
// in a later callback of the host. It must be made inside of a callback: one
// made while a package initialises kills the VM when it is used later.
//
// Coroutines are not pooled: what they wait for takes far longer than making
// one, and when no request waits, no goroutine is left.
type coroutine struct {
	next  func() (struct{}, bool)
	stop  func()
	yield func(struct{}) bool
}

// newCoroutine prepares body; resume starts it. The body must not panic.
func newCoroutine(body func()) *coroutine {
	c := &coroutine{}
	c.next, c.stop = iter.Pull(func(yield func(struct{}) bool) {
		c.yield = yield
		body()
	})
	return c
}

// resume runs the body until it suspends (true) or ends (false).
func (c *coroutine) resume() bool {
	_, suspended := c.next()
	return suspended
}

// suspend gives control back to resume's caller. It is called by the body, or by
// a coroutine that the body runs. It returns false when the coroutine was stopped
// and has to unwind.
func (c *coroutine) suspend() bool { return c.yield(struct{}{}) }
