package sdkhost

import (
	"errors"
	"strconv"
	"strings"

	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm"
	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm/types"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// run hands the program to the gateway.
func run(program *engine.Program) { proxywasm.SetVMContext(&vmContext{program: program}) }

var (
	// plugins are the root contexts of this VM: the configurations of the plugin.
	plugins = map[uint32]*pluginContext{}
	// roots knows the root context of each stream.
	roots Ranges
	// streams are the requests that the gateway may still call about: that wait,
	// or whose answer is to be changed.
	streams = map[uint32]*engine.Stream{}
)

type vmContext struct {
	types.DefaultVMContext
	program *engine.Program
}

// NewPluginContext is called for every configuration of the plugin.
func (vm *vmContext) NewPluginContext(id uint32) types.PluginContext {
	g := &gateway{root: id}
	p := &pluginContext{gateway: g, root: engine.NewRoot(g, vm.program)}
	plugins[id] = p
	return p
}

type pluginContext struct {
	types.DefaultPluginContext
	gateway *gateway
	root    *engine.Root
}

// OnPluginStart reads the configuration.
func (p *pluginContext) OnPluginStart(size int) types.OnPluginStartStatus {
	raw, err := proxywasm.GetPluginConfiguration()
	if err != nil && size > 0 {
		proxywasm.LogCritical("the gateway does not hand out the configuration: " + err.Error())
		return types.OnPluginStartStatusFailed
	}
	return types.OnPluginStartStatus(p.root.Configure(raw))
}

// OnTick lets time pass for handlers that wait.
func (p *pluginContext) OnTick() { p.root.OnTick() }

// errNoConfiguration is about a request that must not pass.
var errNoConfiguration = errors.New("the gateway gave a request whose configuration is not known")

// requestHeaders runs the handlers for a request.
func requestHeaders(id uint32, bodiless bool) host.Action {
	p := plugins[roots.Of(id)]
	if p == nil {
		panic(errNoConfiguration)
	}
	s := p.root.NewStream(id)
	if !bodiless && !becomesTunnel() {
		s.ExpectBody()
	}
	action := s.OnRequestHeaders()
	if action == host.Hold {
		raiseBodyLimit(s.BodyLimit())
	}
	if s.Continues() {
		streams[id] = s
	}
	return action
}

// becomesTunnel reports whether the request asks for another protocol, such as
// WebSocket. What follows it is no body then, and does not end.
func becomesTunnel() bool {
	if _, ok := requestHeader("upgrade"); !ok {
		return false
	}
	connection, _ := requestHeader("connection")
	return strings.Contains(strings.ToLower(connection), "upgrade")
}

// Higress lets a plugin have bodies of requests up to 32 KiB unless it asks for more.
// It asks for nginx's client_max_body_size: defaultBody unless that is configured, and
// at most maxBody. Beyond, the client gets 413.
const (
	defaultBody = 1 << 20
	maxBody     = 64 << 20
)

// raiseBodyLimit makes Higress collect bodies up to a limit, the default one when it is
// 0. In Envoy, where a listener's per_connection_buffer_limit_bytes says it, the
// property means nothing.
func raiseBodyLimit(limit int) {
	if limit == 0 {
		limit = defaultBody
	}
	_ = proxywasm.SetProperty([]string{"set_decoder_buffer_limit"}, []byte(strconv.Itoa(min(limit, maxBody))))
}

// requestBody takes a part of a body, or all of it, size bytes so far.
func requestBody(id uint32, size int, end bool) host.Action {
	if s := streams[id]; s != nil {
		return s.OnRequestBody(size, end)
	}
	return host.Continue
}

// requestTrailers takes the end of a body that has trailers behind it.
func requestTrailers(id uint32) host.Action {
	if s := streams[id]; s != nil {
		return s.OnRequestTrailers()
	}
	return host.Continue
}

// responseHeaders changes the headers of an answer.
func responseHeaders(id uint32, bare bool) host.Action {
	if s := responding(id); s != nil {
		return s.OnResponseHeaders(bare)
	}
	return host.Continue
}

// responseBody changes a piece of the body of an answer.
func responseBody(id uint32, size int, last bool) host.Action {
	if s := streams[id]; s != nil {
		return s.OnResponseBody(size, last)
	}
	return host.Continue
}

// responseTrailers takes the end of a body that has trailers behind it.
func responseTrailers(id uint32) {
	if s := streams[id]; s != nil {
		s.OnResponseTrailers()
	}
}

// responding is the request that an answer is for. Those of a program that has
// handlers for answers are all known, but for the ones that the gateway has
// answered without asking the plugin.
func responding(id uint32) *engine.Stream {
	s, p := streams[id], plugins[roots.Of(id)]
	if s != nil || p == nil || !p.root.Responds() {
		return s
	}
	s = p.root.NewStream(id)
	streams[id] = s
	s.Meet()
	return s
}

// streamDone is called before a request goes away.
func streamDone(id uint32) {
	if s := responding(id); s != nil {
		s.OnDone()
	}
}

// retire reports whether a context can go at once. A root context, whose
// configuration was replaced, stays until the last of its handlers has ended.
func retire(id uint32) bool {
	p := plugins[id]
	return p == nil || p.root.Retire(func() {
		p.gateway.Enter(id)
		proxywasm.PluginDone()
	})
}

// isRoot reports whether a context is a root context.
func isRoot(id uint32) bool { return plugins[id] != nil }

// forget drops what is known of a context that is gone.
func forget(id uint32) {
	delete(streams, id)
	delete(plugins, id)
}

// refuse answers the current request with 500, or ends it without an answer.
func refuse() {
	if proxywasm.SendHttpResponse(500, nil, nil, notGRPC) != nil {
		resetStream()
	}
}
