package ngx

import "testing"

// TestServersByName checks the server that nginx chooses for a host.
func TestServersByName(t *testing.T) {
	var servers Servers
	servers.Add(&Server{Names: []string{"a.example", "*.a.example", "www.b.*"}}, 0)
	servers.Add(&Server{Names: []string{"a.example", "*.x.a.example", "www.*"}}, 3)
	servers.Add(&Server{Names: []string{"_"}, Default: true}, 5)
	for host, want := range map[string]int{
		"a.example":       0, // the first that has the name
		"c.a.example":     0,
		"c.x.a.example":   3, // the longer wildcard
		"x.a.example":     0, // the star is something
		"www.b.org":       0,
		"www.c.org":       3,
		"www.a.example":   0, // a wildcard in front comes first
		"other.example":   5,
		"":                5,
		"notwww.b.org":    5,
		".a.example":      0, // nginx takes nothing for the star before a dot
		"www.":            5,
		"a.example.other": 5,
	} {
		if got := servers.listeners[0].find(host); got != want {
			t.Errorf("%q: server %d, want %d", host, got, want)
		}
	}
}

// TestServersByPort checks which servers share a port, and which is the default one.
func TestServersByPort(t *testing.T) {
	var servers Servers
	servers.Add(&Server{Names: []string{"a.example"}, Ports: []int{80}}, 0)
	servers.Add(&Server{Names: []string{"b.example"}, Ports: []int{80, 443}, TLS: []int{443}, DefaultOf: []int{80, 443}}, 2)
	servers.Add(&Server{Names: []string{"a.example"}, Ports: []int{443}, TLS: []int{443}}, 4)
	for _, c := range []struct {
		port int
		tls  bool
		host string
		want int
	}{
		{80, false, "a.example", 0},
		{80, false, "c.example", 2},
		{443, true, "a.example", 4},
		{443, true, "c.example", 2},
	} {
		var found *listener
		for i := range servers.listeners {
			if servers.listeners[i].port == c.port {
				found = &servers.listeners[i]
			}
		}
		if found == nil || found.tls != c.tls {
			t.Fatalf("port %d: %+v", c.port, found)
		}
		if got := found.find(c.host); got != c.want {
			t.Errorf("%s:%d: server %d, want %d", c.host, c.port, got, c.want)
		}
	}
}
