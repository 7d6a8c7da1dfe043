package http

import (
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
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
		want     string
	}{
		{host.HTTPReply{Status: 200, Headers: own}, false, "nil"},
		{host.HTTPReply{Status: 503, Headers: theirs, Body: []byte(before)}, false, "nil"},
		{host.HTTPReply{Status: 503, Headers: own, Body: []byte("busy")}, false, "nil"},
		{host.HTTPReply{Status: 503, Headers: own, Body: []byte(before + "remote connection failure")}, false, "connection refused"},
		{host.HTTPReply{Status: 503, Headers: own, Body: []byte("no healthy upstream")}, false, "connection refused"},
		{host.HTTPReply{Status: 503, Headers: own}, false, "connection refused"}, // to a HEAD
		{host.HTTPReply{Status: 503, Headers: own, Body: []byte(before + "connection timeout")}, false, "timeout"},
		{host.HTTPReply{Status: 503, Headers: own, Body: []byte(before + "connection termination")}, false, "closed"},
		{host.HTTPReply{Status: 502, Headers: own, Body: []byte(before + "protocol error")}, false, "closed"},
		{host.HTTPReply{Status: 504, Headers: own, Body: []byte("upstream request timeout")}, true, "timeout"},
		{host.HTTPReply{Status: 504, Headers: theirs}, false, "nil"},
		{host.HTTPReply{}, true, "timeout"},
		{host.HTTPReply{}, false, "closed"},
	} {
		err, reason := failureOf(check.reply, check.timedOut)
		if err.String() != check.want || (reason == "") != err.IsNil() {
			t.Errorf("%d %q: %s (%s), want %s", check.reply.Status, check.reply.Body, err, reason, check.want)
		}
	}
}

// FuzzSplit takes URIs apart: the parts are in them, in order.
func FuzzSplit(f *testing.F) {
	f.Add("https://user@host:8443/a?b#c")
	f.Add("//[::1]:80?x")
	f.Add("http://a:b")
	f.Fuzz(func(t *testing.T, uri string) {
		u, ok := split(uri)
		if !ok {
			return
		}
		if !strings.HasPrefix(uri, u.all) || u.host == "" || strings.Trim(u.port, "0123456789") != "" {
			t.Errorf("%q: %+v", uri, u)
		}
		rest := u.all
		for _, part := range []string{u.scheme, "//", u.host, u.port, u.path, u.query} {
			at := strings.Index(rest, part)
			if at < 0 {
				t.Fatalf("%q: %q is not in %q", uri, part, rest)
			}
			rest = rest[at+len(part):]
		}
	})
}

func TestHeadersThatWouldEndALine(t *testing.T) {
	for _, value := range []string{"a\r\nx: y", "a\nb", "a\x00b"} {
		given := lua.NewTable(0)
		given.Set("X-A", value)
		c := &Client{scheme: "http", host: "h"}
		if _, ok := c.lines("GET", lua.NewTable(0), newHeaders(given)); ok {
			t.Errorf("%q was accepted", value)
		}
	}
}
