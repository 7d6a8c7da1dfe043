package plugin

import (
	"math/rand"
	"strconv"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/internal/reference"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// Hosts and locations of tables, and requests to them.
var (
	hostEntries = []string{"", "a.example", "A.b.example", "*.example", "*.b.example", "*.a.example", "b"}
	locations   = []string{"", "/", "/a", "= /a", "/a/", "^~ /a/b", "/ab", "= /a/b", "/a/b/c", "= /", "/B", "/b c"}
	authorities = []string{
		"a.example", "A.EXAMPLE:80", "a.b.example", "x.b.example", "b.example", "x.y.b.example", "x.a.example", "example",
		"b", "b.", "c", "a.example.", "a.example.:8080", "x.example.", "[::1]:80", "xb.example",
	}
	targets = []string{
		"/", "/a", "/a?x=/a/b", "/a/", "/ab", "/a/b", "/a/b/", "/a/b/c/d", "/a/bc", "/a//b", "/a/./b", "/a/x/../b", "/%61/%62", "/a%2fb",
		"/aa", "/b", "/B", "/b%20c", "/c", "//a", "/a/b%00", "/%zz", "/../a", "/a#b",
	}
)

// TestTableLikeNginx compares which unit acts on a request with which location
// nginx chooses, for random tables.
func TestTableLikeNginx(t *testing.T) {
	source := rand.New(rand.NewSource(2))
	for range 6 {
		servers := map[string][]string{"": {"/a"}}
		for _, host := range hostEntries {
			if source.Intn(2) == 0 {
				chosen := source.Perm(len(locations))[:1+source.Intn(7)]
				servers[host] = nil
				for _, i := range chosen {
					servers[host] = append(servers[host], locations[i])
				}
			}
		}
		compareTables(t, servers)
	}
}

// compareTables compares a bundle's table with nginx's servers, both made of the
// locations of each host.
func compareTables(t *testing.T, servers map[string][]string) {
	t.Helper()
	var others strings.Builder
	var entries []string
	for host, listed := range servers {
		if host != "" {
			others.WriteString("}\nserver {\nlisten $address;\nserver_name " + host + ";\n")
			others.WriteString(nginxLocations(host, listed))
		}
		for _, location := range listed {
			if host+location == "" {
				continue // neither: no entry
			}
			entries = append(entries, entryOf(len(entries), host, location))
		}
	}
	nginx := reference.StartNginx(t, nginxLocations("", servers[""])+others.String())
	gateway := &hosttest.Gateway{}
	root := engine.NewRoot(gateway, bundleProgram("shop", []Unit{named()}))
	if !root.Configure([]byte(`{"units": [` + strings.Join(entries, ",") + `]}`)) {
		t.Fatal(gateway.LogText())
	}
	for _, authority := range authorities {
		for _, target := range targets {
			status, _, body := nginx.GetWithHost(target, authority)
			want := strconv.Itoa(status)
			if status == 200 {
				want = body
			}
			if got := chosen(root, gateway, authority, target); got != want && !unread(servers, got, want) {
				t.Errorf("%s of %s in %q: %q, nginx: %q", target, authority, servers, got, want)
			}
		}
	}
}

// nginxLocations is the part of a server that says which location is chosen. An
// entry without a location is for all paths that have no other.
func nginxLocations(host string, listed []string) string {
	var b strings.Builder
	rest := true
	for _, location := range listed {
		rest = rest && location != "/"
	}
	for _, location := range listed {
		path := location
		if path == "" && (!rest || host == "") {
			continue
		}
		modifier, text, found := strings.Cut(path, " /")
		if path == "" {
			path = "/"
		} else if found && len(modifier) <= 2 {
			path = modifier + ` "/` + text + `"`
		} else {
			path = `"` + path + `"`
		}
		b.WriteString("location " + path + ` { return 200 "` + host + "|" + location + "\"; }\n")
	}
	return b.String()
}

// entryOf is the entry of a table that says its host and location as its key.
func entryOf(number int, host, location string) string {
	parts := []string{}
	for key, value := range map[string]string{"host": host, "location": location} {
		if value != "" {
			parts = append(parts, `"`+key+`": "`+value+`"`)
		}
	}
	name := "u" + strconv.Itoa(number)
	return `{"name": "` + name + `", "unit": "u", "match": [{` + strings.Join(parts, ",") + `}], "config": {"key": "` + host + "|" + location + `"}}`
}

// named is a unit that logs the key of its configuration.
func named() Unit {
	return Definition[config]{
		Name:   "u",
		Parse:  func(c *Configuration) *config { return &config{key: c.String("key")} },
		Access: Handler[config]{Run: func(r *ngx.Request, c *config) { r.Log(1, ngx.ERR, c.key) }},
	}.Unit()
}

// chosen is the key of the unit that acts on a request, "404" when none does,
// "400" when the request is refused.
func chosen(root *engine.Root, gateway *hosttest.Gateway, authority, target string) string {
	gateway.Headers = [][2]string{{":authority", authority}, {":path", target}}
	gateway.Lines, gateway.Responses = nil, nil
	root.NewStream(2).OnRequestHeaders()
	if len(gateway.Responses) > 0 {
		return strconv.Itoa(int(gateway.Responses[0].Status))
	}
	if _, key, found := strings.Cut(gateway.LogText(), ":1: "); found {
		return strings.TrimSuffix(key, "\n")
	}
	return "404"
}

// unread reports whether the difference is that a host without locations does
// not look at the path, so that a path that nginx refuses is not refused.
func unread(servers map[string][]string, got, want string) bool {
	host, _, _ := strings.Cut(got, "|")
	return want == "400" && len(servers[host]) == 1 && servers[host][0] == ""
}
