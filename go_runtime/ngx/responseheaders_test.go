package ngx

import (
	"slices"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
)

// answered is a request whose upstream answered with these header lines, in the second
// 1,700,000,000: Tuesday, 14 November 2023, 22:13:20 GMT.
func answered(lines ...string) *Request {
	gateway := &hosttest.Gateway{Time: 1_700_000_000e9, Headers: [][2]string{
		{":method", "GET"}, {":path", "/"}, {":authority", "a.example"}, {":scheme", "http"},
	}}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ": ")
		gateway.Upstream = append(gateway.Upstream, [2]string{name, value})
	}
	r := NewRequest(engine.NewRoot(gateway, &engine.Program{}).NewStream(2))
	r.OpenResponse(true)
	return r
}

// wants compares all lines of the response.
func wants(t *testing.T, r *Request, expected ...string) {
	t.Helper()
	r.out.settleType()
	var got []string
	for _, line := range r.out.headers {
		got = append(got, line[0]+": "+line[1])
	}
	if !slices.Equal(got, expected) {
		t.Errorf("%q\nnot %q", got, expected)
	}
}

func TestAddHeader(t *testing.T) {
	r := answered(":status: 404", "x-a: up", "etag: e")
	r.AddHeader("X-A", "1", Success)
	r.AddHeader("X-A", "2", Always)
	r.AddHeader("X-B", "", Always)
	r.AddHeader("ETag", "", Always)
	r.AddHeader("Last-Modified", "now", Always)
	r.AddHeader("X-C", "a\r\nb", Always)
	wants(t, r, ":status: 404", "x-a: up", "x-a: 2", "last-modified: now", "x-c: a%0D%0Ab")
}

func TestAddHeaderByStatus(t *testing.T) {
	var with []string
	for _, status := range strings.Fields("101 200 201 202 204 206 300 301 302 303 304 305 307 308 400 404 500") {
		r := answered(":status: " + status)
		r.AddHeader("X-A", "1", Success)
		if len(r.out.headers) == 2 {
			with = append(with, status)
		}
	}
	if got := strings.Join(with, " "); got != "200 201 204 206 301 302 303 304 307 308" {
		t.Error(got)
	}
}

// expiry is Expires and Cache-Control.
func expiry(r *Request) string {
	return strings.Join(append(valuesOf(r.out.headers, "expires"), valuesOf(r.out.headers, "cache-control")...), "|")
}

// What nginx 1.22 made of these, with the time and the day put in their places.
func TestExpires(t *testing.T) {
	tests := map[string]string{
		"1h": "Tue, 14 Nov 2023 23:13:20 GMT|max-age=3600", "+5": "Tue, 14 Nov 2023 22:13:25 GMT|max-age=5",
		"0": "Tue, 14 Nov 2023 22:13:20 GMT|max-age=0", "-0": "Tue, 14 Nov 2023 22:13:20 GMT|max-age=0",
		"-1": "Tue, 14 Nov 2023 22:13:19 GMT|no-cache", "-1h30m": "Tue, 14 Nov 2023 20:43:20 GMT|no-cache",
		"epoch": "Thu, 01 Jan 1970 00:00:01 GMT|no-cache", "max": "Thu, 31 Dec 2037 23:55:55 GMT|max-age=315360000",
		"1d2h": "Thu, 16 Nov 2023 00:13:20 GMT|max-age=93600", "1h30": "Tue, 14 Nov 2023 23:13:50 GMT|max-age=3630",
		"1M2w": "Thu, 28 Dec 2023 22:13:20 GMT|max-age=3801600", "1y": "Wed, 13 Nov 2024 22:13:20 GMT|max-age=31536000",
		"@1h": "Wed, 15 Nov 2023 01:00:00 GMT|max-age=10000", "@22h20m": "Tue, 14 Nov 2023 22:20:00 GMT|max-age=400",
		"@0s": "Wed, 15 Nov 2023 00:00:00 GMT|max-age=6400", "@24h": "Wed, 15 Nov 2023 00:00:00 GMT|max-age=6400",
		"@22h13m20s":  "Wed, 15 Nov 2023 22:13:20 GMT|max-age=86400",
		"99999999999": "Tue, 29 Sep 5192 07:59:59 GMT|max-age=99999999999",
	}
	for _, value := range strings.Fields("off junk MAX 1H 1s1h 1500ms @25h @-1h @+1h @ - + 1h1h modified 99999999999999999999y") {
		tests[value] = "|"
	}
	tests[""] = "|"
	for value, expected := range tests {
		r := answered(":status: 200", "cache-control: up", "expires: up")
		if expected == "|" {
			expected = "up|up"
		}
		r.Expires(value)
		if got := expiry(r); got != expected {
			t.Errorf("%q: %q, not %q", value, got, expected)
		}
	}
}

