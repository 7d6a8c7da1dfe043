package engine

import (
	"container/heap"
	"time"
)

// timer calls a function once, in a tick of the host.
type timer struct {
	at    int64 // as Host.Monotonic counts
	fire  func()
	index int // in the heap, -1 outside of it
}

// timerHeap has the timers of a root context, the next one first.
type timerHeap []*timer

func (h timerHeap) Len() int           { return len(h) }
func (h timerHeap) Less(i, j int) bool { return h[i].at < h[j].at }

func (h timerHeap) Swap(i, j int) {
	h[i], h[j] = h[j], h[i]
	h[i].index, h[j].index = i, j
}

// Push is for package heap.
func (h *timerHeap) Push(x any) {
	t := x.(*timer)
	t.index = len(*h)
	*h = append(*h, t)
}

// Pop is for package heap.
func (h *timerHeap) Pop() any {
	last := len(*h) - 1
	t := (*h)[last]
	(*h)[last] = nil
	*h = (*h)[:last]
	t.index = -1
	return t
}

// Ticks are asked for at least every maxTickPeriod while a timer runs: a host
// that keeps an old, longer period until its next tick makes no timer late by
// more. Nothing ticks while no timer runs.
const (
	minTickPeriod = time.Millisecond
	maxTickPeriod = time.Second
)

// maxFired is how many timers fire in one tick; the others do in the next ones.
// The gateway acts on what a callback decided after the callback, and calls the
// VM about it while it does: then it goes on with the next decision inside of
// that call. So the decisions of one callback nest, on the stack whose end is
// the VM's.
const maxFired = 64

// after lets fire be called in a tick of the host, when d is over.
func (r *Root) after(d time.Duration, fire func()) *timer {
	t := &timer{at: r.host.Monotonic() + d.Nanoseconds(), fire: fire}
	heap.Push(&r.timers, t)
	r.schedule()
	return t
}

// cancel stops a timer, which may be nil or over.
func (r *Root) cancel(t *timer) {
	if t == nil || t.index < 0 {
		return
	}
	heap.Remove(&r.timers, t.index)
	r.schedule()
}

// schedule sets the host's tick for the next timer.
func (r *Root) schedule() {
	if r.ticking {
		return // OnTick does it at its end
	}
	if len(r.timers) == 0 {
		r.setTick(0, 0)
		return
	}
	// A timer that is not the next one changes nothing.
	if next := r.timers[0].at; next != r.tickFor {
		left := time.Duration(next - r.host.Monotonic())
		left = (left + time.Millisecond - 1).Truncate(time.Millisecond)
		r.setTick(min(max(left, minTickPeriod), maxTickPeriod), next)
	}
}

// setTick tells the host its tick period, 0 for none, unless it has it already.
func (r *Root) setTick(period time.Duration, next int64) {
	r.tickFor = next
	if period != r.tickPeriod {
		r.tickPeriod = period
		r.host.SetTick(period)
	}
}

// OnTick fires the timers whose time has come.
func (r *Root) OnTick() {
	r.enter(func() {
		r.ticking = true
		defer func() {
			r.ticking = false
			r.tickFor = 0
			r.schedule()
		}()
		// Those that are due now, not those that they start: a handler that
		// sleeps for no time again and again must not keep the gateway here.
		now := r.host.Monotonic()
		var due []*timer
		for len(r.timers) > 0 && r.timers[0].at <= now && len(due) < maxFired {
			due = append(due, heap.Pop(&r.timers).(*timer))
		}
		for _, t := range due {
			t.fire()
		}
	})
}
