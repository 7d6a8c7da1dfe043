// Package plugin makes a proxy-wasm plugin out of compiled handlers.
package plugin

import (
	"snippet2wasm.internal/plugin/runtime/internal/sdkhost"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// Definition is a plugin. C is the type of its configuration.
type Definition[C any] struct {
	// Name stands in front of the runtime's own log lines.
	Name string
	// Parse reads the plugin configuration. What it cannot use it leaves as a
	// problem in its argument, which then refuses the configuration.
	Parse func(*Configuration) *C
	// Start runs once for each configuration, before the first request: what
	// init_by_lua does, in a context without a request. An error in it refuses the
	// configuration.
	Start func(*ngx.Request, *C)
	// Location tells which requests the handlers are for; all when absent.
	Location ngx.Location
	// Levels are the levels of nginx's configuration that requests can be at, where
	// there are several: the first is the server. Then the handlers are theirs, and
	// Location is not there.
	Levels []Level[C]
	// Choose is ngx.ChooseServer where there are several servers, and absent in all
	// other plugins, which then do without its code.
	Choose func(servers []*ngx.Server) func(*ngx.Request)
	// The handlers of the phases, in nginx's order. Those with Lua's names are compiled
	// from Lua, the others from directives: Set gives variables their values, Input,
	// Proxy and Upstream change what goes to the upstream and what comes back, and
	// Headers and Body change the response, whoever made it. Content answers in the
	// place of the upstream.
	ServerRewrite Handler[C]
	Set           Handler[C]
	Rewrite       Handler[C]
	Input         Handler[C]
	Preaccess     Handler[C]
	Rules         Handler[C]
	Access        Handler[C]
	Precontent    Handler[C]
	Content       Handler[C]
	Pass          Handler[C]
	Error         Handler[C]
	Proxy         Handler[C]
	Upstream      Handler[C]
	HeaderFilter  Handler[C]
	Headers       Handler[C]
	BodyFilter    Handler[C]
	Body          Handler[C]
	Log           Handler[C]
	// ReadsBody says that a handler may ask for the body of a request.
	ReadsBody bool
	// BuffersBody says that a handler of the response asks for it: it is read for
	// the upstream, as nginx does.
	BuffersBody bool
	// Redis carries Redis commands to their servers: hostredis.Transport on
	// Higress, webdis.Transport on other gateways, absent without Redis.
	Redis transport.Redis
	// HTTP names the clusters of HTTP services: transport.HigressClusters or
	// transport.EnvoyClusters, absent without HTTP calls.
	HTTP transport.Clusters
}

// Level is a level of nginx's configuration: the server, a location, an if in a
// location. Its handlers are as in Definition.
type Level[C any] struct {
	// Match is which requests are at it: those that one of these locations fits better
	// than any other of the unit. Requests get to a level without in other ways.
	Match []ngx.Location
	// Server is which requests a server is for, where there are several.
	Server *ngx.Server
	// Within is the level of the location around this one, or of its server; 0 is the
	// first server.
	Within int
	// Internal says that only requests that were in another location can be at it.
	Internal      bool
	ServerRewrite Handler[C]
	Set           Handler[C]
	Rewrite       Handler[C]
	Input         Handler[C]
	Preaccess     Handler[C]
	Rules         Handler[C]
	Access        Handler[C]
	Precontent    Handler[C]
	Content       Handler[C]
	Pass          Handler[C]
	Error         Handler[C]
	Proxy         Handler[C]
	Upstream      Handler[C]
	HeaderFilter  Handler[C]
	Headers       Handler[C]
	BodyFilter    Handler[C]
	Body          Handler[C]
	Log           Handler[C]
}

// Handler is the compiled code of one *_by_lua_block, or of a phase's directives.
type Handler[C any] struct {
	Run func(*ngx.Request, *C)
	// Chunk is the name of the Lua chunk in messages, which nginx makes from the
	// directive, the file, and the line: "access_by_lua(nginx.conf:12)".
	Chunk lua.Chunk
	// Suspends says that the handler can wait for an answer.
	Suspends bool
}

// Register makes d the plugin of this module. It is called once, by an init
// function of package main.
func Register[C any](d Definition[C]) {
	sdkhost.Register(d.Unit().Program())
}
