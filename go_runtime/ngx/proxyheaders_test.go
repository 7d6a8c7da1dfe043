package ngx

import (
	"slices"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
)

// passed is what the upstream gets after the directives have said what they want.
func passed(t *testing.T, headers [][2]string, directives func(*Request)) [][2]string {
	t.Helper()
	gateway := &hosttest.Gateway{Headers: headers}
	root := engine.NewRoot(gateway, &engine.Program{})
	r := NewRequest(root.NewStream(1))
	directives(r)
	r.Pass()
	return gateway.Headers
}

func TestProxySetHeader(t *testing.T) {
	got := passed(t, [][2]string{{":authority", "a"}, {"x-a", "1"}, {"x-a", "2"}, {"x-b", "b"}, {"x-c", "c"}}, func(r *Request) {
		r.SetRequestHeader("X-A", "of lua")
		r.ProxySetHeader("X-A", "one")
		r.ProxySetHeader("x-a", "two")
		r.ProxySetHeader("X-B", "")
		r.ProxySetHeader("Host", "other")
		r.ProxyMethod("PUT")
	})
	want := [][2]string{{"x-c", "c"}, {"x-a", "one"}, {"x-a", "two"}, {":authority", "other"}, {":method", "PUT"}}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nnot %q", got, want)
	}
}

func TestProxyPassRequestHeaders(t *testing.T) {
	client := [][2]string{
		{":path", "/"}, {":authority", "a"}, {"cookie", "1"}, {"cookie", "2"}, {"x-a", "a"}, {"content-length", "3"},
		{"x-request-id", "id"},
	}
	got := passed(t, client, func(r *Request) {
		r.ProxyPassRequestHeaders(false)
		r.ProxySetHeader("X-A", "own")
	})
	want := [][2]string{{":path", "/"}, {":authority", "a"}, {"content-length", "3"}, {"x-request-id", "id"}, {"x-a", "own"}}
	if !slices.Equal(got, want) {
		t.Errorf("%q\nnot %q", got, want)
	}
}
