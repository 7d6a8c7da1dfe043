package hash

import "snippet2wasm.internal/plugin/runtime/lua"

// LuaType is type(h).
func (h *Hash) LuaType() string { return "table" }

// Method is what h:name(…) calls where the compiler did not know its type.
func (h *Hash) Method(name string) func(lua.Argument, lua.Values) lua.Values {
	switch name {
	case "update":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Values{h.Update(args.At(0))} }
	case "final":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Values{h.Final()} }
	case "reset":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Values{h.Reset()} }
	default:
		return nil
	}
}

// LuaType is type(hmac.ALGOS.SHA1) and the like.
func (a *Algorithm) LuaType() string { return "cdata" }

// Method says that it has none.
func (a *Algorithm) Method(string) func(lua.Argument, lua.Values) lua.Values { return nil }
