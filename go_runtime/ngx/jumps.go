package ngx

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// JumpTo is ngx.req.set_uri(uri, true): the request has another path, and looks for
// its location anew. It does not return.
func (r *Request) JumpTo(uri string, at lua.Operand) {
	if kind := r.stream.Kind(); kind != engine.Rewrite {
		lua.Throw(engine.Disabled(kind), at)
	}
	lua.CheckYield()
	r.SetRequestURI(uri, at)
	r.ctx = nil
	r.moved = true
	r.Relocate()
	r.stream.Unwind()
}

// SetRequestURIOrJump is ngx.req.set_uri(uri, jump), for a jump of which only the
// plugin knows whether it is true.
func (r *Request) SetRequestURIOrJump(uri string, jump any, at lua.Operand, argument lua.Argument) {
	switch jump := lua.Plain(jump).(type) {
	case bool:
		if jump {
			r.JumpTo(uri, at)
		}
	default:
		argument.Throw("boolean expected, got " + lua.TypeName(jump))
	}
	r.SetRequestURI(uri, at)
}

// Exec is ngx.exec(uri, args): the request begins anew with another URI of the
// server, or goes on in a named location, "@name", with its own. It does not return.
func (r *Request) Exec(uri, args string, at lua.Operand) {
	lua.CheckYield()
	if uri == "" {
		lua.Throw("The uri argument is empty", at)
	}
	path, own, safe := splitURI(uri)
	if !safe {
		r.stream.Log(host.Error, "unsafe URI \""+uri+"\" was detected")
		lua.Throw("unsafe uri", at)
	}
	if own != "" && args != "" {
		own += "&"
	}
	own += args
	if r.reply.begun {
		lua.Throw("attempt to call ngx.exec after sending out response headers", at)
	}
	if path[0] == '@' {
		r.execNamed(path, own)
	} else {
		r.redirectInside(path, own, strings.Contains(uri, "?"))
	}
	r.stream.Unwind()
}

// execNamed goes on in a named location.
func (r *Request) execNamed(name, args string) {
	if args != "" {
		r.stream.Log(host.Warn, "query strings "+args+" ignored when exec'ing named location "+name)
	}
	r.named = name
	if !r.stream.FindsLocations() {
		r.NoLocation()
		return
	}
	r.internal = true
	r.jump(engine.FindLocation, r.stream.Level, "redirect to named location \""+name+"\"")
}

// NoLocation answers a request that is to go on in a named location which is not
// there. It is for the runtime itself.
func (r *Request) NoLocation() {
	r.stream.Log(host.Error, "could not find named location \""+r.named+"\"")
	r.named = ""
	r.stream.Exit(HTTP_INTERNAL_SERVER_ERROR)
}

// ExecArgs is the query string that ngx.exec, or a subrequest, makes of a value.
func ExecArgs(v any, at lua.Argument) string {
	if lua.Plain(v) == nil {
		return ""
	}
	return ArgsOf(v, at)
}

// splitURI splits a URI that Lua gives into its path, decoded, and its query string.
// It is not safe when the path climbs.
func splitURI(uri string) (path, args string, safe bool) {
	path, args, _ = strings.Cut(uri, "?")
	if path == "" || climbs(path) {
		return path, args, false
	}
	if !strings.Contains(path, "%") {
		return path, args, true
	}
	path = UnescapeURI(strings.ReplaceAll(path, "+", "%2B"))
	return path, args, path == "" || !climbs(path)
}

// climbs reports whether a path has "..", or a NUL.
func climbs(path string) bool {
	if strings.IndexByte(path, 0) >= 0 {
		return true
	}
	return path == ".." || strings.HasPrefix(path, "../") || strings.HasSuffix(path, "/..") || strings.Contains(path, "/../")
}
