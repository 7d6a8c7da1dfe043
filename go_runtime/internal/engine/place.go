package engine

import (
	"strconv"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// Place is where a unit acts, with one configuration of it: all of a plugin that
// has one unit, an entry of the table of a bundle. It belongs to one root
// context.
type Place struct {
	// Prefix stands in front of its lines in the log.
	Prefix string
	// Redis has the servers that are configured, by "host:port".
	Redis map[string]*transport.Server
	// HTTP has the HTTP services that are configured, by "host:port".
	HTTP map[string]*transport.Service
	// libraries is what programs set in libraries, by name.
	libraries map[string]any
	// Requests counts the requests that its handlers act on; Failures those that
	// a Lua error or a bug ended with a 500.
	Requests, Failures Counter
}

// nowhere is the place of streams for which none was chosen.
var nowhere = &Place{}

// place is s.Place, never nil.
func (s *Stream) place() *Place {
	if s.Place == nil {
		return nowhere
	}
	return s.Place
}

// server is the server that connect(address, port) means. Servers that are not
// configured get their default cluster and stay known.
func (p *Place) server(redis transport.Redis, address string, port int) *transport.Server {
	key := address + ":" + strconv.Itoa(port)
	server := p.Redis[key]
	if server == nil {
		server = &transport.Server{Cluster: redis.DefaultCluster(address, port)}
		if p.Redis == nil {
			p.Redis = map[string]*transport.Server{}
		}
		if len(p.Redis) < maxServers {
			p.Redis[key] = server
		}
	}
	return server
}

// service is the service that connect(name, port) means. Services that are not
// configured get their default cluster and stay known.
func (p *Place) service(clusters transport.Clusters, name string, port int) *transport.Service {
	key := name + ":" + strconv.Itoa(port)
	service := p.HTTP[key]
	if service == nil {
		service = &transport.Service{Cluster: clusters(name, port)}
		if p.HTTP == nil {
			p.HTTP = map[string]*transport.Service{}
		}
		if len(p.HTTP) < maxServers {
			p.HTTP[key] = service
		}
	}
	return service
}

// Library returns what the unit's code has set in a library: it lasts as long as
// the configuration. The first request that asks for it makes it.
func (s *Stream) Library(name string, fresh func() any) any {
	p := s.place()
	if p.libraries == nil {
		p.libraries = map[string]any{}
	}
	found, ok := p.libraries[name]
	if !ok {
		found = fresh()
		p.libraries[name] = found
	}
	return found
}

// Counter is one of the gateway's counters, defined there when it first counts.
// One without a name counts nothing.
type Counter struct {
	Name    string
	id      uint32
	defined bool
}

// increment adds one.
func (c *Counter) increment(h host.Host) {
	if c.Name == "" {
		return
	}
	if !c.defined {
		c.id, c.defined = h.DefineCounter(c.Name)
	}
	if c.defined {
		h.IncrementCounter(c.id)
	}
}

// CountRequest counts a request in the place that was chosen for it.
func (s *Stream) CountRequest() { s.place().Requests.increment(s.root.host) }
