package ratelimit

import (
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx/shared"
)

// Count is the object that limit_count.new returns: so many requests in a window,
// which begins with the first one.
type Count struct {
	dict          *shared.Dict
	limit, window float64
}

// NewCount is limit_count.new(dict_name, limit, window): nil and an error if there
// is no such dict.
func NewCount(dict *shared.Dict, limit, window float64) (*Count, lua.OptString) {
	if dict == nil {
		return nil, noDict
	}
	assert(limit > 0 && window > 0)
	return &Count{dict: dict, limit: limit, window: window}, lua.None
}

// Incoming is lim:incoming(key, commit): 0 and how many requests are left; or nil
// and an error.
func (l *Count) Incoming(key, commit any) (delay, more lua.Value) {
	var remaining float64
	if lua.Truthy(commit) {
		value, err, _ := l.dict.Incr(key, -1, shared.Init(l.limit), shared.TTL(l.window))
		if value.IsNil() {
			return nil, err.Value()
		}
		remaining = value.Number()
	} else {
		remaining = numberUnder(l.dict, key, l.limit) - 1
	}
	if remaining < 0 {
		return nil, rejected
	}
	return 0.0, remaining
}

// Uncommit is lim:uncommit(key): how many requests are left, or nil and an error.
func (l *Count) Uncommit(key any) (remaining lua.Value, err lua.OptString) {
	remaining, err = add(l.dict, key, 1)
	if err.Or("") == "not found" {
		return l.limit, lua.None
	}
	return remaining, err
}

// LuaType is type(lim).
func (l *Count) LuaType() string { return "table" }

// Method is what lim:name(…) calls where the compiler did not know its type.
func (l *Count) Method(name string) func(lua.Argument, lua.Values) lua.Values {
	switch name {
	case "incoming":
		return incoming(l)
	case "uncommit":
		return onKey(l.Uncommit)
	default:
		return nil
	}
}
