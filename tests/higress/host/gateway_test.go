// Package higress runs modules that snippet2wasm built for Higress in the test
// host of Higress's SDK, and carries their Redis commands to a real Redis.
//
// test_host.py runs it, one test at a time, with these environment variables:
// HEARTBEAT_WASM, REPLIES_WASM and BUNDLE_WASM are the modules' files,
// REDIS_ADDRESS is a Redis that the tests may empty and configure.
package higress

import (
	"bytes"
	"cmp"
	"context"
	"log"
	"os"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unsafe"

	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm/proxytest"
	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm/types"
	"github.com/tetratelabs/wazero"
	"github.com/tetratelabs/wazero/api"
)

// waits is the action with which a plugin holds the headers and the body behind
// them; the SDK has no name for it.
const waits types.Action = 4

// networkError is Higress's status of a Redis call that has no answer: anything
// but 0.
const networkError = 10

// gateway is a module in the SDK's test host.
type gateway struct {
	t       *testing.T
	host    proxytest.HostEmulator
	module  api.Module
	streams []*stream
	lines   bytes.Buffer // what the test host writes about calls of its functions
}

// program is a module that is loaded.
type program struct {
	vm     proxytest.WasmVMContext
	module api.Module
}

// load loads the module whose file an environment variable names.
func load(t *testing.T, variable string) *program {
	t.Helper()
	wasm, err := os.ReadFile(os.Getenv(variable))
	if err != nil {
		t.Fatalf("%s: %v", variable, err)
	}
	vm, err := proxytest.NewWasmVMContext(withName(wasm))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := vm.Close(); err != nil {
			t.Error(err)
		}
	})
	module := runtimeOf(vm).Module(moduleName)
	if module == nil {
		t.Fatal("the test host does not know its module by name")
	}
	return &program{vm, module}
}

// newGateway puts the module into a test host; there is one at a time. What
// comes next is configure.
func (p *program) newGateway(t *testing.T, configuration string) *gateway {
	g := &gateway{t: t, module: p.module}
	log.SetOutput(&g.lines)
	option := proxytest.NewEmulatorOption().WithVMContext(p.vm).WithPluginConfiguration([]byte(configuration))
	host, reset := proxytest.NewHostEmulator(option)
	g.host = host
	t.Cleanup(func() {
		reset()
		log.SetOutput(os.Stderr)
	})
	return g
}

// configured is a gateway with a configuration that the plugin accepts.
func configured(t *testing.T, variable, configuration string) *gateway {
	t.Helper()
	g := load(t, variable).newGateway(t, configuration)
	if !g.configure() {
		t.Fatalf("the configuration was refused: %v", g.host.GetCriticalLogs())
	}
	return g
}

// configure reports whether the plugin accepts its configuration.
func (g *gateway) configure() bool {
	return bool(g.host.StartVM()) && bool(g.host.StartPlugin())
}

// moduleName is what withName calls a module.
const moduleName = "plugin"

// withName appends a name section, so that the module can be found in its
// runtime: a linked plugin has none, and code that runs is not touched.
func withName(wasm []byte) []byte {
	const customSection, moduleNameSubsection = 0, 0
	name := append([]byte{byte(len(moduleName))}, moduleName...)
	payload := slices.Concat([]byte{4}, []byte("name"), []byte{moduleNameSubsection, byte(len(name))}, name)
	return slices.Concat(wasm, []byte{customSection, byte(len(payload))}, payload)
}

// runtimeOf is the WebAssembly runtime of a test host, which the SDK does not
// hand out. Without it the callbacks that the test host leaves out cannot be
// called; see stream.leave.
func runtimeOf(vm proxytest.WasmVMContext) wazero.Runtime {
	field := reflect.ValueOf(vm).Elem().FieldByName("runtime")
	return reflect.NewAt(field.Type(), unsafe.Pointer(field.UnsafeAddr())).Elem().Interface().(wazero.Runtime)
}

