package ngx

import (
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// After is ngx.timer.at(seconds, f, args…): run calls f later, without a request but
// the one that it is given. It is premature when the configuration was replaced before
// its time. The results are 1, or nil and nginx's problem. A delay of no time, or less,
// ends with the next tick of the gateway's clock.
func (r *Request) After(seconds float64, run func(r *Request, premature bool)) (lua.Value, lua.OptString) {
	return r.schedule(milliseconds(seconds), false, run)
}

// Every is ngx.timer.every(seconds, f, args…): as After, again and again.
func (r *Request) Every(seconds float64, at lua.Argument, run func(r *Request, premature bool)) (lua.Value, lua.OptString) {
	ms := milliseconds(seconds)
	if ms == 0 {
		at.Fail("delay cannot be zero")
	}
	return r.schedule(ms, true, run)
}

// AfterFunction is After for a function that is a value.
func (r *Request) AfterFunction(seconds float64, f any, at lua.Argument, args ...lua.Value) (lua.Value, lua.OptString) {
	return r.After(seconds, calling(f, at, args))
}

// EveryFunction is Every for a function that is a value.
func (r *Request) EveryFunction(seconds float64, f any, at lua.Argument, args ...lua.Value) (lua.Value, lua.OptString) {
	return r.Every(seconds, at, calling(f, at, args))
}

// calling calls a function value with premature and these arguments.
func calling(f any, at lua.Argument, args lua.Values) func(*Request, bool) {
	function, ok := lua.Plain(f).(*lua.Function)
	if !ok {
		at.After(1).Throw("Lua function expected")
	}
	for i, arg := range args {
		args[i] = lua.Plain(arg)
	}
	return func(_ *Request, premature bool) {
		function.Call(lua.Append(lua.Values{premature}, args)...)
	}
}

func (r *Request) schedule(ms int64, repeats bool, run func(*Request, bool)) (lua.Value, lua.OptString) {
	problem := r.stream.Schedule(engine.Task{
		Delay:   time.Duration(min(max(ms, 0), maxSleep.Milliseconds())) * time.Millisecond,
		Repeats: repeats,
		Open:    func(s *engine.Stream) { NewRequest(s) },
		Run:     func(s *engine.Stream, premature bool) { run(s.Reader.(*Request), premature) },
	})
	if problem != "" {
		return nil, lua.Some(problem)
	}
	return 1.0, lua.None
}

// PendingTimers is ngx.timer.pending_count().
func (r *Request) PendingTimers() float64 {
	pending, _ := r.stream.Tasks()
	return float64(pending)
}

// RunningTimers is ngx.timer.running_count().
func (r *Request) RunningTimers() float64 {
	_, running := r.stream.Tasks()
	return float64(running)
}

// Checked is a value for which the request has to be checked first.
func Checked[T any](_ *Request, v T) T { return v }

// ForClient is the request. Where there is none, in what ngx.timer.at has started, it
// raises nginx's error about what the caller is about to do.
func (r *Request) ForClient(at lua.Operand) *Request {
	if r.stream.IsTask() {
		lua.Throw("API disabled in the current context", at)
	}
	return r
}
