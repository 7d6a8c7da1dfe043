package callout

import (
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// The texts are those of Envoy 1.40; what the services of tests/behaviour answer
// is told apart from them there.
func TestFailures(t *testing.T) {
	own := [][2]string{{":status", "503"}, {"content-length", "98"}, {"content-type", "text/plain"}}
	theirs := append([][2]string{{"x-envoy-upstream-service-time", "3"}}, own...)
	const before = "upstream connect error or disconnect/reset before headers. reset reason: "
	for _, check := range []struct {
		reply    host.HTTPReply
		timedOut bool
		want     transport.Failure
	}{
		{host.HTTPReply{Status: 200, Headers: own}, false, transport.None},
		{host.HTTPReply{Status: 503, Headers: theirs, Body: []byte(before)}, false, transport.None},
		{host.HTTPReply{Status: 503, Headers: own, Body: []byte("busy")}, false, transport.None},
		{host.HTTPReply{Status: 503, Headers: own, Body: []byte(before + "remote connection failure")}, false, transport.Refused},
		{host.HTTPReply{Status: 503, Headers: own, Body: []byte("no healthy upstream")}, false, transport.Refused},
		{host.HTTPReply{Status: 503, Headers: own}, false, transport.Refused}, // to a HEAD
		{host.HTTPReply{Status: 503, Headers: own, Body: []byte(before + "connection timeout")}, false, transport.Timeout},
		{host.HTTPReply{Status: 503, Headers: own, Body: []byte(before + "connection termination")}, false, transport.Closed},
		{host.HTTPReply{Status: 502, Headers: own, Body: []byte(before + "protocol error")}, false, transport.Closed},
		{host.HTTPReply{Status: 504, Headers: own, Body: []byte("upstream request timeout")}, true, transport.Timeout},
		{host.HTTPReply{Status: 504, Headers: theirs}, false, transport.None},
		{host.HTTPReply{}, true, transport.Timeout},
		{host.HTTPReply{}, false, transport.Closed},
	} {
		failure, reason := failureOf(check.reply, check.timedOut)
		if failure != check.want || (reason == "") != (failure == transport.None) {
			t.Errorf("%d %q: %d (%s), want %d", check.reply.Status, check.reply.Body, failure, reason, check.want)
		}
	}
}
