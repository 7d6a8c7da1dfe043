package engine

import (
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// scheduler runs the light threads of a handler. It is an interface so that a plugin
// without them does not link them.
type scheduler interface {
	// run goes on until all threads wait (true) or have ended (false).
	run() (waits bool)
	// stop unwinds all threads.
	stop()
	// suspend gives control back until the thread that runs is resumed; false means
	// that it was given up.
	suspend() bool
	// resuming is what continues the thread that runs, in a callback of the host.
	resuming() func()
	// end makes the handler end, with all of its threads.
	end()
}

// threads are those of ngx.thread in a handler, the handler's own flow among them.
// As in nginx, spawn runs the new thread at once, and its parent goes on behind all
// others that can run.
type threads struct {
	stream  *Stream
	current *flow   // that runs, or ran last
	ready   []*flow // that can run, in order
	alive   map[*flow]bool
	over    bool
}

// flow is a thread, or the handler itself.
type flow struct {
	co      *coroutine
	parent  *flow
	maker   *lua.Coroutine // the parent, or the coroutine of it that has called spawn
	thread  *lua.Coroutine // as Lua sees it; nil for the handler
	results lua.Values     // of ngx.thread.wait
	awaited bool           // the parent waits for it
}

// The states of a light thread, besides "running": one that has ended is a zombie
// until its parent has asked for its results.
const (
	zombie = "zombie"
	dead   = "dead"
)

// notAsked is nginx's problem with a thread whose results were taken.
const notAsked = "already waited or killed"

// EndThreads notes that the handler is about to end, with all of its light threads:
// ngx.exit, or an error of the handler itself.
func (s *Stream) EndThreads() {
	if s.threads != nil {
		s.threads.end()
	}
}

// Spawn is ngx.thread.spawn: it runs body until that waits or ends, and gives the
// thread.
func (s *Stream) Spawn(body func() lua.Values) *lua.Coroutine {
	lua.CheckYield()
	t := s.threadsOf()
	f := &flow{parent: t.current, maker: lua.Running()}
	f.thread = lua.NewLight(f)
	f.co = newCoroutine(func() {
		s.runLight(func() { lua.RunLight(f.thread, s.Reader, t.pause, func() { t.body(f, body) }) })
	})
	t.alive[f] = true
	t.ready = append([]*flow{f}, append(t.ready, t.current)...)
	t.wait()
	return f.thread
}

// threadsOf are the stream's, from now on if there are none.
func (s *Stream) threadsOf() *threads {
	if t, ok := s.threads.(*threads); ok {
		return t
	}
	main := &flow{co: s.co}
	t := &threads{stream: s, current: main, alive: map[*flow]bool{main: true}}
	s.threads = t
	lua.OnYield(t.pause)
	return t
}

// runLight turns what ends a light thread, but for its Lua errors, into an outcome.
func (s *Stream) runLight(run func()) {
	defer func() {
		switch v := recover().(type) {
		case nil, stopped:
		case unwind:
			s.EndThreads()
		default:
			s.root.logBug("running "+s.place().Prefix+s.Chunk(), v)
			s.abort()
		}
	}()
	run()
}

// body runs a light thread and keeps its results. An error is logged, and ends no
// other.
func (t *threads) body(f *flow, body func() lua.Values) {
	defer func() {
		switch v := recover().(type) {
		case nil:
		case *lua.Error:
			t.stream.Log(host.Error, "lua user thread aborted: runtime error: "+v.In(t.stream.Chunk()))
			f.results = lua.Append(lua.Values{false}, v.Left())
		default:
			panic(v)
		}
	}()
	f.results = lua.Append(lua.Values{true}, body())
}

// wait suspends the thread that runs.
func (t *threads) wait() {
	if !lua.Wait(t.suspend) {
		panic(stopped{})
	}
}

// pause is coroutine.yield: all others that can run do so first.
func (t *threads) pause() {
	if len(t.ready) == 0 {
		return
	}
	t.ready = append(t.ready, t.current)
	t.wait()
}

func (t *threads) suspend() bool { return t.current.co.suspend() }

func (t *threads) end() { t.over = true }

func (t *threads) resuming() func() {
	f := t.current
	return func() {
		if t.alive[f] {
			t.ready = append(t.ready, f)
			t.stream.resume()
		}
	}
}

func (t *threads) run() (waits bool) {
	for len(t.ready) > 0 && !t.over {
		f := t.ready[0]
		t.ready = t.ready[1:]
		if t.current = f; !f.co.resume() {
			t.ended(f)
		}
	}
	if t.over {
		t.stop()
	}
	return len(t.alive) > 0
}

// ended notes that a thread has come to its end. A parent that waits for it goes on
// in front of all others.
func (t *threads) ended(f *flow) {
	delete(t.alive, f)
	if f.thread == nil {
		return
	}
	f.thread.SetStatus(zombie)
	if f.awaited {
		t.ready = append([]*flow{f.parent}, t.ready...)
	}
}

func (t *threads) stop() {
	t.over = true
	for f := range t.alive {
		delete(t.alive, f)
		f.co.stop()
	}
}

// take gives the results of a thread that has ended, once.
func (f *flow) take() lua.Values {
	if f.thread.LightStatus() == dead {
		return lua.Values{nil, notAsked}
	}
	f.thread.SetStatus(dead)
	return f.results
}

// WaitThreads is ngx.thread.wait: it waits until one of the threads has ended, and
// gives its results. Those whose results were taken count only at the end of the list.
func (s *Stream) WaitThreads(given []*lua.Coroutine, fail func(problem string)) lua.Values {
	lua.CheckYield()
	t, _ := s.threads.(*threads)
	var flows []*flow
	for i, thread := range given {
		f, isLight := thread.Light().(*flow)
		switch {
		case !isLight || t == nil:
			fail("attempt to wait on a coroutine that is not a user thread")
		case f.maker != lua.Running():
			fail("only the parent coroutine can wait on the thread")
		case t.alive[f]:
			flows = append(flows, f)
		case i == len(given)-1 || f.thread.LightStatus() == zombie:
			return f.take()
		}
	}
	for _, f := range flows {
		f.awaited = true
	}
	t.wait()
	var ended *flow
	for _, f := range flows {
		f.awaited = false
		if ended == nil && !t.alive[f] {
			ended = f
		}
	}
	return ended.take()
}

// KillThread is ngx.thread.kill. The problem is nginx's word for it, "" for none.
func (s *Stream) KillThread(thread *lua.Coroutine) (problem string) {
	f, isLight := thread.Light().(*flow)
	t, _ := s.threads.(*threads)
	switch {
	case !isLight || t == nil:
		return "not user thread"
	case f.maker != lua.Running():
		return "killer not parent"
	case thread.LightStatus() == zombie:
		thread.SetStatus(dead)
		return "already terminated"
	case thread.LightStatus() == dead:
		return notAsked
	}
	delete(t.alive, f)
	for i, ready := range t.ready {
		if ready == f {
			t.ready = append(t.ready[:i:i], t.ready[i+1:]...)
			break
		}
	}
	lua.Aside(f.co.stop)
	thread.SetStatus(dead)
	return ""
}
