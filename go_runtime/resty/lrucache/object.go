package lrucache

import "snippet2wasm.internal/plugin/runtime/lua"

// LuaType is type(cache).
func (c *Cache) LuaType() string { return "table" }

// Method is what cache:name(…) calls where the compiler did not know its type.
func (c *Cache) Method(name string) func(lua.Argument, lua.Values) lua.Values {
	switch name {
	case "get":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Trim(c.Get(args.At(0))) }
	case "set":
		return func(at lua.Argument, args lua.Values) lua.Values {
			c.Set(Key(args.At(0), at), args.At(1), CheckTTL(args.At(2), at), CheckFlags(args.At(3)))
			return nil
		}
	case "delete":
		return func(at lua.Argument, args lua.Values) lua.Values { return lua.Values{c.Delete(Key(args.At(0), at))} }
	case "count":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Values{c.Count()} }
	case "capacity":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Values{c.Capacity()} }
	case "flush_all":
		return func(lua.Argument, lua.Values) lua.Values {
			c.FlushAll()
			return nil
		}
	case "get_keys":
		return func(at lua.Argument, args lua.Values) lua.Values {
			return lua.Values{c.Keys(args.At(0), args.At(1), at)}
		}
	default:
		return nil
	}
}
