// Package plugin makes a proxy-wasm plugin out of compiled handlers.
package plugin

import (
	"snippet2wasm.internal/plugin/runtime/internal/sdkhost"
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
	// The handlers of the phases, in nginx's order. Content answers in the place of
	// the upstream; HeaderFilter and BodyFilter change the response, whoever made it.
	// Set gives the variables their values that `set` directives declare.
	Set          Handler[C]
	Rewrite      Handler[C]
	Access       Handler[C]
	Content      Handler[C]
	HeaderFilter Handler[C]
	BodyFilter   Handler[C]
	Log          Handler[C]
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

// Handler is the compiled code of one *_by_lua_block.
type Handler[C any] struct {
	Run func(*ngx.Request, *C)
	// Chunk is the name of the Lua chunk in messages, which nginx makes from the
	// directive, the file, and the line: "access_by_lua(nginx.conf:12)".
	Chunk string
	// Suspends says that the handler can wait for an answer.
	Suspends bool
}

// Register makes d the plugin of this module. It is called once, by an init
// function of package main.
func Register[C any](d Definition[C]) {
	sdkhost.Register(d.Unit().Program())
}
