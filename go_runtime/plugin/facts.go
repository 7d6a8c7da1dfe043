package plugin

import (
	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// facts is what of a request places are chosen by.
type facts struct {
	s    *engine.Stream
	r    *ngx.Request
	seen *attributes
}

// Route is the name of the gateway's route.
func (f *facts) Route() string { return f.seen.read(f.s.Host(), "route_name") }

// Cluster is the name of the gateway's cluster.
func (f *facts) Cluster() string { return f.seen.read(f.s.Host(), "cluster_name") }

// Host is the host in lower case, without a port.
func (f *facts) Host() string { return f.r.Host() }

// Authority is the host as it was sent.
func (f *facts) Authority() string {
	authority, _ := f.r.HTTPHeader("host")
	return authority
}

// Path is the normalised path.
func (f *facts) Path() (path string, ok bool) { return f.r.Path() }

// Consumer is the name that Higress's authentication plugins give the client.
func (f *facts) Consumer() string {
	consumer, _ := f.s.Host().RequestHeader("x-mse-consumer")
	return consumer
}

// attributes reads those of the gateway's attributes whose names have a prefix in
// Envoy and none in Higress. The zero value finds out which gateway it is.
type attributes struct{ prefixed bool }

// read reads an attribute, "" when it is absent.
func (a *attributes) read(h host.Host, name string) string {
	if value, ok := a.ask(h, name); ok {
		return value
	}
	a.prefixed = !a.prefixed
	if value, ok := a.ask(h, name); ok {
		return value
	}
	a.prefixed = !a.prefixed
	return ""
}

// ask reads an attribute by the name that the gateway seems to know it by.
func (a *attributes) ask(h host.Host, name string) (string, bool) {
	if a.prefixed {
		return h.Property("xds", name)
	}
	return h.Property(name)
}
