// Package sdkhost connects the engine with a gateway by means of the
// proxy-wasm SDK.
package sdkhost

import (
	"runtime"
	"runtime/debug"
	"strconv"
	"time"

	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm"
	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm/types"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// gateway implements host.RedisHost for one root context.
type gateway struct {
	root uint32
}

// Now is the wall clock's time in nanoseconds since 1970.
func (g *gateway) Now() int64 { return time.Now().UnixNano() }

// Log writes a line to the gateway's log.
func (g *gateway) Log(level host.Level, message string) {
	switch level {
	case host.Trace:
		proxywasm.LogTrace(message)
	case host.Debug:
		proxywasm.LogDebug(message)
	case host.Info:
		proxywasm.LogInfo(message)
	case host.Warn:
		proxywasm.LogWarn(message)
	case host.Error:
		proxywasm.LogError(message)
	default:
		proxywasm.LogCritical(message)
	}
}

// Enter makes a stream the current one, for the gateway and for the SDK.
func (g *gateway) Enter(stream uint32) {
	_ = proxywasm.SetEffectiveContext(stream) // fails only for a stream that is not Alive
	setActiveContext(stream)
}

// Alive reports whether the SDK still has the stream's context.
func (g *gateway) Alive(stream uint32) bool { return proxywasm.GetHttpContext(stream) != nil }

// RequestHeader reads the first request header of that name.
func (g *gateway) RequestHeader(name string) (string, bool) {
	value, err := proxywasm.GetHttpRequestHeader(name)
	return value, err == nil
}

// RequestHeaders reads all request headers.
func (g *gateway) RequestHeaders() [][2]string {
	headers, err := proxywasm.GetHttpRequestHeaders()
	if err != nil {
		return nil
	}
	return headers
}

// Property reads an attribute.
func (g *gateway) Property(path ...string) (string, bool) {
	value, err := proxywasm.GetProperty(path)
	return string(value), err == nil
}

// Respond answers the request.
func (g *gateway) Respond(r host.Response) {
	const notGRPC = -1
	if err := proxywasm.SendHttpResponse(r.Status, r.Headers, r.Body, notGRPC); err != nil {
		proxywasm.LogCritical("the gateway did not take the response with status " +
			strconv.Itoa(int(r.Status)) + ": " + err.Error())
		resetStream()
	}
}

// Reset ends the request without an answer.
func (g *gateway) Reset() { resetStream() }

// Resume lets the held request go on.
func (g *gateway) Resume() {
	if err := proxywasm.ResumeHttpRequest(); err != nil {
		proxywasm.LogCritical("the gateway did not resume the request: " + err.Error())
	}
}

// Yield lets other goroutines run: the garbage collector's.
func (g *gateway) Yield() { runtime.Gosched() }

// asRoot runs dispatch, which files a call-out, as the root context: the SDK
// drops the answers to call-outs of streams that are gone.
func (g *gateway) asRoot(dispatch func() error) error {
	caller := activeContext()
	setActiveContext(g.root)
	err := dispatch()
	setActiveContext(caller)
	return err
}

// CallHTTP sends a request to a cluster.
func (g *gateway) CallHTTP(cluster string, headers [][2]string, body []byte, timeout time.Duration, done func(host.HTTPReply)) error {
	return g.asRoot(func() error {
		_, err := proxywasm.DispatchHttpCall(cluster, headers, body, nil, milliseconds(timeout),
			func(headerCount, bodySize, _ int) {
				take(func() host.HTTPReply { return httpReply(headerCount, bodySize) }, host.HTTPReply{}, done)
			})
		return err
	})
}

// take reads an answer and hands it on. A panic must not end the VM, nor leave the
// request that waits for the answer held for ever: it gets failed instead, which
// changes nothing when it was the request's own work that panicked.
func take[T any](read func() T, failed T, done func(T)) {
	defer func() {
		if v := recover(); v != nil {
			logPanic(v)
			defer func() { _ = recover() }()
			done(failed)
		}
	}()
	done(read())
}

// logPanic reports a panic in taking an answer in.
func logPanic(v any) {
	text := "an answer could not be taken in; this is a bug of snippet2wasm"
	if err, ok := v.(error); ok {
		text += ": " + err.Error()
	}
	proxywasm.LogCritical(text + "\n" + string(debug.Stack()))
}

// httpReply reads the answer to a call-out, in its callback.
func httpReply(headerCount, bodySize int) host.HTTPReply {
	var reply host.HTTPReply
	if headerCount == 0 || !hasRoom(bodySize) {
		return reply
	}
	headers, err := proxywasm.GetHttpCallResponseHeaders()
	if err != nil {
		return reply
	}
	for _, header := range headers {
		if header[0] == ":status" {
			reply.Status, _ = strconv.Atoi(header[1])
		}
	}
	if bodySize > 0 {
		reply.Body, _ = proxywasm.GetHttpCallResponseBody(0, bodySize)
	}
	return reply
}

// largeReply is the size from which on memory is looked at before an answer is
// taken in; that takes a while.
const largeReply = 1 << 20

// hasRoom reports whether an answer, and a copy of it, fit into memory. Requests
// that keep large answers while they wait would end the VM together: at 1 GiB.
func hasRoom(size int) bool {
	if size < largeReply || fits(size) {
		return true
	}
	runtime.GC()
	if fits(size) {
		return true
	}
	proxywasm.LogCritical("an answer of " + strconv.Itoa(size) + " bytes was dropped: there is not enough memory")
	return false
}

// fits reports whether two things of that size leave the heap within its limit.
func fits(size int) bool {
	var m runtime.MemStats
	runtime.ReadMemStats(&m)
	return m.HeapAlloc+2*uint64(size) < memoryLimit
}

// InitRedis prepares the connection to a cluster.
func (g *gateway) InitRedis(cluster, username, password string, timeout time.Duration) error {
	return proxywasm.RedisInit(cluster, username, password, milliseconds(timeout))
}

// CallRedis sends one command.
func (g *gateway) CallRedis(cluster string, query []byte, done func(host.RedisReply)) error {
	return g.asRoot(func() error {
		_, err := proxywasm.DispatchRedisCall(cluster, query, func(status, size int) {
			take(func() host.RedisReply { return redisReply(status, size) }, host.RedisReply{Failed: true}, done)
		})
		return err
	})
}

// redisReply reads the answer to a Redis call, in its callback.
func redisReply(status, size int) host.RedisReply {
	if status != 0 || !hasRoom(size) {
		return host.RedisReply{Failed: true}
	}
	data, err := proxywasm.GetRedisCallResponse(0, size)
	return host.RedisReply{Failed: err != nil, Data: data}
}

// milliseconds is d for the ABI, at least 1.
func milliseconds(d time.Duration) uint32 {
	return uint32(max(1, d.Milliseconds()))
}

// Contexts of the SDK.

type vmContext struct {
	types.DefaultVMContext
	program *engine.Program
}

// NewPluginContext is called for every configuration of the plugin.
func (vm *vmContext) NewPluginContext(id uint32) types.PluginContext {
	return &pluginContext{root: engine.NewRoot(&gateway{root: id}, vm.program)}
}

type pluginContext struct {
	types.DefaultPluginContext
	root *engine.Root
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

// NewHttpContext is called for every request.
func (p *pluginContext) NewHttpContext(id uint32) types.HttpContext {
	return &httpContext{stream: p.root.NewStream(id)}
}

type httpContext struct {
	types.DefaultHttpContext
	stream *engine.Stream
}

// OnHttpRequestHeaders runs the handlers.
func (c *httpContext) OnHttpRequestHeaders(int, bool) types.Action {
	return types.Action(c.stream.OnRequestHeaders())
}

// OnHttpStreamDone is called before the request goes away.
func (c *httpContext) OnHttpStreamDone() { c.stream.OnDone() }
