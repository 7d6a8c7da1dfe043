package ratelimit

import (
	"math"

	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/ngx/shared"
)

// Req is the object that limit_req.new returns: a leaky bucket for each key.
type Req struct {
	clock       lua.Clock
	dict        *shared.Dict
	rate, burst float64 // in thousandths of a request, the rate per second
}

// NewReq is limit_req.new(dict_name, rate, burst): nil and an error if there is no
// such dict.
func NewReq(r *ngx.Request, dict *shared.Dict, rate, burst float64) (*Req, lua.OptString) {
	if dict == nil {
		return nil, noDict
	}
	assert(rate > 0 && burst >= 0)
	return &Req{clock: r.Clock(), dict: dict, rate: rate * 1000, burst: burst * 1000}, lua.None
}

// A record is kept as the library keeps it: two numbers of 8 bytes, the excess in
// thousandths of a request, and the time of the last one in milliseconds.
const recordSize = 16

// pack makes a record.
func pack(excess, last uint64) string {
	b := make([]byte, 0, recordSize)
	for _, v := range []uint64{excess, last} {
		for range 8 {
			b = append(b, byte(v))
			v >>= 8
		}
	}
	return string(b)
}

// unpack takes a record apart. It is false for what is none.
func unpack(v lua.Value) (excess, last uint64, ok bool) {
	s, isText := v.(string)
	if !isText || len(s) != recordSize {
		return 0, 0, false
	}
	for i := 7; i >= 0; i-- {
		excess, last = excess<<8|uint64(s[i]), last<<8|uint64(s[8+i])
	}
	return excess, last, true
}

// abused is the error about a key that something else is kept under.
const abused = "shdict abused by other users"

// Incoming is lim:incoming(key, commit): how long the request has to wait, in
// seconds, and the excess; or nil and an error.
func (l *Req) Incoming(key, commit any) (delay, more lua.Value) {
	now := l.clock.UnixNano() / 1e6
	excess := 0.0
	if v, _ := l.dict.Get(key); lua.Truthy(v) {
		kept, last, ok := unpack(v)
		if !ok {
			return nil, abused
		}
		elapsed := math.Abs(float64(now) - float64(last))
		excess = max(float64(kept)-l.rate*elapsed/1000+1000, 0)
		if excess > l.burst {
			return nil, rejected
		}
	}
	if lua.Truthy(commit) {
		l.dict.Set(key, pack(uint64(excess), uint64(now)))
	}
	return excess / l.rate, excess / 1000
}

// Uncommit is lim:uncommit(key): true, or nil and an error.
func (l *Req) Uncommit(key any) (ok lua.Value, err lua.OptString) {
	assert(lua.Truthy(key))
	v, _ := l.dict.Get(key)
	if !lua.Truthy(v) {
		return nil, lua.Some("not found")
	}
	kept, last, isRecord := unpack(v)
	if !isRecord {
		return nil, lua.Some(abused)
	}
	l.dict.Set(key, pack(kept-min(kept, 1000), last))
	return true, lua.None
}

// SetRate is lim:set_rate(rate).
func (l *Req) SetRate(rate float64) { l.rate = rate * 1000 }

// SetBurst is lim:set_burst(burst).
func (l *Req) SetBurst(burst float64) { l.burst = burst * 1000 }

// LuaType is type(lim).
func (l *Req) LuaType() string { return "table" }

// Method is what lim:name(…) calls where the compiler did not know its type.
func (l *Req) Method(name string) func(lua.Argument, lua.Values) lua.Values {
	switch name {
	case "incoming":
		return incoming(l)
	case "uncommit":
		return onKey(l.Uncommit)
	case "set_rate":
		return setting(l.SetRate)
	case "set_burst":
		return setting(l.SetBurst)
	default:
		return nil
	}
}
