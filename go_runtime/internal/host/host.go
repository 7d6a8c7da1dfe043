// Package host is what the request machinery asks of the gateway. The SDK
// implements it inside of a gateway, package testhost in tests.
package host

import "time"

// Level is the severity of a log line; the values are proxy-wasm's.
type Level uint32

// The levels of proxy-wasm.
const (
	Trace Level = iota
	Debug
	Info
	Warn
	Error
	Critical
)

// Action is the answer of a callback.
type Action uint32

// The actions that are used; the values are those of the ABI. Wait holds the
// headers, and the body behind them, until the request is resumed or answered.
// Hold, too, holds the headers, but lets the body in: the gateway calls about it,
// and keeps it as long as the answer to that is Hold. That is what 1 means under
// Higress's ABI 0.2.100; Envoy has to be told with allow_on_headers_stop_iteration,
// else it takes 1 for Wait.
const (
	Continue Action = 0
	Hold     Action = 1
	Wait     Action = 4
)

// Response is a reply that the plugin makes itself.
type Response struct {
	Status  uint32
	Headers [][2]string
	Body    []byte
}

// HTTPReply is the answer to a call-out. A call-out that failed without an
// answer has Status 0.
type HTTPReply struct {
	Status  int
	Headers [][2]string
	Body    []byte
}

// RedisReply is the answer to a Redis call of Higress's host functions: raw
// RESP, or Failed when the host had no answer to give.
type RedisReply struct {
	Failed bool
	Data   []byte
}

// Host is one gateway worker, seen from one plugin configuration (a root
// context). Reads and replies act on the stream that was entered last.
type Host interface {
	// Now is the wall clock's time in nanoseconds since 1970.
	Now() int64
	// Monotonic is a clock in nanoseconds that nobody sets.
	Monotonic() int64
	// Log writes a line to the gateway's log.
	Log(level Level, message string)

	// Enter makes a stream the one that reads and replies act on.
	Enter(stream uint32)
	// Alive reports whether a stream still exists in the gateway.
	Alive(stream uint32) bool

	// RequestHeader reads the first request header of that name, in lower case.
	RequestHeader(name string) (string, bool)
	// RequestHeaders reads all request headers, pseudo headers included.
	RequestHeaders() [][2]string
	// SetRequestHeader replaces all lines of a request header, in lower case, or
	// removes it when there are no values.
	SetRequestHeader(name string, values []string)
	// KeepRoute asks that changes of request headers, from here on, do not make the
	// gateway choose the route again. Not every gateway can do that.
	KeepRoute()
	// RequestBody reads the body of a request that is held, of which at most size
	// bytes are there. It fails when memory does not do for it.
	RequestBody(size int) (body string, ok bool)
	// SetRequestBody gives a request that is held, and has a body, another one.
	SetRequestBody(body string)
	// ResponseHeaders reads all headers of the upstream's response, in its callback.
	ResponseHeaders() [][2]string
	// SetResponseHeader is SetRequestHeader for the response, in its callback.
	SetResponseHeader(name string, values []string)
	// ResponseBody reads a piece of the response's body, in its callback. It fails
	// where the piece does not fit into memory.
	ResponseBody(size int) (piece []byte, ok bool)
	// SetResponseBody puts another piece in its place.
	SetResponseBody(piece []byte)
	// Property reads one of the gateway's attributes.
	Property(path ...string) (string, bool)

	// Respond answers the request.
	Respond(Response)
	// Reset ends the request without an answer.
	Reset()
	// Resume lets the held request go on.
	Resume()
	// Yield gives other goroutines a chance to run.
	Yield()
	// SetTick asks for a callback every period, of whole milliseconds; 0 ends it.
	SetTick(period time.Duration)

	// DefineCounter makes a counter of the gateway's statistics, or finds it. It
	// fails where the gateway has no room for another.
	DefineCounter(name string) (counter uint32, ok bool)
	// IncrementCounter adds one to a counter.
	IncrementCounter(counter uint32)

	// SharedData reads a value of the store that the gateway keeps for all VMs with
	// the same id, in all of its workers, and the value's version.
	SharedData(key string) (value string, version uint32, ok bool)
	// SetSharedData writes a value to that store unless it has another version than
	// the given one, which is not 0. A key that is not there has every version. What
	// the gateway refuses for another reason is an error.
	SetSharedData(key, value string, version uint32) (ok bool, err error)

	// CallHTTP sends a request to a cluster and calls done with the answer, in a
	// later callback. An error means that done will not be called.
	CallHTTP(cluster string, headers [][2]string, body []byte, timeout time.Duration, done func(HTTPReply)) error
}

// RedisHost is a Host that has Higress's host functions for Redis.
type RedisHost interface {
	Host
	// InitRedis prepares the connection to a cluster.
	InitRedis(cluster, username, password string, timeout time.Duration) error
	// CallRedis sends one command in RESP and calls done with the answer, in a
	// later callback. An error means that done will not be called.
	CallRedis(cluster string, query []byte, done func(RedisReply)) error
}

// WithHeader is headers with other values for a name, at the end: what the
// gateways of tests make of SetRequestHeader.
func WithHeader(headers [][2]string, name string, values []string) [][2]string {
	var kept [][2]string
	for _, header := range headers {
		if header[0] != name {
			kept = append(kept, header)
		}
	}
	for _, value := range values {
		kept = append(kept, [2]string{name, value})
	}
	return kept
}
