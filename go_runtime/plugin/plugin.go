// Package plugin makes a proxy-wasm plugin out of compiled handlers.
package plugin

import (
	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
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
	// Location tells which requests the handlers are for; all when absent.
	Location ngx.Location
	// Rewrite and Access are the handlers of these phases, in this order.
	Rewrite Handler[C]
	Access  Handler[C]
	// Redis carries Redis commands to their servers: hostredis.Transport on
	// Higress, webdis.Transport on other gateways, absent without Redis.
	Redis transport.Redis
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
	sdkhost.Register(d.program())
}

// program is d without its type parameter, for the engine.
func (d Definition[C]) program() *engine.Program {
	var phases []engine.Phase
	for kind, handler := range []Handler[C]{engine.Rewrite: d.Rewrite, engine.Access: d.Access} {
		if handler.Run != nil {
			phases = append(phases, handler.phase(engine.Kind(kind)))
		}
	}
	return &engine.Program{
		Name:      d.Name,
		Configure: d.configure,
		Begin: func(s *engine.Stream, config any) []engine.Phase {
			return begin(s, config, d.Location, phases)
		},
		Redis: d.Redis,
	}
}

// begin decides whether the handlers run for a request.
func begin(s *engine.Stream, config any, location ngx.Location, phases []engine.Phase) []engine.Phase {
	r := ngx.NewRequest(s)
	s.Config = config
	switch location.Match(r) {
	case ngx.Inside:
		return phases
	case ngx.Invalid:
		s.Log(host.Info, "client sent invalid request")
		s.Exit(400)
	}
	return nil
}

// phase is h without its type parameter.
func (h Handler[C]) phase(kind engine.Kind) engine.Phase {
	return engine.Phase{
		Kind:     kind,
		Chunk:    h.Chunk,
		Suspends: h.Suspends,
		Run:      func(s *engine.Stream) { h.Run(s.Reader.(*ngx.Request), s.Config.(*C)) },
	}
}

// configure reads a plugin configuration; see engine.Program.
func (d Definition[C]) configure(raw []byte) (engine.Settings, error) {
	c, err := newConfiguration(string(raw))
	if err != nil {
		return engine.Settings{}, err
	}
	var settings engine.Settings
	if d.Redis != nil {
		settings.Redis = c.redisServers(d.Redis)
	}
	config := new(C)
	if d.Parse != nil {
		config = d.Parse(c)
	}
	settings.Config = config
	return settings, c.err()
}
