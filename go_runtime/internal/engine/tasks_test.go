package engine_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// scheduling is a root context whose requests start a task and pass.
func scheduling(t *testing.T, task engine.Task) (*engine.Root, *hosttest.Gateway) {
	t.Helper()
	task.Open = func(*engine.Stream) {}
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		if problem := s.Schedule(task); problem != "" {
			s.Log(0, problem)
		}
	}))
	g.Time = time.Hour.Nanoseconds()
	return root, g
}

// TestTask runs when its time has come, in a phase of its own, and leaves nothing.
func TestTask(t *testing.T) {
	var g *hosttest.Gateway
	var at []time.Duration
	root, g := scheduling(t, engine.Task{Delay: 20 * time.Millisecond, Run: func(s *engine.Stream, premature bool) {
		if premature || s.Kind() != engine.Timer || !s.IsTask() || s.Chunk() != "chunk" {
			t.Error(premature, s.Kind(), s.IsTask(), s.Chunk())
		}
		s.Sleep(5 * time.Millisecond)
		at = append(at, time.Duration(g.Time)-time.Hour)
	}})
	root.NewStream(2).OnRequestHeaders()
	if pass(root, g, time.Second); !slices.Equal(at, []time.Duration{25 * time.Millisecond}) || g.Tick != 0 {
		t.Error(at, g.Tick)
	}
	if acts(g) != [3]int{0, 0, 0} || !root.Retire(func() { t.Error("it was idle") }) {
		t.Error(acts(g))
	}
}

// TestTaskRepeats goes on although it fails, and while an earlier one still runs.
func TestTaskRepeats(t *testing.T) {
	runs := 0
	root, g := scheduling(t, engine.Task{Delay: 10 * time.Millisecond, Repeats: true, Run: func(s *engine.Stream, _ bool) {
		runs++
		if runs == 1 {
			lua.ThrowValue("first")
		}
		s.Sleep(15 * time.Millisecond)
	}})
	root.NewStream(2).OnRequestHeaders()
	pass(root, g, 50*time.Millisecond)
	if runs != 5 || !strings.Contains(g.LogText(), "lua entry thread aborted: runtime error: first") {
		t.Error(runs, g.LogText())
	}
}

// TestTaskPanics is logged, and the others go on.
func TestTaskPanics(t *testing.T) {
	runs := 0
	root, g := scheduling(t, engine.Task{Run: func(*engine.Stream, bool) {
		if runs++; runs == 1 {
			panic("a bug")
		}
	}})
	root.NewStream(2).OnRequestHeaders()
	root.NewStream(4).OnRequestHeaders()
	pass(root, g, 10*time.Millisecond)
	if runs != 2 || !strings.Contains(g.LogText(), "a bug") || len(g.Responses) != 0 {
		t.Error(runs, g.LogText())
	}
}

// TestTooManyTasks refuses the 1025th that waits, and runs 256 at a time.
func TestTooManyTasks(t *testing.T) {
	root, g := scheduling(t, engine.Task{Run: func(s *engine.Stream, _ bool) { s.Sleep(time.Minute) }})
	for id := range 1030 {
		root.NewStream(uint32(id)).OnRequestHeaders()
	}
	if n := strings.Count(g.LogText(), "too many pending timers"); n != 6 {
		t.Error(n)
	}
	pass(root, g, 20*time.Millisecond*1024/64)
	if n := strings.Count(g.LogText(), "lua_max_running_timers are not enough"); n != 1024-256 {
		t.Error(n)
	}
}

// TestTasksOfAReplacedConfiguration run at once, the next one first, and may wait;
// the gateway is told when the last one is through.
func TestTasksOfAReplacedConfiguration(t *testing.T) {
	var order []string
	task := func(name string, d time.Duration) engine.Task {
		return engine.Task{Delay: d, Repeats: name == "b", Open: func(*engine.Stream) {}, Run: func(s *engine.Stream, premature bool) {
			problem := s.Schedule(engine.Task{Delay: time.Hour})
			order = append(order, name, problem)
			if !premature || !s.Exiting() {
				t.Error(premature)
			}
			s.Sleep(30 * time.Millisecond)
		}}
	}
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		s.Schedule(task("c", 3*time.Hour))
		s.Schedule(task("b", time.Hour))
		s.Schedule(task("a", time.Minute))
	}))
	root.NewStream(2).OnRequestHeaders()
	told := 0
	if root.Retire(func() { told++ }) || told != 0 {
		t.Error("it was idle")
	}
	if pass(root, g, time.Second); told != 1 || g.Tick != 0 {
		t.Error(told, g.Tick)
	}
	exiting := "process exiting"
	if !slices.Equal(order, []string{"a", exiting, "b", exiting, "c", exiting}) {
		t.Error(order)
	}
}

// TestTaskThatDoesNotEnd is given up a minute after its configuration was replaced.
func TestTaskThatDoesNotEnd(t *testing.T) {
	unwound := false
	root, g := scheduling(t, engine.Task{Run: func(s *engine.Stream, _ bool) {
		defer func() { unwound = true }()
		for {
			s.Sleep(time.Second)
		}
	}})
	root.NewStream(2).OnRequestHeaders()
	pass(root, g, time.Hour)
	told := 0
	root.Retire(func() { told++ })
	if pass(root, g, 50*time.Second); told != 0 || unwound {
		t.Error(told, unwound)
	}
	if pass(root, g, 20*time.Second); told != 1 || !unwound || g.Tick != 0 {
		t.Error(told, unwound, g.Tick)
	}
}

// TestTasksStartedAfterTheConfigurationWasReplaced do not keep it: a handler whose
// client is gone starts some, of which those without a delay run.
func TestTasksStartedAfterTheConfigurationWasReplaced(t *testing.T) {
	var problems []string
	runs := 0
	task := engine.Task{Open: func(*engine.Stream) {}, Run: func(s *engine.Stream, premature bool) {
		if runs++; premature || !s.Exiting() {
			t.Error(premature)
		}
	}}
	root, g := newRoot(t, suspending(func(s *engine.Stream) {
		s.Sleep(time.Second)
		problems = append(problems, s.Schedule(task))
		s.Sleep(time.Second)
		problems = append(problems, s.Schedule(task))
		task.Delay, task.Repeats = time.Minute, true
		problems = append(problems, s.Schedule(task))
	}))
	stream := root.NewStream(2)
	stream.OnRequestHeaders()
	stream.OnDone()
	told := 0
	if root.Retire(func() { told++ }) {
		t.Error("it was idle")
	}
	if pass(root, g, 10*time.Second); told != 1 || runs != 2 || g.Tick != 0 {
		t.Error(told, runs, g.Tick)
	}
	if !slices.Equal(problems, []string{"", "", "process exiting"}) {
		t.Error(problems)
	}
}
