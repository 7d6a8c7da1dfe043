package http

import "snippet2wasm.internal/plugin/runtime/lua"

// LuaType is type(httpc).
func (c *Client) LuaType() string { return "table" }

// Method is what httpc:name(…) calls for a client whose type the compiler did not
// know.
func (c *Client) Method(name string) func(lua.Argument, lua.Values) lua.Values {
	var call func(args ...any) (lua.Value, lua.OptString)
	switch name {
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
	case "connect":
		call = c.Connect
	case "request_uri":
		call = func(args ...any) (lua.Value, lua.OptString) {
			return c.RequestURI(lua.Values(args).At(0), lua.Values(args).At(1))
		}
	case "request":
		call = func(args ...any) (lua.Value, lua.OptString) { return c.Request(lua.Values(args).At(0)) }
	case "parse_uri":
		call = func(args ...any) (lua.Value, lua.OptString) {
			return c.ParseURI(lua.Values(args).At(0), lua.Values(args).At(1))
		}
	case "set_keepalive":
		call = c.SetKeepalive
	case "ssl_handshake":
		call = c.SSLHandshake
	case "close":
		call = func(...any) (lua.Value, lua.OptString) { return c.Close() }
	case "get_reused_times":
		call = func(...any) (lua.Value, lua.OptString) { return c.GetReusedTimes() }
	default:
		return nil
	}
	return func(_ lua.Argument, args lua.Values) lua.Values { return lua.Outcome(call(args...)) }
}
