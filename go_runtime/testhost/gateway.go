package testhost

import (
	"errors"
	"strconv"
	"strings"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// requestID is the number of the replayed request's stream.
const requestID = 2

// gateway is a host.Host that serves one recorded request.
type gateway struct {
	recording *recording
	headers   [][2]string
	body      string
	upstream  [][2]string // headers of the upstream's response
	piece     []byte      // of the response's body
	lines     []hostLine

	slept time.Duration // the time that handlers slept
	tick  time.Duration // the tick period, 0 for none

	shared host.Store // the store of shared dicts

	response *host.Response // what the client gets
	status   string         // of the upstream's response, where it was recorded
	resumed  bool
	reset    bool
	acts     int // how often the request was answered, resumed, or reset
}

// hostLine is a line of the gateway's log.
type hostLine struct {
	level   host.Level
	message string
}

// newGateway prepares the request of a recording, with pseudo headers as a
// gateway has them.
func newGateway(r *recording) *gateway {
	g := &gateway{recording: r, body: bytesOf(r.Request.Body)}
	authority := ""
	var others [][2]string
	for _, header := range r.Request.Headers {
		name, value := strings.ToLower(bytesOf(header[0])), bytesOf(header[1])
		if name == "host" {
			authority = value
			continue
		}
		others = append(others, [2]string{name, value})
	}
	g.headers = append([][2]string{
		{":method", r.Request.Method},
		{":path", bytesOf(r.Request.Target)},
		{":authority", authority},
		{":scheme", "http"},
	}, others...)
	return g
}

// Now is the recorded time.
func (g *gateway) Now() int64 { return g.recording.Clock * 1e9 }

// Monotonic goes on only while handlers sleep.
func (g *gateway) Monotonic() int64 { return int64(g.slept) }

// SetTick keeps the period.
func (g *gateway) SetTick(period time.Duration) { g.tick = period }

// sleep lets the time of a tick pass, if one was asked for.
func (g *gateway) sleep() bool {
	g.slept += g.tick
	return g.tick > 0
}

// Log keeps the line.
func (g *gateway) Log(level host.Level, message string) {
	g.lines = append(g.lines, hostLine{level, message})
}

// Enter has nothing to do: there is one stream.
func (g *gateway) Enter(uint32) {}

// Alive reports that the client waits.
func (g *gateway) Alive(uint32) bool { return true }

// RequestHeader reads a recorded header.
func (g *gateway) RequestHeader(name string) (string, bool) {
	for _, header := range g.headers {
		if header[0] == name {
			return header[1], true
		}
	}
	return "", false
}

// RequestHeaders reads all recorded headers.
func (g *gateway) RequestHeaders() [][2]string { return g.headers }

// KeepRoute does nothing: there are no routes.
func (g *gateway) KeepRoute() {}

// SetRequestHeader changes the request.
func (g *gateway) SetRequestHeader(name string, values []string) {
	g.headers = host.WithHeader(g.headers, name, values)
}

// RequestBody is the recorded body.
func (g *gateway) RequestBody(int) (body string, ok bool) { return g.body, true }

// SetRequestBody changes the request.
func (g *gateway) SetRequestBody(body string) { g.body = body }

// ResponseHeaders are those of the recorded upstream.
func (g *gateway) ResponseHeaders() [][2]string { return g.upstream }

// SetResponseHeader changes the response of the upstream.
func (g *gateway) SetResponseHeader(name string, values []string) {
	g.upstream = host.WithHeader(g.upstream, name, values)
}

// ResponseBody reads the body of the response, which comes in one piece.
func (g *gateway) ResponseBody(int) (piece []byte, ok bool) { return g.piece, true }

// SetResponseBody changes the body of the response.
func (g *gateway) SetResponseBody(piece []byte) { g.piece = piece }

// Property knows the client's address, and whether an upstream answered.
func (g *gateway) Property(path ...string) (string, bool) {
	if strings.Join(path, ".") == "response.code_details" && g.resumed {
		return "via_upstream", true
	}
	if strings.Join(path, ".") == "source.address" {
		return "127.0.0.1:40000", true
	}
	return "", false
}

// respond shows the response to the plugin: its own, or the upstream's as it was
// recorded.
func (g *gateway) respond(stream *engine.Stream) {
	if stream.Continues() && (g.resumed || g.response != nil) {
		body := g.makeResponse()
		acts := g.acts
		stream.OnResponseHeaders(body == "")
		if g.acts == acts {
			g.piece = []byte(body)
			if body != "" {
				stream.OnResponseBody(len(body), true)
			}
			g.takeResponse()
		}
		g.acts = acts
	}
	stream.OnDone()
}

// makeResponse prepares the headers of the response, and returns its body.
func (g *gateway) makeResponse() (body string) {
	status := 200
	switch answer := g.recording.Response.Answer; {
	case g.response != nil:
		status, g.upstream, body = int(g.response.Status), g.response.Headers, string(g.response.Body)
	case answer != nil:
		status, g.upstream, body = answer.Status, decoded(answer.Headers), bytesOf(answer.Body)
	}
	headers := [][2]string{{":status", strconv.Itoa(status)}}
	for _, header := range g.upstream {
		headers = append(headers, [2]string{strings.ToLower(header[0]), header[1]})
	}
	g.upstream = headers
	if method, _ := g.RequestHeader(":method"); method == "HEAD" {
		body = ""
	}
	return body
}

// takeResponse is what the plugin has left of the response.
func (g *gateway) takeResponse() {
	status, _ := strconv.Atoi(g.upstream[0][1])
	for i, header := range g.upstream {
		if header[0] == ":status" {
			status, _ = strconv.Atoi(header[1])
			g.upstream = append(g.upstream[:i:i], g.upstream[i+1:]...)
			break
		}
	}
	g.status = strconv.Itoa(status)
	if g.response != nil {
		g.response = &host.Response{Status: uint32(status), Headers: g.upstream, Body: g.piece}
	}
}

// Respond keeps the response.
func (g *gateway) Respond(r host.Response) {
	g.response = &r
	g.acts++
}

// Reset notes that there is no answer.
func (g *gateway) Reset() {
	g.reset = true
	g.acts++
}

// Resume notes that the request goes to the upstream.
func (g *gateway) Resume() {
	g.resumed = true
	g.acts++
}

// Yield has nothing to do.
func (g *gateway) Yield() {}

// DefineCounter has no counters: what they count shows in the response.
func (g *gateway) DefineCounter(string) (counter uint32, ok bool) { return 0, false }

// IncrementCounter is not called.
func (g *gateway) IncrementCounter(uint32) {}

// SharedData reads from the store, which is empty in the beginning.
func (g *gateway) SharedData(key string) (value string, version uint32, ok bool) {
	return g.shared.Get(key)
}

// SetSharedData writes to the store.
func (g *gateway) SetSharedData(key, value string, version uint32) (ok bool, err error) {
	return g.shared.Set(key, value, version), nil
}

// CallHTTP refuses: recordings have no HTTP calls.
func (g *gateway) CallHTTP(string, [][2]string, []byte, time.Duration, func(host.HTTPReply)) error {
	return errors.New("the recording has no answers to HTTP calls")
}

// allLines are the lines of the log for a message of the test.
func (g *gateway) allLines() []string {
	var all []string
	for _, line := range g.lines {
		all = append(all, line.message)
	}
	return all
}
