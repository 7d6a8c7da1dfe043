// Package ratelimit is lua-resty-limit-traffic's resty.limit.* for compiled
// handlers: limiters that all workers of the gateway share, in a shared dict.
package ratelimit

import (
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx/shared"
)

// noDict is the error about a dict that is not there.
var noDict = lua.Some("shared dict not found")

// rejected is the error about what is beyond a limit.
const rejected = "rejected"

// Number is an argument of a limiter's new or of its set_…, which may be anything.
func Number(v any, at lua.Argument) float64 {
	n, ok := lua.Plain(v).(float64)
	if !ok {
		at.Fail("attempt to compare number with " + lua.TypeName(v))
	}
	return n
}

// assert raises the error of Lua's assert.
func assert(holds bool) {
	if !holds {
		lua.ThrowValue("assertion failed!")
	}
}

// add is dict:incr(key, n) for a key that has to be one.
func add(dict *shared.Dict, key any, n float64) (value lua.Value, err lua.OptString) {
	assert(lua.Truthy(key))
	sum, err, _ := dict.Incr(key, n)
	return sum.Value(), err
}

// numberUnder is dict:get(key) or otherwise, for arithmetic.
func numberUnder(dict *shared.Dict, key any, otherwise float64) float64 {
	value, _ := dict.Get(key)
	if !lua.Truthy(value) {
		return otherwise
	}
	return lua.ArithmeticOperand(value, lua.Temporary(0))
}

// limiter is a limiter of which nothing else is known.
type limiter interface {
	Incoming(key, commit any) (delay, more lua.Value)
}

// incoming makes a method of it.
func incoming(l limiter) func(lua.Argument, lua.Values) lua.Values {
	return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Trim(l.Incoming(args.At(0), args.At(1))) }
}

// onKey makes a method of a function of a key.
func onKey(f func(key any) (lua.Value, lua.OptString)) func(lua.Argument, lua.Values) lua.Values {
	return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Trim(f(args.At(0))) }
}

// setting makes a method of a function that sets a number.
func setting(f func(n float64)) func(lua.Argument, lua.Values) lua.Values {
	return func(at lua.Argument, args lua.Values) lua.Values {
		f(Number(args.At(0), at))
		return nil
	}
}

// Combine is limit_traffic.combine(limiters, keys, states): the longest of the
// delays, or nil and an error. The last limiter counts first; if one of the others
// rejects, those before it are told.
func Combine(limiters, keys, states any, at lua.Operand) (delay, err lua.Value) {
	n := int(lua.LengthOf(limiters, at))
	see := func(i int, commit bool) (delay lua.Value, more lua.Value) {
		results := lua.ApplyMethod(lua.IndexOf(limiters, float64(i), at), "incoming", at, lua.IndexOf(keys, float64(i), at), commit)
		return results.At(0), results.At(1)
	}
	keep := func(i int, state lua.Value) {
		if lua.Truthy(states) {
			lua.SetIndex(states, float64(i), state, at)
		}
	}
	longest := 0.0
	for i := 1; i <= n; i++ {
		delay, more := see(i, i == n)
		if !lua.Truthy(delay) {
			return nil, more
		}
		if i == n {
			keep(i, more)
			longest = lua.ArithmeticOperand(delay, at)
		}
	}
	for i := 1; i < n; i++ {
		delay, more := see(i, true)
		if !lua.Truthy(delay) {
			for j := 1; j < i; j++ {
				lua.ApplyMethod(lua.IndexOf(limiters, float64(j), at), "uncommit", at, lua.IndexOf(keys, float64(j), at))
			}
			return nil, more
		}
		keep(i, more)
		longest = max(longest, lua.ArithmeticOperand(delay, at))
	}
	return longest, nil
}
