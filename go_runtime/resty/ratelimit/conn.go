package ratelimit

import (
	"math"

	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx/shared"
)

// Conn is the object that limit_conn.new returns: so many requests at a time.
type Conn struct {
	dict              *shared.Dict
	max, burst, delay float64
	committed         lua.Value // nil before the first request
}

// NewConn is limit_conn.new(dict_name, max, burst, default_conn_delay): nil and an
// error if there is no such dict.
func NewConn(dict *shared.Dict, limit, burst, delay float64) (*Conn, lua.OptString) {
	if dict == nil {
		return nil, noDict
	}
	assert(limit > 0 && burst >= 0 && delay > 0)
	return &Conn{dict: dict, max: limit, burst: burst, delay: delay}, lua.None
}

// Incoming is lim:incoming(key, commit): how long the request has to wait, in
// seconds, and how many there are; or nil and an error.
func (l *Conn) Incoming(key, commit any) (delay, more lua.Value) {
	l.committed = false
	var n float64
	if lua.Truthy(commit) {
		value, err, _ := l.dict.Incr(key, 1, shared.Init(0))
		if value.IsNil() {
			return nil, err.Value()
		}
		if n = value.Number(); n > l.max+l.burst {
			if value, err, _ := l.dict.Incr(key, -1); value.IsNil() {
				return nil, err.Value()
			}
			return nil, rejected
		}
		l.committed = true
	} else if n = numberUnder(l.dict, key, 0) + 1; n > l.max+l.burst {
		return nil, rejected
	}
	if n > l.max {
		return l.delay * math.Floor((n-1)/l.max), n
	}
	return 0.0, n
}

// IsCommitted is lim:is_committed(): whether the last request was counted.
func (l *Conn) IsCommitted() lua.Value { return l.committed }

// Leaving is lim:leaving(key, latency): how many requests are left, or nil and an
// error. The delay of later ones takes the latency, in seconds, into account.
func (l *Conn) Leaving(key, latency any) (n lua.Value, err lua.OptString) {
	n, err = add(l.dict, key, -1)
	if err.IsNil() && lua.Truthy(latency) {
		l.delay = (lua.ArithmeticOperand(latency, lua.Temporary(0)) + l.delay) / 2
	}
	return n, err
}

// Uncommit is lim:uncommit(key).
func (l *Conn) Uncommit(key any) (n lua.Value, err lua.OptString) { return add(l.dict, key, -1) }

// SetConn is lim:set_conn(n), which sets what nothing reads.
func (l *Conn) SetConn(float64) {}

// SetBurst is lim:set_burst(burst).
func (l *Conn) SetBurst(burst float64) { l.burst = burst }

// LuaType is type(lim).
func (l *Conn) LuaType() string { return "table" }

// Method is what lim:name(…) calls where the compiler did not know its type.
func (l *Conn) Method(name string) func(lua.Argument, lua.Values) lua.Values {
	switch name {
	case "incoming":
		return incoming(l)
	case "is_committed":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Values{l.IsCommitted()} }
	case "leaving":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Trim(l.Leaving(args.At(0), args.At(1))) }
	case "uncommit":
		return onKey(l.Uncommit)
	case "set_conn":
		return setting(l.SetConn)
	case "set_burst":
		return setting(l.SetBurst)
	default:
		return nil
	}
}
