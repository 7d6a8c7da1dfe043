package referer_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/internal/reference"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/ngx/referer"
)

// lists are arguments of valid_referers.
var lists = []string{
	"example.com",
	"none example.com",
	"blocked example.com",
	"none blocked *.example.com example.* foo.org/p",
	".example.com *.b.example.com/x foo.*/q",
	"example.com/a *.example.com foo.b.* ~^x",
	`none ~\.foo\. example.com/x`,
	`blocked ~^(a|b)\.foo\.[a-z]+/p foo.b/`,
}

// TestInvalidReferer compares with nginx, for headers that were made by chance of what
// matters.
func TestInvalidReferer(t *testing.T) {
	var locations strings.Builder
	for i, list := range lists {
		fmt.Fprintf(&locations, "location /%d { valid_referers %s; return 200 \"[$invalid_referer]\"; }\n", i, list)
	}
	nginx := reference.StartNginx(t, locations.String())
	random := rand.New(rand.NewPCG(1, 1))
	headers := []string{"none", "", "x", "http://", "http:///", "http://" + strings.Repeat("a", 300) + ".example.com/", "https://a.b"}
	for range 1500 {
		headers = append(headers, randomReferer(random))
	}
	for i, list := range lists {
		for _, value := range headers {
			var lines []string
			if value != "none" {
				lines = []string{"Referer: " + value}
			}
			_, _, want := nginx.Get(fmt.Sprintf("/%d", i), lines...)
			r := request(value)
			got := "[" + invalid(r, strings.Fields(list)) + "]"
			if got != want {
				t.Errorf("%s: %q: %s, nginx %s", list, value, got, want)
			}
		}
	}
}

// invalid is $invalid_referer as the compiler has it.
func invalid(r *ngx.Request, names []string) string {
	if strings.Contains(strings.Join(names, " "), "~") {
		return referer.Invalid(r, names...)
	}
	return r.InvalidReferer(names...)
}

// request has a referer, unless that is "none".
func request(value string) *ngx.Request {
	gateway := &hosttest.Gateway{Headers: [][2]string{
		{":method", "GET"}, {":path", "/"}, {":authority", "reference"}, {":scheme", "http"},
	}}
	if value != "none" {
		gateway.Headers = append(gateway.Headers, [2]string{"referer", value})
	}
	return ngx.NewRequest(engine.NewRoot(gateway, &engine.Program{}).NewStream(2))
}

// randomReferer is made of pieces.
func randomReferer(random *rand.Rand) string {
	pick := func(from ...string) string { return from[random.IntN(len(from))] }
	value := pick("http://", "https://", "HTTP://", "ftp://", "", "http:/")
	for range 1 + random.IntN(4) {
		value += pick("example", "foo", "b", "a", "reference", "EXAMPLE", "x")
		value += pick(".", ".", ".", "", "-")
	}
	value += pick("com", "org", "b", "", "example.com", "foo.org", "foo.b")
	value += pick("", "", ":80", ":", ".")
	for range random.IntN(3) {
		value += pick("/", "/p", "/q", "/x", "/a", "?x=1", "#f", "/P")
	}
	return value
}
