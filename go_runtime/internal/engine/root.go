// Package engine runs compiled handlers in a gateway: it decides what happens
// to a request when a handler ends, waits, fails, or outlives its client.
//
// The rules (measured with Envoy; see docs/architecture.md):
//
//   - A handler that can wait runs on a coroutine and only records what shall
//     happen. The callback that resumed it acts afterwards, with exactly one of
//     answering, resuming, or holding the request.
//   - No panic leaves a callback: it would end the VM and with it all requests.
//     The request that panicked is answered with 500; it never passes.
//   - A request whose client is gone is detached: its handler runs to its end, as
//     in nginx, and nobody hears the answer.
package engine

import (
	"runtime/debug"
	"strconv"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// Limits for handlers that go on without their client.
const (
	maxDetached     = 1000
	maxDetachedTime = 60 * time.Second
)

// directCallsPerYield is how many handlers are called directly, on the
// goroutine of the host's callbacks, before the garbage collector, which cannot
// run meanwhile, is given its chance.
const directCallsPerYield = 64

// Program is a compiled plugin, without the type of its configuration.
type Program struct {
	// Name stands in front of the engine's own log lines.
	Name string
	// Configure reads the plugin configuration.
	Configure func(raw []byte) (Settings, error)
	// Begin chooses what runs for a request: the phases in order, or none.
	Begin func(s *Stream, config any) []Phase
	// Redis carries Redis commands; nil when the plugin uses none.
	Redis transport.Redis
}

// Settings is a configuration that was accepted.
type Settings struct {
	// Config is the plugin's own, *Config in the emitted code.
	Config any
	// Redis has the servers that are configured, by "host:port".
	Redis map[string]*transport.Server
}

// Kind is one of nginx's phases.
type Kind int

// The phases that have handlers.
const (
	Rewrite Kind = iota
	Access
)

// Phase is one handler, in one of nginx's phases.
type Phase struct {
	Kind Kind
	// Chunk is the name of the Lua chunk in messages: "access_by_lua(nginx.conf:12)".
	Chunk string
	// Suspends says that the handler can wait and needs a coroutine.
	Suspends bool
	Run      func(s *Stream)
}

// Root is one configuration of the plugin in one worker: a root context.
type Root struct {
	host     host.Host
	program  *Program
	settings Settings

	busy        bool     // a handler is running
	queue       []func() // callbacks that arrived while busy
	detached    int
	directCalls int
}

// NewRoot makes the state of a root context. Configure must accept a
// configuration before streams are made.
func NewRoot(h host.Host, program *Program) *Root { return &Root{host: h, program: program} }

// Configure reads the configuration and reports whether it is accepted; what is
// wrong with it is in the log.
func (r *Root) Configure(raw []byte) (accepted bool) {
	defer func() {
		if v := recover(); v != nil {
			r.logBug("reading the configuration", v)
			accepted = false
		}
	}()
	settings, err := r.program.Configure(raw)
	if err != nil {
		r.host.Log(host.Critical, r.program.Name+": configuration refused: "+err.Error())
		return false
	}
	r.settings = settings
	return true
}

// Redis returns the transport for Redis commands and the server that a Lua
// connect(address, port) means. Servers that are not configured get their
// default cluster and stay known.
func (r *Root) Redis(address string, port int) (transport.Redis, *transport.Server) {
	key := address + ":" + strconv.Itoa(port)
	server := r.settings.Redis[key]
	if server == nil {
		server = &transport.Server{Cluster: r.program.Redis.DefaultCluster(address, port)}
		if r.settings.Redis == nil {
			r.settings.Redis = map[string]*transport.Server{}
		}
		if len(r.settings.Redis) < maxServers {
			r.settings.Redis[key] = server
		}
	}
	return r.program.Redis, server
}

// maxServers bounds the servers that are remembered, should a snippet compute
// their addresses.
const maxServers = 1000

// enter runs f as the work of one callback and then whatever was queued
// meanwhile. While another callback's work is running, f is queued.
func (r *Root) enter(f func()) {
	if r.busy {
		r.queue = append(r.queue, f)
		return
	}
	r.busy = true
	defer func() { r.busy = false }()
	f()
	for len(r.queue) > 0 {
		next := r.queue[0]
		r.queue = r.queue[1:]
		next()
	}
	r.queue = nil
}

// logBug reports a panic that no Lua code can cause.
func (r *Root) logBug(doing string, v any) {
	r.host.Log(host.Critical, r.program.Name+": internal error while "+doing+
		"; this is a bug of snippet2wasm, not of the snippet: "+panicText(v)+"\n"+string(debug.Stack()))
}

// panicText is what a recovered value says.
func panicText(v any) string {
	switch v := v.(type) {
	case error:
		return v.Error()
	case string:
		return v
	default:
		return "a panic with a value of unknown type"
	}
}