func TestExpiresModified(t *testing.T) {
	for modified, expected := range map[string]string{
		"Mon, 01 Jan 2024 00:00:00 GMT": "Mon, 01 Jan 2024 01:00:00 GMT|max-age=4070800",
		"Mon, 02 Jan 2023 00:00:00 GMT": "Mon, 02 Jan 2023 01:00:00 GMT|no-cache",
		"junk":                          "Tue, 14 Nov 2023 23:13:20 GMT|max-age=3600",
	} {
		r := answered(":status: 200", "last-modified: "+modified)
		r.ExpiresModified("1h")
		if got := expiry(r); got != expected {
			t.Errorf("%q: %q, not %q", modified, got, expected)
		}
	}
}

func TestMoreSetHeader(t *testing.T) {
	r := answered(":status: 404", "content-type: text/html; charset=q", "set-cookie: a", "set-cookie: b", "y-a: 1", "yb: 2", "x: 1")
	if !r.StatusIn(500, 404) || r.StatusIn(500) || !r.TypeIn("a/b", "text/html") || r.TypeIn("text/html; charset=q") {
		t.Error("the conditions")
	}
	r.MoreSetHeader("Set-Cookie", "c")
	r.MoreSetHeader("Location", "/l")
	r.MoreSetHeader("Content-Type", "text/plain")
	r.MoreSetHeader("Y*", "3")
	r.MoreSetHeader("X", "")
	r.MoreSetHeader("Q-*", "literal")
	wants(t, r, ":status: 404", "content-type: text/plain; charset=q", "set-cookie: c",
		"location: http://a.example/l", "y-a: 3", "q-*: literal")
}

func TestMoreClearHeader(t *testing.T) {
	r := answered(":status: 200", "x-a: 1", "x-b: 2", "x: 3", "y: 4", "y: 5")
	r.MoreClearHeader("X-*")
	r.MoreClearHeader("Y")
	wants(t, r, ":status: 200", "x: 3")
}

func TestMoreSetInputHeader(t *testing.T) {
	r := answered()
	r.MoreSetInputHeader("X-A", "1")
	r.MoreReplaceInputHeader("X-A", "2")
	r.MoreReplaceInputHeader("X-B", "2")
	r.MoreSetInputHeader("X-C", "")
	r.MoreReplaceInputHeader("Host", "b.example")
	r.MoreSetInputHeader("Content-Type", "text/plain")
	if a := strings.Join(r.lines("x-a"), "|"); a != "2" || r.Host() != "b.example" || len(r.lines("x-b")) > 0 {
		t.Error(a, r.Host())
	}
	if !r.RequestTypeIn("a/b", "text/plain") || r.RequestTypeIn("text/") {
		t.Error("the condition")
	}
	r.MoreClearInputHeader("X-*")
	r.MoreClearInputHeader("content-type")
	if len(r.lines("x-a")) > 0 || len(r.lines("content-type")) > 0 {
		t.Error("not cleared")
	}
}

func TestHideHeader(t *testing.T) {
	r := answered(":status: 200", "x-a: up", "x-b: up")
	r.reply.headers = [][2]string{{"X-A", "own"}}
	r.OpenResponse(true)
	r.HideHeader("X-a")
	r.HideHeader("X-B")
	wants(t, r, ":status: 200", "x-a: own")
}

func TestCharset(t *testing.T) {
	for upstream, expected := range map[string]string{
		"text/html":                 "text/html; charset=utf-8",
		"TEXT/HTML":                 "TEXT/HTML; charset=utf-8",
		"text/html; charset=koi8-r": "text/html; charset=koi8-r",
		"text/html;a=b":             "text/html;a=b",
		"application/json":          "application/json",
	} {
		r := answered(":status: 200", "content-type: "+upstream)
		r.Charset("utf-8")
		wants(t, r, ":status: 200", "content-type: "+expected)
	}
	r := answered(":status: 200", "content-type: image/x;a=b")
	r.Charset("utf-8", "*")
	wants(t, r, ":status: 200", "content-type: image/x;a=b; charset=utf-8")
	r = answered(":status: 302", "content-type: text/html")
	r.Charset("utf-8")
	wants(t, r, ":status: 302", "content-type: text/html")
}

