package cookie

import "snippet2wasm.internal/plugin/runtime/lua"

// LuaType is type(c).
func (c *Cookie) LuaType() string { return "table" }

// Method is what c:name(…) calls where the compiler did not know its type.
func (c *Cookie) Method(name string) func(lua.Argument, lua.Values) lua.Values {
	switch name {
	case "get":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Outcome(c.Get(args.At(0))) }
	case "get_all":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Outcome(c.GetAll()) }
	case "get_cookie_size":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Values{c.GetCookieSize()} }
	case "set":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Outcome(c.Set(args.At(0))) }
	default:
		return nil
	}
}
