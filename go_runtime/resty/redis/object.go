package redis

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// LuaType is type(red).
func (c *Client) LuaType() string { return "table" }

// Method is what red:name(…) calls for a client whose type the compiler did not
// know. Every name is a command, as in lua-resty-redis, but for those of other
// methods and of commands that no plugin can send.
func (c *Client) Method(name string) func(lua.Argument, lua.Values) lua.Values {
	switch name {
	case "connect":
		return func(at lua.Argument, args lua.Values) lua.Values {
			return lua.Outcome(c.Dial(at.Text(args.At(0)), args.At(1)))
		}
	case "set_timeout":
		return func(_ lua.Argument, args lua.Values) lua.Values {
			c.SetTimeout(args.At(0))
			return nil
		}
	case "set_timeouts":
		return func(_ lua.Argument, args lua.Values) lua.Values {
			c.SetTimeouts(args.At(0), args.At(1), args.At(2))
			return nil
		}
	case "set_keepalive":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Outcome(c.SetKeepalive(args...)) }
	case "close":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Outcome(c.Close()) }
	case "get_reused_times":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Outcome(c.GetReusedTimes()) }
	case "init_pipeline":
		return func(_ lua.Argument, args lua.Values) lua.Values {
			c.InitPipeline(args...)
			return nil
		}
	case "cancel_pipeline":
		return func(lua.Argument, lua.Values) lua.Values {
			c.CancelPipeline()
			return nil
		}
	case "commit_pipeline":
		return func(lua.Argument, lua.Values) lua.Values { return lua.Outcome(c.CommitPipeline()) }
	case "hmset":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Outcome(c.HMSet(args...)) }
	case "array_to_hash":
		return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Values{c.ArrayToHash(args.At(0))} }
	}
	if isRefused(name) {
		return func(at lua.Argument, _ lua.Values) lua.Values {
			at.Fail("a plugin can't send the Redis command " + name)
			return nil
		}
	}
	return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Outcome(c.Do(name, args...)) }
}

// isRefused reports whether a command would change the state of the connection
// that all requests share, or block it. The compiler refuses the same ones.
func isRefused(command string) bool {
	switch strings.ToLower(command) {
	case "subscribe", "psubscribe", "unsubscribe", "punsubscribe", "ssubscribe", "sunsubscribe", "read_reply",
		"monitor", "sync", "psync", "multi", "exec", "discard", "watch", "unwatch", "blpop", "brpop", "brpoplpush",
		"blmove", "blmpop", "bzpopmin", "bzpopmax", "bzmpop", "wait", "waitaof", "hello", "client", "reset", "quit":
		return true
	}
	return false
}
