// Package hosttest is a gateway for tests of the runtime itself: its request is
// made by hand, and call-outs wait until the test delivers their answers.
package hosttest

import (
	"errors"
	"strings"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// Line is a line of the log.
type Line struct {
	Level   host.Level
	Message string
}

// Gateway implements host.Host and keeps what it is told.
type Gateway struct {
	Time       int64
	Headers    [][2]string
	Body       string      // of the request
	Upstream   [][2]string // headers of the upstream's response
	Piece      []byte      // of the response's body
	Properties map[string]string
	Dead       map[uint32]bool

	Lines     []Line
	Responses []host.Response
	Resumed   int
	Resets    int
	Entered   []uint32
	Yields    int
	Reads     int           // header reads, of one or all
	Tick      time.Duration // the tick period, 0 for none

	Counters map[string]int
	Shared   host.Store

	// HTTP answers call-outs; nil refuses them.
	HTTP func(cluster string, headers [][2]string, body []byte, timeout time.Duration) host.HTTPReply

	pending []func()
	names   []string // of the counters
}

// Now is Time.
func (g *Gateway) Now() int64 { return g.Time }

// Monotonic is Time.
func (g *Gateway) Monotonic() int64 { return g.Time }

// Log keeps the line.
func (g *Gateway) Log(level host.Level, message string) {
	g.Lines = append(g.Lines, Line{level, message})
}

// LogText is all lines of the log.
func (g *Gateway) LogText() string {
	var b strings.Builder
	for _, line := range g.Lines {
		b.WriteString(line.Message + "\n")
	}
	return b.String()
}

// Enter keeps the stream's number.
func (g *Gateway) Enter(stream uint32) { g.Entered = append(g.Entered, stream) }

// Alive reports whether a stream is not among the Dead.
func (g *Gateway) Alive(stream uint32) bool { return !g.Dead[stream] }

// RequestHeader reads from Headers.
func (g *Gateway) RequestHeader(name string) (string, bool) {
	g.Reads++
	for _, header := range g.Headers {
		if header[0] == name {
			return header[1], true
		}
	}
	return "", false
}

// RequestHeaders returns Headers.
func (g *Gateway) RequestHeaders() [][2]string {
	g.Reads++
	return g.Headers
}

// KeepRoute does nothing: there are no routes.
func (g *Gateway) KeepRoute() {}

// SetRequestHeader changes Headers.
func (g *Gateway) SetRequestHeader(name string, values []string) {
	g.Headers = host.WithHeader(g.Headers, name, values)
}

// RequestBody is Body.
func (g *Gateway) RequestBody(int) (body string, ok bool) { return g.Body, true }

// SetRequestBody changes Body.
func (g *Gateway) SetRequestBody(body string) { g.Body = body }

// ResponseHeaders are Upstream.
func (g *Gateway) ResponseHeaders() [][2]string { return g.Upstream }

// SetResponseHeader changes Upstream.
func (g *Gateway) SetResponseHeader(name string, values []string) {
	g.Upstream = host.WithHeader(g.Upstream, name, values)
}

// ResponseBody reads from Piece.
func (g *Gateway) ResponseBody(int) (piece []byte, ok bool) { return g.Piece, true }

// SetResponseBody changes Piece.
func (g *Gateway) SetResponseBody(piece []byte) { g.Piece = piece }

// Property reads from Properties, whose keys join a path with dots.
func (g *Gateway) Property(path ...string) (string, bool) {
	value, ok := g.Properties[strings.Join(path, ".")]
	return value, ok
}

// Respond keeps the response.
func (g *Gateway) Respond(r host.Response) { g.Responses = append(g.Responses, r) }

// Reset counts.
func (g *Gateway) Reset() { g.Resets++ }

// Resume counts.
func (g *Gateway) Resume() { g.Resumed++ }

// Yield counts.
func (g *Gateway) Yield() { g.Yields++ }

// SetTick keeps the period.
func (g *Gateway) SetTick(period time.Duration) { g.Tick = period }

// DefineCounter makes a counter.
func (g *Gateway) DefineCounter(name string) (counter uint32, ok bool) {
	g.names = append(g.names, name)
	return uint32(len(g.names) - 1), true
}

// IncrementCounter counts in Counters.
func (g *Gateway) IncrementCounter(counter uint32) {
	if g.Counters == nil {
		g.Counters = map[string]int{}
	}
	g.Counters[g.names[counter]]++
}

// SharedData reads from Shared.
func (g *Gateway) SharedData(key string) (value string, version uint32, ok bool) {
	return g.Shared.Get(key)
}

// SetSharedData writes to Shared.
func (g *Gateway) SetSharedData(key, value string, version uint32) (ok bool, err error) {
	return g.Shared.Set(key, value, version), nil
}

// Later lets f wait for Deliver.
func (g *Gateway) Later(f func()) { g.pending = append(g.pending, f) }

// Deliver runs what waits, oldest first, until nothing does.
func (g *Gateway) Deliver() {
	for len(g.pending) > 0 {
		g.DeliverOne()
	}
}

// DeliverOne runs the oldest of what waits.
func (g *Gateway) DeliverOne() {
	next := g.pending[0]
	g.pending = g.pending[1:]
	next()
}

// Pending is how much waits.
func (g *Gateway) Pending() int { return len(g.pending) }

// CallHTTP answers later with HTTP's reply.
func (g *Gateway) CallHTTP(cluster string, headers [][2]string, body []byte, timeout time.Duration, done func(host.HTTPReply)) error {
	if g.HTTP == nil {
		return errors.New("no such cluster")
	}
	reply := g.HTTP(cluster, headers, body, timeout)
	g.Later(func() { done(reply) })
	return nil
}