func TestProxyRedirect(t *testing.T) {
	r := answered(":status: 302", "location: http://a/x", "location: /b/y", "refresh: 5; URL=http://a/z", "refresh: 5")
	r.ProxyRedirect("http://a/", "/b/")
	r.ProxyRedirect("/b/", "http://c/")
	wants(t, r, ":status: 302", "location: http://a.example/b/x", "location: http://c/y",
		"refresh: 5; URL=/b/z", "refresh: 5")
}

// What nginx 1.22 made of these cookies.
func TestCookies(t *testing.T) {
	tests := []struct{ line, expected string }{
		{"a=1; Domain=localhost; Path=/one/x", "a=1; Domain=example.org; Path=/x"},
		{"b=2;domain = .LOCALHOST", "b=2; domain=.example.org"},
		{"c=3; Domain=; Path=/One/", "c=3; Domain=; Path=/One/"},
		{"d; Domain=localhost", "d; Domain=localhost"},
		{"e=localhost;  Path=/other", "e=localhost;  Path=/other"},
		{"=1; Path=/one/", "=1; Path=/"},
		{"flags=1;  A=b", "flags=1; A=b; Secure; HttpOnly; SameSite=Lax"},
		{"FLAGS=1;samesite=x;secure;SameSite=y", "FLAGS=1; SameSite=Lax; secure; SameSite=y; HttpOnly"},
		{"none=1; Secure; HttpOnly  ; samesite; Secure", "none=1"},
		{"odd=\"a;b\"; HttpOnly;", "odd=\"a; b\"; HttpOnly; ; Secure"},
		{"bogus=1;a", "bogus=1;a"},
	}
	for _, test := range tests {
		r := answered("set-cookie: " + test.line)
		r.CookieFlags("flags", "samesite=lax", "samesite=none", "HttpOnly", "secure", "nosecure")
		r.CookieFlags("flags", "nosecure")
		r.CookieFlags("none", "nosecure", "nohttponly", "nosamesite")
		r.CookieFlags("odd", "secure", "bogus")
		r.CookieFlags("bogus", "bogus", "")
		r.CookieDomain("localhost", "example.org")
		r.CookieDomain("example.org", "never")
		r.CookiePath("/one/", "/")
		r.CookiePath("/x", "/never")
		wants(t, r, "set-cookie: "+test.expected)
	}
}

func TestUserID(t *testing.T) {
	for _, test := range []struct {
		version               int
		cookie, mark, expires string
		expected              string // without the end of the id
	}{
		{2, "", "", "", "uid=fwAAAWVT8Q; path=/"},
		{2, "short", "", "1h", "uid=fwAAAWVT8Q; expires=Tue, 14-Nov-23 23:13:20 GMT; path=/"},
		{1, "", "", "max", "uid=BQAAAADxU2; expires=Thu, 31-Dec-37 23:55:55 GMT; path=/"},
		{2, "AQAAf2nnAGcAAAAAAAAAAA==", "", "", "uid=fwAAAWVT8Q; path=/"},
		{2, "AQAAf2nnAGcAAAAAAwMFAg==", "", "", ""},
		{2, "AQAAf2nnAGcAAAAAAwMFAgA=", "A", "", ""},
		{2, "AQAAf2nnAGcAAAAAAwMFAg==", "A", "", "uid=AQAAf2nnAG; path=/"},
	} {
		r := answered(":status: 200")
		r.stream.Host().(*hosttest.Gateway).Properties = map[string]string{"destination.address": "127.0.0.1:80"}
		service := ""
		if test.version == 1 {
			service = "5"
		}
		if test.cookie != "" {
			r.changeHeader("cookie", []string{"a=b; UID=" + test.cookie})
		}
		r.UserID(test.version, "uid", service, test.expires, "; path=/", test.mark, "")
		got := ""
		if lines := valuesOf(r.out.headers, "set-cookie"); len(lines) > 0 {
			got = lines[0][:14] + lines[0][28:]
		}
		if got != test.expected {
			t.Errorf("%+v: %q", test, got)
		}
	}
	r := answered(":status: 200")
	r.UserID(2, "uid", "", "", "", "", "CP=x")
	if got := valuesOf(r.out.headers, "set-cookie"); len(got) != 1 || len(got[0]) != 28 || !strings.HasSuffix(got[0], "Ag==") {
		t.Error(got)
	}
	if got := valuesOf(r.out.headers, "p3p"); len(got) != 1 || got[0] != "CP=x" {
		t.Error(got)
	}
}
