package engine

import (
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// nginx's limits for timers: lua_max_pending_timers, lua_max_running_timers.
const (
	maxPendingTasks = 1024
	maxRunningTasks = 256
)

// maxRetiredTime is how long what ngx.timer.at started may go on after its
// configuration was replaced.
const maxRetiredTime = maxDetachedTime

// Task is what ngx.timer.at and ngx.timer.every start: a handler without a request.
type Task struct {
	// Delay is how long it waits. Repeats says that it runs again after each such time.
	Delay   time.Duration
	Repeats bool
	// Open makes what the handler sees in the place of a request: it sets Reader.
	Open func(*Stream)
	// Run is the handler. It is premature when the configuration was replaced.
	Run func(s *Stream, premature bool)
}

// tasks are those of a root context. The functions are here so that a plugin
// without tasks does not link them.
type tasks struct {
	waiting map[*pendingTask]bool
	running map[*Stream]bool
	exiting bool   // the configuration was replaced
	over    *timer // ends what runs long after that

	hurry func()        // Root.hurryTasks
	end   func(*Stream) // Root.endTask
}

// pendingTask is a task that waits for its time.
type pendingTask struct {
	Task
	place  *Place
	config any
	chunk  string
	timer  *timer
}

// none reports whether there are no tasks.
func (t *tasks) none() bool { return len(t.waiting) == 0 && len(t.running) == 0 }

// Schedule starts a task later. The problem is nginx's word for it, "" for none.
func (s *Stream) Schedule(t Task) (problem string) {
	r := s.root
	if r.tasks == nil {
		r.tasks = &tasks{waiting: map[*pendingTask]bool{}, running: map[*Stream]bool{}}
		r.tasks.hurry, r.tasks.end = r.hurryTasks, r.endTask
	}
	if r.retired != nil && !r.tasks.exiting {
		r.exitTasks() // only now there are some
	}
	switch {
	case r.tasks.exiting && (t.Delay > 0 || t.Repeats || r.tasks.over.index < 0):
		return "process exiting"
	case len(r.tasks.waiting) >= maxPendingTasks:
		return "too many pending timers"
	}
	// A stream keeps its request: what is wanted of it is taken over.
	r.await(&pendingTask{Task: t, place: s.Place, config: s.Config, chunk: s.Chunk()})
	return ""
}

// await lets a task wait for its time.
func (r *Root) await(p *pendingTask) {
	r.tasks.waiting[p] = true
	p.timer = r.after(p.Delay, func() { r.begin(p, false) })
}

// begin runs a task whose time has come.
func (r *Root) begin(p *pendingTask, premature bool) {
	delete(r.tasks.waiting, p)
	if p.Repeats && !premature {
		r.await(p)
	}
	s := &Stream{root: r, Place: p.place, Config: p.config, isTask: true, gone: true, settled: true}
	if len(r.tasks.running) >= maxRunningTasks {
		s.Log(host.Critical, "lua failed to run timer: 256 lua_max_running_timers are not enough")
		r.checkRetired()
		return
	}
	s.phases = []Phase{{
		Kind:     Timer,
		Level:    AllLevels,
		Chunk:    p.chunk,
		Suspends: true,
		Run:      func(s *Stream) { p.Run(s, premature) },
	}}
	r.tasks.running[s] = true
	s.protect("running a timer", func() {
		p.Open(s)
		s.advance()
	})
}

// endTask notes that a task is through.
func (r *Root) endTask(s *Stream) {
	delete(r.tasks.running, s)
	s.close()
	r.checkRetired()
}

// exitTasks notes that the configuration was replaced: tasks get maxRetiredTime.
func (r *Root) exitTasks() {
	r.tasks.exiting = true
	r.tasks.over = r.after(maxRetiredTime, r.giveUpTasks)
}

// hurryTasks runs all tasks that wait for their time: their configuration was
// replaced.
func (r *Root) hurryTasks() {
	if r.tasks.none() {
		return
	}
	r.exitTasks()
	r.enter(func() {
		for _, p := range r.tasks.inOrder() {
			r.cancel(p.timer)
			r.begin(p, true)
		}
	})
	if r.idle() {
		r.cancel(r.tasks.over)
	}
}

// inOrder has the tasks that wait, the next one first.
func (t *tasks) inOrder() []*pendingTask {
	var found []*pendingTask
	for p := range t.waiting {
		at := len(found)
		for at > 0 && found[at-1].timer.at > p.timer.at {
			at--
		}
		found = append(found, nil)
		copy(found[at+1:], found[at:])
		found[at] = p
	}
	return found
}

// giveUpTasks unwinds the tasks of a configuration that was replaced long ago.
func (r *Root) giveUpTasks() {
	for s := range r.tasks.running {
		s.abandon("it ran for more than " + maxRetiredTime.String() + " after its configuration was replaced")
	}
}

// Exiting reports whether the configuration was replaced.
func (s *Stream) Exiting() bool { return s.root.tasks != nil && s.root.tasks.exiting }

// Tasks are how many tasks wait for their time, and how many run.
func (s *Stream) Tasks() (pending, running int) {
	if s.root.tasks == nil {
		return 0, 0
	}
	return len(s.root.tasks.waiting), len(s.root.tasks.running)
}

// IsTask reports whether there is no request, since ngx.timer.at has started this.
func (s *Stream) IsTask() bool { return s.isTask }
