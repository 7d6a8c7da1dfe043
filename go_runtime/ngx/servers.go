package ngx

import (
	"strconv"
	"strings"
)

// Server tells which requests one of several servers is for.
type Server struct {
	// Names are those of server_name, in lower case: hosts, *.example.com,
	// www.example.*.
	Names []string
	// Ports are those at which it listens; absent where all servers listen at the
	// same. TLS are those of them with TLS.
	Ports, TLS []int
	// DefaultOf are the ports whose requests it gets that are for no other server;
	// Default says that where there are no ports.
	DefaultOf []int
	Default   bool
}

// Servers are the servers of a configuration, from which each request gets one by
// nginx's rules: of those that listen at its port the one with its host's name, else
// with the longest wildcard in front, else with the longest at the end, else the
// default one.
type Servers struct {
	listeners []listener // by port, in the order of the servers
}

// listener is the servers of a port; 0 is any.
type listener struct {
	port     int
	tls      bool
	names    map[string]int // the levels
	wildcard []wildcard
	rest     int // the default one's level
}

// wildcard is a name with a star at one end.
type wildcard struct {
	rest   string // without the star
	suffix bool   // the rest is the host's end
	level  int
}

// Add takes in a server that is a level.
func (l *Servers) Add(server *Server, level int) {
	if len(server.Ports) == 0 {
		l.at(0, false, level).add(server.Names, level, server.Default)
		return
	}
	for _, port := range server.Ports {
		l.at(port, contains(server.TLS, port), level).add(server.Names, level, contains(server.DefaultOf, port))
	}
}

func contains(ports []int, port int) bool {
	for _, each := range ports {
		if each == port {
			return true
		}
	}
	return false
}

// at is the listener of a port.
func (l *Servers) at(port int, tls bool, level int) *listener {
	for i := range l.listeners {
		if l.listeners[i].port == port {
			return &l.listeners[i]
		}
	}
	l.listeners = append(l.listeners, listener{port: port, tls: tls, names: map[string]int{}, rest: level})
	return &l.listeners[len(l.listeners)-1]
}

// add takes in the names of a server. The first server that has a name keeps it.
func (l *listener) add(names []string, level int, isDefault bool) {
	if isDefault {
		l.rest = level
	}
	for _, name := range names {
		switch {
		case strings.HasPrefix(name, "*."):
			l.wildcard = append(l.wildcard, wildcard{name[1:], true, level})
		case strings.HasSuffix(name, ".*"):
			l.wildcard = append(l.wildcard, wildcard{name[:len(name)-1], false, level})
		default:
			if _, known := l.names[name]; !known {
				l.names[name] = level
			}
		}
	}
}

// find is the level of the server for a host.
func (l *listener) find(host string) int {
	if level, ok := l.names[host]; ok {
		return level
	}
	var best *wildcard
	for i := range l.wildcard {
		each := &l.wildcard[i]
		fits := each.suffix && strings.HasSuffix(host, each.rest) || // .example.com, too, as in nginx
			!each.suffix && len(host) > len(each.rest) && strings.HasPrefix(host, each.rest)
		if fits && (best == nil || each.suffix && !best.suffix || each.suffix == best.suffix && len(each.rest) > len(best.rest)) {
			best = each
		}
	}
	if best != nil {
		return best.level
	}
	return l.rest
}

// listener is that for the port of a request: where no server listens at it, the
// first with TLS or without, as the request came.
func (l *Servers) listener(r *Request) *listener {
	if len(l.listeners) == 1 {
		return &l.listeners[0]
	}
	port, _ := strconv.Atoi(r.ServerPort())
	for i := range l.listeners {
		if l.listeners[i].port == port {
			return &l.listeners[i]
		}
	}
	tls := r.Scheme() == "https"
	for i := range l.listeners {
		if l.listeners[i].tls == tls {
			return &l.listeners[i]
		}
	}
	return &l.listeners[0]
}

// ChooseServer gives what takes a request to its server: one of these, by their
// levels, of which some are none.
func ChooseServer(levels []*Server) func(*Request) {
	servers := new(Servers)
	for level, server := range levels {
		if server != nil {
			servers.Add(server, level)
		}
	}
	return func(r *Request) {
		r.server = servers.listener(r).find(r.Host())
		r.stream.Level = r.server
	}
}

// ServerLevel is the level of the server that the request is for. It is for the
// runtime itself.
func (r *Request) ServerLevel() int { return r.server }
