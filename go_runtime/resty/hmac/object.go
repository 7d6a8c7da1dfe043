package hmac

import "snippet2wasm.internal/plugin/runtime/lua"

// LuaType is type(h).
func (h *HMAC) LuaType() string { return "table" }

// Method is what h:name(…) calls where the compiler did not know its type.
func (h *HMAC) Method(name string) func(lua.Argument, lua.Values) lua.Values {
	switch name {
	case "update":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Values{h.Update(args.At(0))} }
	case "final":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Values{h.Final(args...)} }
	case "reset":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Values{h.Reset()} }
	default:
		return nil
	}
}
