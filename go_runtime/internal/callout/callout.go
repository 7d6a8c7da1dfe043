// Package callout sends HTTP requests from handlers to the gateway's clusters.
package callout

import (
	"strings"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// Call sends a request to a service and waits for the whole answer. headers have the
// pseudo headers. Where there is no answer of the service, reason says what the gateway
// knows about it.
func Call(s *engine.Stream, service *transport.Service, headers [][2]string, body string, timeout time.Duration) (
	reply host.HTTPReply, failure transport.Failure, reason string,
) {
	h := s.Host()
	began := h.Monotonic()
	s.Await(func(wake func()) {
		err := h.CallHTTP(service.Cluster, headers, []byte(body), timeout, func(answer host.HTTPReply) {
			reply = answer
			wake()
		})
		if err != nil {
			failure, reason = transport.Refused, "cluster "+service.Cluster+" takes no call: "+err.Error()
			wake()
		}
	})
	if failure != transport.None {
		return reply, failure, reason
	}
	timedOut := time.Duration(h.Monotonic()-began) >= timeout
	if failure, reason = failureOf(reply, timedOut); reason != "" {
		reason = "cluster " + service.Cluster + ": " + reason
	}
	return reply, failure, reason
}

// failureOf tells the answers that the gateway makes up for a call that failed from
// those of the service: the failure, and what the log gets. The gateway's own have no
// header but those about their text.
func failureOf(reply host.HTTPReply, timedOut bool) (transport.Failure, string) {
	const shown = 300 // bytes of a text in the log
	text := string(reply.Body[:min(len(reply.Body), shown)])
	if text == "" {
		text = "no answer"
	}
	switch {
	case reply.Status == 0 && timedOut:
		return transport.Timeout, "the time ran out in the middle of the answer"
	case reply.Status == 0:
		return transport.Closed, "the connection broke in the middle of the answer"
	case !madeUp(reply):
		return transport.None, ""
	case reply.Status == 504 || strings.Contains(text, "connection timeout"):
		return transport.Timeout, text
	case strings.Contains(text, "connection termination"), strings.Contains(text, "protocol error"),
		strings.Contains(text, "remote reset"):
		return transport.Closed, text
	default:
		return transport.Refused, text
	}
}

// madeUp reports whether an answer is the gateway's own. Those of a service have
// x-envoy-upstream-service-time, at least. To a HEAD the gateway's has no text.
func madeUp(reply host.HTTPReply) bool {
	if reply.Status < 500 || reply.Status > 504 {
		return false
	}
	for _, header := range reply.Headers {
		switch header[0] {
		case ":status", "content-length", "content-type":
		default:
			return false
		}
	}
	text := string(reply.Body)
	return text == "" || strings.HasPrefix(text, "upstream ") || strings.HasPrefix(text, "no healthy upstream")
}
