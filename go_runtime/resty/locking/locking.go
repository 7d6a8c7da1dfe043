// Package locking is lua-resty-lock's resty.lock for compiled handlers: locks that
// all workers of the gateway respect, in a shared dict.
package locking

import (
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/ngx/shared"
)

// Lock is the object that resty_lock:new returns.
type Lock struct {
	request *ngx.Request
	dict    *shared.Dict
	options Options
	key     lua.Value // nil unless it is locked
}

// Options are the second argument of resty_lock:new; all are seconds, but for Ratio.
// What is 0 has the default.
type Options struct {
	// Exptime is how long a lock is held at most: 30.
	Exptime float64
	// Timeout is how long lock() waits at most: 5, and no longer than Exptime.
	Timeout float64
	// Step is the first wait between two attempts, 0.001; Ratio, 2, how much longer
	// each next one is, up to MaxStep, 0.5.
	Step, Ratio, MaxStep float64

	// NoWait is a Timeout of 0.
	NoWait bool
}

// OptionsOf are the options in a table, which may be anything.
func OptionsOf(v any, at lua.Operand) Options {
	if !lua.Truthy(v) {
		return Options{}
	}
	field := func(name string) (float64, bool) {
		value := lua.IndexOf(v, name, at)
		if !lua.Truthy(value) {
			return 0, false
		}
		n, ok := lua.ToNumberOf(value).(float64)
		if !ok {
			lua.Throw("attempt to compare number with "+lua.TypeName(value), at)
		}
		return n, true
	}
	var o Options
	o.Exptime, _ = field("exptime")
	timeout, given := field("timeout")
	o.Timeout, o.NoWait = timeout, given && timeout <= 0
	o.Step, _ = field("step")
	o.Ratio, _ = field("ratio")
	o.MaxStep, _ = field("max_step")
	return o
}

// New is resty_lock:new(dict_name, options): nil and an error if there is no such
// dict.
func New(r *ngx.Request, dict *shared.Dict, o Options) (*Lock, lua.OptString) {
	if dict == nil {
		return nil, lua.Some("dictionary not found")
	}
	o.Exptime = or(o.Exptime, 30)
	switch {
	case o.NoWait:
		o.Timeout = 0
	case o.Timeout == 0:
		o.Timeout = 5
	default:
		o.Timeout = min(o.Timeout, o.Exptime)
		if o.Step != 0 {
			o.Step = min(o.Step, o.Timeout)
		}
	}
	o.Step, o.Ratio, o.MaxStep = or(o.Step, 0.001), or(o.Ratio, 2), or(o.MaxStep, 0.5)
	return &Lock{request: r, dict: dict, options: o}, lua.None
}

// or is n, or a default for 0.
func or(n, otherwise float64) float64 {
	if n == 0 {
		return otherwise
	}
	return n
}

// Lock is lock:lock(key): how long it waited, or nil and an error.
func (l *Lock) Lock(key any, at lua.Argument) (elapsed lua.Value, err lua.OptString) {
	if !lua.Truthy(key) {
		return nil, lua.Some("nil key")
	}
	if l.key != nil {
		return nil, lua.Some("locked")
	}
	waited, step, left := 0.0, l.options.Step, l.options.Timeout
	for attempt := 0; ; attempt++ {
		if ok, problem, _ := l.dict.Add(key, true, shared.TTL(l.options.Exptime)); ok == true {
			l.key = lua.Plain(key)
			return waited, lua.None
		} else if problem.Or("") != "exists" {
			return nil, problem
		}
		if left <= 0 {
			return nil, lua.Some("timeout")
		}
		if attempt > 0 {
			step = min(max(0.001, step*l.options.Ratio), left, l.options.MaxStep)
		}
		l.request.Current().Sleep(step, at)
		waited += step
		left -= step
	}
}

// Unlock is lock:unlock(): 1, or nil and an error.
func (l *Lock) Unlock() (ok lua.Value, err lua.OptString) {
	if l.key == nil {
		return nil, lua.Some("unlocked")
	}
	if deleted, problem, _ := l.dict.Delete(l.key); deleted != true {
		return nil, problem
	}
	l.key = nil
	return 1.0, lua.None
}

// Expire is lock:expire(time): from now on the lock is held for so many seconds, or
// for Exptime; true, or nil and an error.
func (l *Lock) Expire(time any, at lua.Argument) (ok lua.Value, err lua.OptString) {
	if l.key == nil {
		return nil, lua.Some("unlocked")
	}
	ttl := shared.TTL(l.options.Exptime)
	if lua.Truthy(time) {
		ttl = shared.CheckTTL(time, at)
	}
	if replaced, problem, _ := l.dict.Replace(l.key, true, ttl); replaced != true {
		return nil, problem
	}
	return true, lua.None
}

// LuaType is type(lock).
func (l *Lock) LuaType() string { return "table" }

// Method is what lock:name(…) calls where the compiler did not know its type.
func (l *Lock) Method(name string) func(lua.Argument, lua.Values) lua.Values {
	switch name {
	case "lock":
		return func(at lua.Argument, args lua.Values) lua.Values { return lua.Trim(l.Lock(args.At(0), at)) }
	case "unlock":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Trim(l.Unlock()) }
	case "expire":
		return func(at lua.Argument, args lua.Values) lua.Values { return lua.Trim(l.Expire(args.At(0), at)) }
	default:
		return nil
	}
}
