package re

import "snippet2wasm.internal/plugin/runtime/lua"

// FindValues is Find with as many results as in nginx: one without a match, three with an error.
func FindValues(subject, expression lua.Value, more ...lua.Value) lua.Values {
	found, err := find(subject, expression, more)
	if !err.IsNil() {
		return lua.Values{nil, nil, err.Value()}
	}
	if found == nil {
		return lua.Values{nil}
	}
	from, to, err := nth(found, rest(more, 2))
	if !err.IsNil() {
		return lua.Values{from, to, err.Value()}
	}
	return lua.Values{from, to}
}

// SubValues is Sub with as many results as in nginx: two, or three with an error.
func SubValues(subject, expression, replacement lua.Value, options ...lua.Value) lua.Values {
	return replaced(Sub(subject, expression, replacement, options...))
}

// GSubValues is SubValues for GSub.
func GSubValues(subject, expression, replacement lua.Value, options ...lua.Value) lua.Values {
	return replaced(GSub(subject, expression, replacement, options...))
}

func replaced(text lua.OptString, count lua.Value, err lua.OptString) lua.Values {
	if !err.IsNil() {
		return lua.Values{nil, nil, err.Value()}
	}
	return lua.Values{text.Value(), count}
}
