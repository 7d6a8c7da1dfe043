package ngx

import "snippet2wasm.internal/plugin/runtime/lua"

// Spawn is ngx.thread.spawn(f, args…): f runs in a light thread of its own, at once
// until it waits or ends.
func (r *Request) Spawn(f any, at lua.Argument, args ...lua.Value) *lua.Coroutine {
	function, ok := lua.Plain(f).(*lua.Function)
	if !ok {
		at.Throw("Lua function expected")
	}
	for i, arg := range args {
		args[i] = lua.Plain(arg)
	}
	return r.stream.Spawn(func() lua.Values { return function.Call(args...) })
}

// WaitThreads is ngx.thread.wait(threads…): it waits until one of them has ended. It
// gives true and what the thread's function returned, or false and its error.
func (r *Request) WaitThreads(at lua.Argument, given ...lua.Value) lua.Values {
	if len(given) == 0 {
		at.Fail("at least one coroutine should be specified")
	}
	threads := make([]*lua.Coroutine, len(given))
	for i, each := range given {
		threads[i] = threadOf(each, at.After(i))
	}
	return r.stream.WaitThreads(threads, at.Fail)
}

// KillThread is ngx.thread.kill(thread): 1, or nil and nginx's problem.
func (r *Request) KillThread(thread any, at lua.Argument) (lua.Value, lua.OptString) {
	if problem := r.stream.KillThread(threadOf(thread, at)); problem != "" {
		return nil, lua.Some(problem)
	}
	return 1.0, lua.None
}

// threadOf is the coroutine that a value is.
func threadOf(v any, at lua.Argument) *lua.Coroutine {
	thread, ok := lua.Plain(v).(*lua.Coroutine)
	if !ok {
		at.Throw("lua thread expected")
	}
	return thread
}
