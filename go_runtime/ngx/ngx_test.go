package ngx_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/internal/reference"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/ngx/digest"
)

// newRequest is a request with the given target and header lines "name: value".
func newRequest(target string, lines ...string) (*ngx.Request, *hosttest.Gateway) {
	gateway := &hosttest.Gateway{Headers: [][2]string{
		{":method", "GET"}, {":path", target}, {":authority", "reference"}, {":scheme", "http"},
	}}
	for _, line := range lines {
		name, value, _ := strings.Cut(line, ":")
		gateway.Headers = append(gateway.Headers, [2]string{strings.ToLower(name), strings.TrimSpace(value)})
	}
	return ngx.NewRequest(engine.NewRoot(gateway, &engine.Program{}).NewStream(2)), gateway
}

// shown is what the test's nginx prints for a variable: its length and bytes.
func shown(value string, ok bool) string {
	if !ok {
		return "nil"
	}
	return "[" + value + "]"
}

// variables prints variables of a request, a line each.
const variables = `
location / {
  content_by_lua_block {
    local names = {%s}
    for _, name in ipairs(names) do
      local value = ngx.var[name]
      ngx.say(value and "[" .. value .. "]" or "nil")
    end
  }
}`

func TestArguments(t *testing.T) {
	nginx := reference.StartNginx(t, fmt.Sprintf(variables, `"arg_d", "arg_long_name", "args", "query_string", "request_uri", "arg_"`))
	targets := []string{
		"/", "/?", "/?d", "/?d=", "/?d=1", "/?D=1", "/?d=1&d=2", "/?d&d=2", "/?xd=1&d=2", "/?x=d=1", "/?a=1&d=%41%20b", "/?d=a+b",
		"/?&d=1", "/?&&d=1&", "/?d==", "/?d=?x", "/?d=1?d=2", "/?dd=1", "/?d1=1", "/?d=1;e=2", "/?e=2;d=1", "/?LONG_name=7",
		"/?long-name=7", "/?long%5Fname=7", "/a?b?d=1", "/?=1", "/?=", "/?d=\xff\x80", "/?" + strings.Repeat("x=1&", 500) + "d=" + strings.Repeat("v", 4000),
	}
	random := rand.New(rand.NewPCG(1, 1))
	for range 400 {
		targets = append(targets, "/?"+randomText(random, "dD=&?x", 12))
	}
	for _, target := range targets {
		r, _ := newRequest(target)
		d, hasD := r.Arg("d")
		long, hasLong := r.Arg("long_name")
		args, hasArgs := r.QueryString()
		uri := r.RequestURI()
		none, hasNone := r.Arg("")
		want := strings.Join([]string{
			shown(d, hasD), shown(long, hasLong), shown(args, hasArgs), shown(args, hasArgs), shown(uri, true), shown(none, hasNone),
		}, "\n") + "\n"
		if _, _, got := nginx.Get(target); got != want {
			t.Errorf("%q:\n%snginx:\n%s", target, want, got)
		}
	}
}

// randomText makes up to limit characters of an alphabet.
func randomText(random *rand.Rand, alphabet string, limit int) string {
	out := make([]byte, random.IntN(limit))
	for i := range out {
		out[i] = alphabet[random.IntN(len(alphabet))]
	}
	return string(out)
}

func TestHeaders(t *testing.T) {
	nginx := reference.StartNginx(t, fmt.Sprintf(variables,
		`"http_x_a", "http_user_agent", "cookie_c", "http_x_a_b", "http_x-a", "http_cookie", "http_x_forwarded_for", "request_method", "scheme"`))
	for _, lines := range [][]string{
		{}, {"X-A: 1"}, {"x-a: 1", "X-A: 2"}, {"X-A:"}, {"X-A-B: 7"}, {"User-Agent: u"},
		{"Cookie: c=1"}, {"Cookie: a=1; c=2"}, {"Cookie: C=1"}, {"Cookie: c"}, {"Cookie: c="}, {"Cookie: c = 5 ; d=1"},
		{"Cookie: xc=1; c=2"}, {"Cookie: c=a b;"}, {"Cookie: a=1,c=2"}, {"Cookie: c=1,2"}, {"Cookie: c=\"q;r\""}, {"Cookie: cc=1"},
		{"Cookie: c c=1; c=3"}, {"Cookie: ; c=1"}, {"Cookie: a=c=1"}, {"Cookie: a;c=4"}, {"Cookie:c=1;c=2"}, {"Cookie: ca;c=1"},
		{"Cookie: a=1", "X-A: 1", "cookie: c=2"}, {"Cookie: c=1", "Cookie: c=2"}, {"Cookie: a; c", "Cookie: =1", "Cookie: c=2"},
		{"X-Forwarded-For: 1.1.1.1", "X-Forwarded-For: 2.2.2.2, 3.3.3.3"}, {"X-Forwarded-For:"}, {"Cookie:"},
	} {
		r, _ := newRequest("/", lines...)
		check := func(name string) string { return shown(r.HTTPHeader(name)) }
		want := strings.Join([]string{
			check("x_a"), check("user_agent"), shown(r.Cookie("c")), check("x_a_b"),
			check("x-a"), check("cookie"), check("x_forwarded_for"), shown(r.RequestMethod(), true), shown(r.Scheme(), true),
		}, "\n") + "\n"
		if _, _, got := nginx.Get("/", lines...); got != want {
			t.Errorf("%q:\n%snginx:\n%s", lines, want, got)
		}
	}
}

