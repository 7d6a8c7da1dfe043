package http

import (
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/lua"
)

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
