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
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// Limits for what a VM can hold, which ends with all its requests at 1 GiB.
const (
	// maxWaiting is how many handlers may wait at a time. Each keeps a stack and
	// its request.
	maxWaiting = 20000
	// maxDetached and maxDetachedTime are for handlers without their client.
	maxDetached     = 1000
	maxDetachedTime = 60 * time.Second
	// maxServers is how many Redis servers, and HTTP services, are remembered that
	// are not configured, should a snippet compute their addresses.
	maxServers = 1000
)

// Program is a compiled plugin, without the type of its configuration.
type Program struct {
	// Name stands in front of the engine's own log lines.
	Name string
	// Configure reads the plugin configuration. Its result is handed to Begin;
	// notes are for the log.
	Configure func(raw []byte) (config any, notes []string, err error)
	// Start runs the Lua code that runs before there is a request, on a stream of its
	// own that has none; nil for nothing. A Lua error in it refuses the configuration.
	Start func(s *Stream, config any)
	// Begin chooses what runs for a request: the phases in order, or none. It
	// sets Reader, Place and Config of the stream.
	Begin func(s *Stream, config any) []Phase
	// ReadsBody says that a handler of some requests may ask for their bodies.
	ReadsBody bool
	// Responds says that there are handlers for responses, which also run for
	// those that are made before the plugin has seen the request.
	Responds bool
	// Redis carries Redis commands; nil when the plugin uses none.
	Redis transport.Redis
	// HTTP names the clusters of HTTP services; nil when the plugin calls none.
	HTTP transport.Clusters
}

// Kind is one of nginx's phases, or a part of one.
type Kind int

// The phases in the order in which they run for a request. Lua handlers have those
// with names of their own in Lua; the others are for directives. Proxy runs when a
// request is about to go to the upstream, Upstream for the upstream's response only;
// those from Upstream on are about the response. Timer has no request: it is what
// ngx.timer.at starts.
const (
	ServerRewrite Kind = iota // set, if, return and rewrite of the server
	FindLocation              // which location the request is in
	Set                       // set, if, return and rewrite of the location, set_by_lua
	Rewrite                   // rewrite_by_lua
	Input                     // more_set_input_headers, more_clear_input_headers
	Preaccess                 // limit_conn, limit_req
	Rules                     // allow, deny, auth_basic, auth_request
	Access                    // access_by_lua
	Precontent                // try_files
	Content                   // content_by_lua
	Pass                      // proxy_pass, for subrequests
	Timer                     // ngx.timer.at, ngx.timer.every
	Error                     // error_page, when nginx's own page would be the answer
	Proxy                     // proxy_set_header, proxy_method
	Upstream                  // proxy_hide_header, proxy_redirect, proxy_cookie_path
	HeaderFilter              // header_filter_by_lua
	Headers                   // more_set_headers, expires, add_header
	BodyFilter                // body_filter_by_lua
	Body                      // sub_filter
	Log                       // log_by_lua
)

// names are what ngx.get_phase() says.
var names = [...]string{
	ServerRewrite: "set",
	Set:           "set",
	Rewrite:       "rewrite",
	Access:        "access",
	Content:       "content",
	Timer:         "timer",
	HeaderFilter:  "header_filter",
	BodyFilter:    "body_filter",
	Log:           "log",
}

// String is nginx's name of a phase.
func (k Kind) String() string { return names[k] }

// OfResponse reports whether a phase is about the response.
func (k Kind) OfResponse() bool { return k >= Upstream }

// Phase is one handler, in one of nginx's phases.
type Phase struct {
	Kind Kind
	// Level is the level of the configuration that it belongs to; all when it is
	// negative.
	Level int
	// Chunk is the name of the Lua chunk in messages: "access_by_lua(nginx.conf:12)".
	Chunk string
	// Suspends says that the handler can wait and needs a coroutine.
	Suspends bool
	Run      func(s *Stream)
}

// AllLevels is the level of a phase that runs at every level.
const AllLevels = -1

// Root is one configuration of the plugin in one worker: a root context.
type Root struct {
	host    host.Host
	program *Program
	config  any // what Program.Configure made

	busy     bool     // a handler is running
	queue    []func() // callbacks that arrived while busy
	waiting  int      // handlers that wait
	detached int      // those of them whose client is gone
	retired  func()   // to be called when there are no more of these
	calls    int      // of the host, so far
	tasks    *tasks   // of ngx.timer.at; nil before the first

	timers     timerHeap
	ticking    bool          // OnTick runs
	tickPeriod time.Duration // as the host was told, 0 when it does not tick
	tickFor    int64         // the timer that tickPeriod is for
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
	config, notes, err := r.program.Configure(raw)
	if err != nil {
		r.host.Log(host.Critical, r.program.Name+": configuration refused: "+err.Error())
		return false
	}
	for _, note := range notes {
		r.host.Log(host.Warn, r.program.Name+": "+note)
	}
	r.config = config
	return r.program.Start == nil || r.start()
}

// start runs Program.Start, and reports whether it came to its end.
func (r *Root) start() (ok bool) {
	s := &Stream{root: r}
	defer func() {
		switch v := recover().(type) {
		case nil:
		case *lua.Error:
			s.Log(host.Critical, r.program.Name+": configuration refused: init_by_lua error: "+v.Error())
			ok = false
		default:
			panic(v)
		}
	}()
	r.program.Start(s, r.config)
	return true
}

// Responds reports whether there are handlers for responses.
func (r *Root) Responds() bool { return r.program.Responds }

// Retire is told that no more requests come. It reports whether nothing is under
// way; if handlers run without their clients, done is called when they are through.
// What waits for its time runs now.
func (r *Root) Retire(done func()) (idle bool) {
	if r.tasks != nil {
		r.tasks.hurry()
	}
	if r.idle() {
		return true
	}
	r.retired = done
	return false
}

// idle reports whether no handler runs without a client, and none is about to.
func (r *Root) idle() bool { return r.detached == 0 && (r.tasks == nil || r.tasks.none()) }

// leave notes that a handler without its client is through.
func (r *Root) leave(expiry *timer) {
	r.cancel(expiry)
	r.detached--
	r.checkRetired()
}

// checkRetired tells the gateway when the last handler of a configuration that was
// replaced is through.
func (r *Root) checkRetired() {
	if done := r.retired; done != nil && r.idle() {
		if r.tasks != nil {
			r.cancel(r.tasks.over)
		}
		r.retired = nil
		done()
	}
}

// enter runs f as the work of one callback and then whatever was queued
// meanwhile. While another callback's work is running, f is queued.
func (r *Root) enter(f func()) {
	if r.busy {
		r.queue = append(r.queue, f)
		return
	}
	r.busy = true
	defer func() { r.busy = false }()
	r.breathe()
	f()
	r.drain()
}

// drain does the work of the callbacks that were queued.
func (r *Root) drain() {
	for len(r.queue) > 0 {
		next := r.queue[0]
		r.queue = r.queue[1:]
		next()
	}
	r.queue = nil
}

// callsPerYield is how many callbacks of the host do their work before other
// goroutines get their turn.
const callsPerYield = 64

// breathe lets the garbage collector, in a module that was linked without
// gcstoptheworld, and what a hook started run now and then.
func (r *Root) breathe() {
	if r.calls++; r.calls%callsPerYield == 0 {
		r.host.Yield()
	}
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