func TestRandomCookies(t *testing.T) {
	nginx := reference.StartNginx(t, fmt.Sprintf(variables, `"cookie_c"`))
	random := rand.New(rand.NewPCG(7, 7))
	for range 600 {
		line := "Cookie: " + randomText(random, "cC=;, a", 14)
		r, _ := newRequest("/", line)
		want := shown(r.Cookie("c")) + "\n"
		if _, _, got := nginx.Get("/", line); got != want {
			t.Errorf("%q: %snginx: %s", line, want, got)
		}
	}
}

// locations answers with what was matched: the location, and the URI.
const locations = `
location /api/x { content_by_lua_block { ngx.print("prefix ", ngx.var.uri) } }
location = /exact { content_by_lua_block { ngx.print("exact ", ngx.var.uri) } }
location / { content_by_lua_block { ngx.print("other ", ngx.var.uri) } }`

func TestLocations(t *testing.T) {
	nginx := reference.StartNginx(t, locations)
	targets := []string{
		"/", "/api/x", "/api/x/", "/api/xyz", "/api/X", "/api//x", "//api/x", "/api/./x", "/api/a/../x", "/api/x/..", "/api/x/../x",
		"/%61pi/x", "/api%2Fx", "/api%2fx", "/api/%2e%2e/api/x", "/..", "/../x", "/api/../../x", "/%", "/%4", "/%zz", "/%00", "/a%00b",
		"/api/x%3Fy", "/api/x%23y", "/api/x%25", "/api/x?y", "/api/x?/../../..", "/api/x#y", "/...", "/api/...", "/api/x/.", "/api/x/./",
		"/.api/x", "/api/.x", "/api/x.", "/exact", "/exact/", "/exact?x", "/e%78act", "/exact/.", "/exact/a/..", "/a/./../exact", "/%2F%2Fapi%2Fx",
		"/api/x+y", "/api\\x", "/api/x/%2e", "/api/x/%2E%2e", "/%2e", "/%2e%2e", "/a/%2e%2e%2fapi/x", "/\xff", "/%ff", "/api/x;p=1", "/a//..//b", "/a/b//../c",
		"/%2525", "/api/x%0A", "/%C3%A9", "/x%", "/api/x?%zz", "/api/x?%00",
	}
	random := rand.New(rand.NewPCG(2, 2))
	for range 1500 {
		targets = append(targets, "/"+randomText(random, "/.a%2eEfF0?x", 12))
	}
	for _, target := range targets {
		r, _ := newRequest(target)
		want := matched(r)
		status, _, got := nginx.Get(target)
		if status != 200 {
			got = fmt.Sprint(status)
		}
		if got != want {
			t.Errorf("%q: %q, nginx: %q", target, want, got)
		}
	}
}

// matched says what nginx's locations above say.
func matched(r *ngx.Request) string {
	prefix, exact := ngx.PrefixLocation("/api/x").Match(r), ngx.ExactLocation("/exact").Match(r)
	uri := r.URI()
	switch {
	case prefix == ngx.Invalid:
		return "400"
	case exact == ngx.Inside:
		return "exact " + uri
	case prefix == ngx.Inside:
		return "prefix " + uri
	default:
		return "other " + uri
	}
}

func TestZeroLocationMatchesAll(t *testing.T) {
	r, gateway := newRequest("/%zz")
	if (ngx.Location{}).Match(r) != ngx.Inside || gateway.Reads != 0 {
		t.Error("a plugin without a location takes every request, unread")
	}
}

func TestHostAndAddress(t *testing.T) {
	nginx := reference.StartNginx(t, strings.Replace(fmt.Sprintf(variables, `"host"`), "location / {", "server_name_in_redirect off;\nlocation / {", 1))
	for _, authority := range []string{"a", "A.Example", "a.example:8080", "a.example.", "a.example.:80", "[::1]", "[::1]:80", "1.2.3.4:5", "a_b"} {
		r, gateway := newRequest("/")
		gateway.Headers[2][1] = authority
		want := shown(r.Host(), true) + "\n"
		if _, _, got := nginx.GetWithHost("/", authority); got != want {
			t.Errorf("%q: %snginx: %s", authority, want, got)
		}
	}
	for address, want := range map[string]string{"1.2.3.4:5": "1.2.3.4", "[2001:db8::1]:80": "2001:db8::1", "pipe": "pipe"} {
		r, gateway := newRequest("/")
		gateway.Properties = map[string]string{"source.address": address}
		if got := r.RemoteAddr(); got != want {
			t.Errorf("%q: %q, want %q", address, got, want)
		}
	}
}

