package shared

import "snippet2wasm.internal/plugin/runtime/lua"

// LuaType is type(dict).
func (d *Dict) LuaType() string { return "table" }

// Method returns a method for a dict of which the compiler does not know that it
// is one.
func (d *Dict) Method(name string) func(lua.Argument, lua.Values) lua.Values {
	switch name {
	case "get":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Trim(d.Get(args.At(0))) }
	case "get_stale":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Trim(d.GetStale(args.At(0))) }
	case "set":
		return d.storing(d.Set)
	case "safe_set":
		return d.storing(d.SafeSet)
	case "add":
		return d.storing(d.Add)
	case "safe_add":
		return d.storing(d.SafeAdd)
	case "replace":
		return d.storing(d.Replace)
	case "delete":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Trim(d.Delete(args.At(0))) }
	case "incr":
		return func(at lua.Argument, args lua.Values) lua.Values {
			options := CheckIncr(args.At(2), args.At(3), at)
			return lua.Trim(d.Incr(args.At(0), Number(args.At(1), at), options...))
		}
	case "ttl":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Trim(d.TTL(args.At(0))) }
	case "expire":
		return func(at lua.Argument, args lua.Values) lua.Values {
			return lua.Trim(d.Expire(args.At(0), CheckExpire(args.At(1), at)))
		}
	default:
		return d.listMethod(name)
	}
}

// listMethod is Method for what is about lists or all keys.
func (d *Dict) listMethod(name string) func(lua.Argument, lua.Values) lua.Values {
	switch name {
	case "lpush":
		return func(at lua.Argument, args lua.Values) lua.Values {
			return lua.Trim(d.LPush(args.At(0), args.At(1), at))
		}
	case "rpush":
		return func(at lua.Argument, args lua.Values) lua.Values {
			return lua.Trim(d.RPush(args.At(0), args.At(1), at))
		}
	case "lpop":
		return func(at lua.Argument, args lua.Values) lua.Values { return lua.Trim(d.LPop(args.At(0), at)) }
	case "rpop":
		return func(at lua.Argument, args lua.Values) lua.Values { return lua.Trim(d.RPop(args.At(0), at)) }
	case "llen":
		return func(at lua.Argument, args lua.Values) lua.Values { return lua.Trim(d.LLen(args.At(0), at)) }
	case "get_keys":
		return func(at lua.Argument, args lua.Values) lua.Values {
			return lua.Values{d.Keys(limit(args, defaultKeys, at))}
		}
	case "flush_all":
		return func(lua.Argument, lua.Values) lua.Values {
			d.FlushAll()
			return nil
		}
	case "flush_expired":
		return func(at lua.Argument, args lua.Values) lua.Values {
			return lua.Values{d.FlushExpired(limit(args, 0, at))}
		}
	case "capacity":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Values{d.Capacity()} }
	case "free_space":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Values{d.FreeSpace()} }
	default:
		return nil
	}
}

// store is Set or one of its like.
type store func(key, value any, options ...Option) (ok lua.Value, err lua.OptString, forcible lua.Value)

// storing makes a method of one of them.
func (d *Dict) storing(f store) func(lua.Argument, lua.Values) lua.Values {
	return func(at lua.Argument, args lua.Values) lua.Values {
		ttl, flags := CheckTTL(args.At(2), at), CheckFlags(args.At(3), at)
		return lua.Trim(f(args.At(0), args.At(1), ttl, flags))
	}
}

// limit is the number that is given, if one is.
func limit(args lua.Values, otherwise float64, at lua.Argument) float64 {
	if len(args) == 0 {
		return otherwise
	}
	return at.Number(args.At(0))
}
