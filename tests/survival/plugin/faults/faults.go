// Package faults has parts of the runtime that fail as they must not.
package faults

import (
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/transport"
	"snippet2wasm.internal/plugin/runtime/transport/webdis"
)

// Next is what goes wrong with the next command: "", "call", "answer", "twice",
// or "at once".
var Next string

// Transport is webdis.Transport with a fault now and then.
var Transport transport.Redis = faulty{webdis.Transport}

type faulty struct{ transport.Redis }

// Call sends a command, or fails.
func (f faulty) Call(h host.Host, server *transport.Server, command []string, timeout time.Duration, done func(transport.Answer)) {
	fault := Next
	Next = ""
	f.Redis.Call(h, server, command, timeout, func(answer transport.Answer) {
		switch fault {
		case "answer":
			fault = ""
			panic("in the callback of an answer")
		case "twice":
			done(answer)
		}
		done(answer)
	})
	switch fault {
	case "call":
		panic("in a call")
	case "at once":
		done(transport.Answer{Reply: []byte("$-1\r\n")})
	}
}

// BreakSnapshot waits for ever; the request fails when it has to be kept without
// its client.
func BreakSnapshot(s *engine.Stream) {
	s.Await(func(func()) { s.Reader = badReader{s.Reader, s} })
}

type badReader struct {
	engine.Reader
	stream *engine.Stream
}

func (r badReader) Snapshot() {
	r.stream.Reader = r.Reader
	panic("in Snapshot")
}