func TestReadsAreFew(t *testing.T) {
	r, gateway := newRequest("/a?d=1", "X-A: 1", "X-B: 2", "X-C: 3")
	for range 3 {
		r.Arg("d")
		r.URI()
		r.QueryString()
	}
	if gateway.Reads != 1 {
		t.Errorf("%d reads for the target, want 1", gateway.Reads)
	}
	for range 3 {
		for _, name := range []string{"x_a", "x_b", "x_c", "x_d"} {
			r.HTTPHeader(name)
		}
	}
	if gateway.Reads != 3 {
		t.Errorf("%d reads, want 3: the target, one header, then all of them", gateway.Reads)
	}
	if value, ok := r.HTTPHeader("x_c"); value != "3" || !ok {
		t.Error("wrong value")
	}
	if value, ok := r.HTTPHeader("host"); value == "" || !ok {
		t.Error("no host")
	}
}

// TestFunctions compares functions of strings with nginx's for odd and random
// input.
func TestFunctions(t *testing.T) {
	inputs := oddInputs()
	functions := []struct {
		lua string
		run func(string) (string, bool)
	}{
		{"ngx.decode_base64(s)", ngx.DecodeBase64},
		{"ngx.encode_base64(s)", always(ngx.EncodeBase64)},
		{"ngx.encode_base64(s, true)", always(ngx.EncodeBase64NoPadding)},
		{"ngx.md5(s)", always(digest.MD5)},
		{"ngx.md5_bin(s)", always(digest.MD5Bin)},
		{"ngx.sha1_bin(s)", always(digest.SHA1Bin)},
		{"ngx.hmac_sha1('key', s)", always(func(s string) string { return digest.HMACSHA1("key", s) })},
		{"ngx.escape_uri(s)", always(ngx.EscapeURI)},
		{"ngx.unescape_uri(s)", always(ngx.UnescapeURI)},
		{"tostring(ngx.crc32_short(s))", always(func(s string) string { return fmt.Sprintf("%.14g", ngx.CRC32Short(s)) })},
		{"tostring(ngx.crc32_long(s))", always(func(s string) string { return fmt.Sprintf("%.14g", ngx.CRC32Long(s)) })},
	}
	nginx := reference.StartNginx(t, "")
	for _, function := range functions {
		lines := askNginx(nginx, function.lua, inputs)
		for i, want := range lines {
			got := "nil"
			if value, ok := function.run(inputs[i]); ok {
				got = "=" + hex.EncodeToString([]byte(value))
			}
			if got != want {
				t.Errorf("%s of %q: %s, nginx: %s", function.lua, inputs[i], got, want)
			}
		}
	}
}

// always is f as a function that may fail but does not.
func always(f func(string) string) func(string) (string, bool) {
	return func(s string) (string, bool) { return f(s), true }
}

// askNginx evaluates an expression with s set to each input; results are in
// hexadecimal.
func askNginx(nginx *reference.Nginx, expression string, inputs []string) []string {
	var script strings.Builder
	script.WriteString("local function unhex(h) return (h:gsub('..', function(x) return string.char(tonumber(x, 16)) end)) end\n")
	script.WriteString("local function hex(s) return (s:gsub('.', function(c) return ('%02x'):format(c:byte()) end)) end\n")
	script.WriteString("local function f(s) return " + expression + " end\n")
	script.WriteString("for h in ([[")
	for _, input := range inputs {
		script.WriteString(hex.EncodeToString([]byte(input)) + ";")
	}
	script.WriteString("]]):gmatch('(%x*);') do local r = f(unhex(h)) ngx.say(r and '=' .. hex(r) or 'nil') end")
	return strings.Split(strings.TrimSuffix(nginx.Run(script.String()), "\n"), "\n")
}

// oddInputs are strings for functions of strings.
func oddInputs() []string {
	inputs := []string{
		"", "=", "==", "a", "aa", "aaa", "aaaa", "YQ", "YQ=", "YQ==", "YQ===", "YWI=", "YWI", "YWJj", "YWJj\n", "YW\nJj", "YWJj====",
		"YQ==YQ==", "YQ=a", "Y===", "-_-_", "+/+/", "YW J", "YWJ\x80", "YQ==\n", " YQ==", "AAAA=AAA", "AB", "AAB=", "A=", "\r\n", "YQ\r\n",
		"%", "%4", "%41", "%zz", "%4z", "a+b", "%2B", "%%41", "%u0041", "a%00b", "a b/c?d&e=f", "é", "~!*'()-._",
	}
	random := rand.New(rand.NewPCG(3, 3))
	for range 1000 {
		inputs = append(inputs, randomText(random, "AQYa9+/=-_ %\x80\n4", 10))
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	return append(inputs, string(all), strings.Repeat("x", 5000))
}
