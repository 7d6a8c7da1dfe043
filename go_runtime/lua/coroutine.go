package lua

import "iter"

// Coroutine is a Lua coroutine.
type Coroutine struct {
	thread  Thread
	status  string
	next    func() (step, bool)
	stop    func()
	yield   func(step) bool
	suspend func() bool // how the handler waits, while the coroutine does
	passed  Values      // what goes in and comes out
	problem *Error      // what the body raised
	light   any         // what ngx.thread.spawn has started, as its maker knows it
}

// step says why a coroutine stopped running.
type step int

const (
	yielded step = iota
	waits        // for the host
)

// abandoned is panicked with to unwind a coroutine that nobody resumes.
type abandoned struct{}

// NewCoroutine is coroutine.create(f).
func NewCoroutine(f *Function) *Coroutine {
	handler := current.handler
	c := &Coroutine{status: "suspended"}
	c.thread = Thread{coroutine: c, handler: handler}
	c.next, c.stop = iter.Pull(func(yield func(step) bool) {
		c.yield = yield
		c.run(f)
	})
	if handler != nil {
		handler.started = append(handler.started, c)
	}
	return c
}

// run is the body.
func (c *Coroutine) run(f *Function) {
	defer func() {
		switch v := recover().(type) {
		case nil, abandoned:
		case *Error:
			c.problem = v
		default:
			panic(v)
		}
	}()
	c.passed = f.run(c.passed)
}

// NewLight is the coroutine that stands for a light thread; light is what its maker
// knows of it.
func NewLight(light any) *Coroutine { return &Coroutine{light: light, status: "running"} }

// Light is what NewLight was given, nil for any other coroutine.
func (c *Coroutine) Light() any { return c.light }

// LightStatus is the status of a light thread.
func (c *Coroutine) LightStatus() string { return c.status }

// SetStatus notes the status of a light thread.
func (c *Coroutine) SetStatus(status string) { c.status = status }

// resume runs the coroutine until it yields or ends.
func (c *Coroutine) resume(args Values) (Values, *Error) {
	CheckYield()
	if c.state() != "suspended" {
		return nil, &Error{Object: "cannot resume " + c.described() + " coroutine"}
	}
	outer := current
	if outer.coroutine != nil {
		outer.coroutine.status = "normal"
	}
	c.passed, c.status = args, "running"
	alive := false
	defer func() {
		current = outer
		if outer.coroutine != nil {
			outer.coroutine.status = "running"
		}
		c.status = "suspended"
		if !alive {
			c.status = "dead"
		}
	}()
	for {
		current = &c.thread
		var why step
		why, alive = c.next()
		current = outer
		if !alive {
			return c.passed, c.problem
		}
		if why == yielded {
			return c.passed, nil
		}
		if !Wait(c.suspend) {
			alive = false
			c.stop() // unwinds, and panics with what the coroutine panics with
			panic(abandoned{})
		}
	}
}

// described is the status in the text of an error.
func (c *Coroutine) described() string {
	if c.status == "normal" || c.status == "running" || c.light != nil {
		return c.status
	}
	return "dead"
}

// wait lets the handler wait while this coroutine runs.
func (c *Coroutine) wait(suspend func() bool) bool {
	c.suspend = suspend
	return c.yield(waits)
}

// abandon stops a coroutine that is not at its end. Panics of its own in the
// course of that are lost.
func (c *Coroutine) abandon() {
	if c.status != "suspended" {
		return
	}
	c.status = "dead"
	defer func() { _ = recover() }()
	current = &c.thread
	c.stop()
}

// Resume is coroutine.resume(c, args…).
func Resume(c any, at Argument, args ...Value) Values {
	coroutine, ok := Plain(c).(*Coroutine)
	if !ok {
		at.Throw("coroutine expected")
	}
	results, problem := coroutine.resume(plainAll(args))
	if problem != nil {
		if problem.Final {
			panic(problem)
		}
		return Values{false, problem.Value()}
	}
	return Append(Values{true}, results)
}

// Wrap is coroutine.wrap(f) as nginx has it: an error inside ends the handler,
// whatever stands around the call, and one more call after the end of f gives
// false and a message.
func Wrap(f *Function) *Function {
	c := NewCoroutine(f)
	return NewFunction(func(args Values) Values {
		if c.status == "dead" {
			return Values{false, "cannot resume dead coroutine"}
		}
		results, problem := c.resume(args)
		if problem != nil {
			panic(&Error{Chunk: problem.Chunk, Line: problem.Line, Object: problem.Object, Final: true})
		}
		return results
	})
}

// Yield is coroutine.yield(args…). Outside of coroutines nginx goes on at once.
func Yield(args ...Value) Values {
	CheckYield()
	c := current.coroutine
	if c == nil {
		if pause := current.pause; pause != nil {
			pause()
		}
		return nil
	}
	c.passed = plainAll(args)
	thread := current
	if !c.yield(yielded) {
		panic(abandoned{})
	}
	current = thread
	return c.passed
}

// Status is coroutine.status(c).
func Status(c any, at Argument) string {
	coroutine, ok := Plain(c).(*Coroutine)
	if !ok {
		at.Throw("coroutine expected")
	}
	return coroutine.state()
}

// Running is coroutine.running(). In nginx a handler is a coroutine itself.
func Running() *Coroutine {
	if current.coroutine != nil {
		return current.coroutine
	}
	if current.own == nil {
		current.own = &Coroutine{status: "running"}
	}
	return current.own
}

// state is the status; that of a handler's own is only known when it is asked for.
func (c *Coroutine) state() string {
	if c.thread.coroutine == nil && c.light == nil && c.status != "dead" {
		c.status = "normal"
		if current == current.handler {
			c.status = "running"
		}
	}
	return c.status
}

// plainAll unwraps values.
func plainAll(values []Value) Values {
	for i, value := range values {
		values[i] = Plain(value)
	}
	return values
}
