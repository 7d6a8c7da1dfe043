package sdkhost

import (
	"runtime"
	"runtime/debug"
	"strconv"
	"time"
	"unsafe"

	"github.com/higress-group/proxy-wasm-go-sdk/proxywasm"

	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// gateway implements host.RedisHost for one root context.
type gateway struct {
	root uint32
}

// Now is the wall clock's time in nanoseconds since 1970.
func (g *gateway) Now() int64 { return time.Now().UnixNano() }

// Monotonic is a clock that nobody sets.
func (g *gateway) Monotonic() int64 { return int64(time.Since(started)) }

// started is when the VM was.
var started = time.Now()

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

// Alive reports whether the gateway still has the stream.
func (g *gateway) Alive(stream uint32) bool { return streams[stream] != nil }

// RequestHeader reads the first request header of that name.
func (g *gateway) RequestHeader(name string) (string, bool) {
	return requestHeader(name)
}

// RequestHeaders reads all request headers.
func (g *gateway) RequestHeaders() [][2]string {
	headers, err := proxywasm.GetHttpRequestHeaders()
	if err != nil {
		return nil
	}
	return headers
}

// SetRequestHeader replaces all lines of a request header.
func (g *gateway) SetRequestHeader(name string, values []string) {
	report(setHeader(name, values, proxywasm.RemoveHttpRequestHeader, proxywasm.ReplaceHttpRequestHeader,
		proxywasm.AddHttpRequestHeader))
}

// KeepRoute sets what Higress takes for that; in Envoy it means nothing.
func (g *gateway) KeepRoute() {
	_ = proxywasm.SetProperty([]string{"clear_route_cache"}, []byte("off"))
}

// bodies is the room for the bodies of requests.
var bodies = Room{Fits: Fits, Collect: runtime.GC}

// RequestBody reads the body of a request that is held.
func (g *gateway) RequestBody(size int) (body string, ok bool) {
	if size == 0 {
		return "", true
	}
	if !bodies.Take(size, g.Monotonic()) {
		proxywasm.LogCritical("the body of a request was dropped: there is not enough memory")
		return "", false
	}
	data, err := proxywasm.GetHttpRequestBody(0, size)
	if err != nil {
		proxywasm.LogCritical("the gateway does not hand out the body of a request: " + err.Error())
		return "", false
	}
	return unsafe.String(unsafe.SliceData(data), len(data)), true // nobody else has the bytes
}

// SetRequestBody gives a request another body.
func (g *gateway) SetRequestBody(body string) {
	if err := proxywasm.ReplaceHttpRequestBody([]byte(body)); err != nil {
		proxywasm.LogCritical("the gateway did not take the body of a request: " + err.Error())
		resetStream()
	}
}

// ResponseHeaders reads all headers of the response.
func (g *gateway) ResponseHeaders() [][2]string {
	headers, err := proxywasm.GetHttpResponseHeaders()
	if err != nil {
		return nil
	}
	return headers
}

// SetResponseHeader replaces all lines of a response header.
func (g *gateway) SetResponseHeader(name string, values []string) {
	report(setHeader(name, values, proxywasm.RemoveHttpResponseHeader, proxywasm.ReplaceHttpResponseHeader,
		proxywasm.AddHttpResponseHeader))
}

// ResponseBody reads a piece of the response's body.
func (g *gateway) ResponseBody(size int) (piece []byte, ok bool) {
	if !hasRoom(size) {
		return nil, false
	}
	piece, err := proxywasm.GetHttpResponseBody(0, size)
	if err != nil {
		proxywasm.LogCritical("the gateway does not show the body of the response: " + err.Error())
	}
	return piece, err == nil
}

// SetResponseBody puts another piece in its place.
func (g *gateway) SetResponseBody(piece []byte) {
	if err := proxywasm.ReplaceHttpResponseBody(piece); err != nil {
		panic("the gateway did not take the body of the response: " + err.Error())
	}
}

// setHeader replaces all lines of a header by means of the host's functions.
func setHeader(name string, values []string, remove func(string) error, replace, add func(name, value string) error) error {
	switch {
	case len(values) == 0:
		return remove(name)
	case len(values) > 1: // replacing changes only the first line
		if err := remove(name); err != nil {
			return err
		}
		for _, value := range values {
			if err := add(name, value); err != nil {
				return err
			}
		}
		return nil
	default:
		return replace(name, values[0])
	}
}

// report logs that the gateway did not take a header.
func report(err error) {
	if err != nil {
		proxywasm.LogCritical("the gateway did not take a header: " + err.Error())
	}
}

// Property reads an attribute.
func (g *gateway) Property(path ...string) (string, bool) {
	value, err := proxywasm.GetProperty(path)
	return string(value), err == nil
}

// notGRPC is the gRPC status of responses that are none of gRPC.
const notGRPC = -1

// Respond answers the request.
func (g *gateway) Respond(r host.Response) {
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

// Yield lets other goroutines run.
func (g *gateway) Yield() { runtime.Gosched() }

// SetTick asks for OnTick every period. Ticks belong to root contexts.
func (g *gateway) SetTick(period time.Duration) {
	caller := activeContext()
	g.Enter(g.root)
	defer g.Enter(caller)
	if err := proxywasm.SetTickPeriodMilliSeconds(uint32(period.Milliseconds())); err != nil {
		proxywasm.LogCritical("the gateway does not tick: " + err.Error())
	}
}

// DefineCounter makes a counter of the gateway's statistics, or finds it.
func (g *gateway) DefineCounter(name string) (counter uint32, ok bool) { return defineCounter(name) }

// IncrementCounter adds one to a counter.
func (g *gateway) IncrementCounter(counter uint32) { incrementCounter(counter) }

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

// take reads an answer and hands it on. A request that waits for an answer that
// cannot be read, or that nobody can make sense of, must not be held for ever: it
// gets failed instead. A request that got its answer ignores a second one.
func take[T any](read func() T, failed T, done func(T)) {
	answer := failed
	guard("reading an answer", func() { answer = read() })
	if !guard("handing an answer on", func() { done(answer) }) {
		guard("handing a failure on", func() { done(failed) })
	}
}

// guard keeps a panic from leaving a callback, which would end the VM and all its
// requests. The engine recovers by itself and knows better what to do; this is
// for what is left. It reports whether f came to its end.
func guard(doing string, f func()) (ok bool) {
	defer func() {
		if v := recover(); v != nil {
			ok = false
			logPanic(doing, v)
		}
	}()
	f()
	return true
}

// logPanic reports a panic, unless that panics, too.
func logPanic(doing string, v any) {
	defer func() { _ = recover() }()
	text := "internal error while " + doing + "; this is a bug of snippet2wasm"
	switch v := v.(type) {
	case error:
		text += ": " + v.Error()
	case string:
		text += ": " + v
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
	reply.Headers = headers
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
	if size < largeReply || Fits(size) {
		return true
	}
	runtime.GC()
	if Fits(size) {
		return true
	}
	proxywasm.LogCritical("an answer of " + strconv.Itoa(size) + " bytes was dropped: there is not enough memory")
	return false
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