// export calls a callback, which a gateway does only where the module exports it.
func (g *gateway) export(name string, arguments ...uint64) {
	g.t.Helper()
	function := g.module.ExportedFunction(name)
	if function == nil {
		return
	}
	if _, err := function.Call(context.Background(), arguments...); err != nil {
		g.t.Fatalf("%s: %v", name, err)
	}
}

// call is a Redis call that waits for its answer.
type call struct {
	id      uint32
	cluster string
	query   []byte
}

// calls lists the Redis calls that wait, in the order in which they were made.
// The test host keeps references to memory of the module, so this has to be
// asked before the module runs again.
func (g *gateway) calls() []call {
	var waiting []call
	contexts := []uint32{proxytest.PluginContextID}
	for _, s := range g.streams {
		contexts = append(contexts, s.id)
	}
	for _, id := range contexts {
		for _, c := range g.host.GetRedisCalloutAttributesFromContext(id) {
			waiting = append(waiting, call{c.CalloutID, strings.Clone(c.Upstream), bytes.Clone(c.Query)})
		}
	}
	slices.SortFunc(waiting, func(a, b call) int { return cmp.Compare(a.id, b.id) })
	return waiting
}

// onlyCall is the one Redis call that waits.
func (g *gateway) onlyCall() call {
	g.t.Helper()
	waiting := g.calls()
	if len(waiting) != 1 {
		g.t.Fatalf("%d Redis calls wait, want 1: %q", len(waiting), waiting)
	}
	return waiting[0]
}

// answer hands a Redis server's answer, as it came, to the plugin.
func (g *gateway) answer(c call, reply []byte) { g.host.CallOnRedisCallResponse(c.id, 0, reply) }

// fail tells the plugin that a call has no answer.
func (g *gateway) fail(c call) { g.host.CallOnRedisCallResponse(c.id, networkError, nil) }

// stream is one request.
type stream struct {
	gateway *gateway
	id      uint32
}

// get sends a request. The plugin has run until it waits or is done when this
// returns.
func (g *gateway) get(target string) *stream {
	s := &stream{g, g.host.InitializeHttpContext()}
	g.streams = append(g.streams, s)
	g.host.CallOnRequestHeaders(s.id, [][2]string{
		{":method", "GET"}, {":scheme", "http"}, {":authority", "device.example"}, {":path", target},
	}, true)
	return s
}

//go:linkname proxyOnLog github.com/higress-group/proxy-wasm-go-sdk/proxywasm/internal.ProxyOnLog
func proxyOnLog(contextID uint32)

// leave ends the stream as the gateway does when its client is gone: with all
// three callbacks.
//
// The test host's CompleteHttpContext makes one of them, proxy_on_log, and drops
// the answers to what the stream has called. A gateway does not: it delivers
// them to the plugin's root context.
func (s *stream) leave() {
	s.gateway.t.Helper()
	s.gateway.export("proxy_on_done", uint64(s.id))
	proxyOnLog(s.id)
	s.gateway.export("proxy_on_delete", uint64(s.id))
}

// state tells what has become of the request: "held", "passed", or "answered".
func (s *stream) state() string {
	action := s.gateway.host.GetCurrentHttpStreamAction(s.id)
	switch answer := s.gateway.host.GetSentLocalResponse(s.id); {
	case answer != nil && action == waits:
		return "answered"
	case answer == nil && action == waits:
		return "held"
	case answer == nil && action == types.ActionContinue:
		return "passed"
	default:
		return "answered, but not held"
	}
}

// want checks the state of the request.
func (s *stream) want(state string) {
	s.gateway.t.Helper()
	if got := s.state(); got != state {
		s.gateway.t.Fatalf("the request is %s, want %s", got, state)
	}
}

// wantStatus checks that the plugin answered the request.
func (s *stream) wantStatus(status uint32) {
	s.gateway.t.Helper()
	s.want("answered")
	if got := s.gateway.host.GetSentLocalResponse(s.id).StatusCode; got != status {
		s.gateway.t.Fatalf("the status is %d, want %d", got, status)
	}
}

// wantLog checks the plugin's log of some level.
func wantLog(t *testing.T, got []string, want ...string) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Fatalf("the log is %q, want %q", got, want)
	}
}
