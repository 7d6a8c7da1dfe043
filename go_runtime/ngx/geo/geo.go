// Package geo is nginx's geo: values by the client's address.
package geo

import (
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/ngx/cidr"
)

// Table is what a geo block holds. It does not change.
type Table struct {
	nets    [2][]row // IPv4 and IPv6, the longer prefixes first
	ranges  []span
	proxies cidr.List
	// recursive is proxy_recursive.
	recursive bool
	otherwise string
}

// row is a network and its value.
type row struct {
	net   cidr.Net
	value string
}

// span is a range of IPv4 addresses and its value.
type span struct {
	first, last cidr.Addr
	value       string
}

// Option is a line of a geo block.
type Option func(*Table)

// Of makes a table of the lines of a geo block. Networks are in the order in which
// they are to be tried; so are ranges.
func Of(lines ...Option) *Table {
	t := &Table{}
	for _, line := range lines {
		line(t)
	}
	return t
}

// Default is the value where no network fits.
func Default(value string) Option { return func(t *Table) { t.otherwise = value } }

// Net is a network, "10.0.0.0/8", with its value.
func Net(network, value string) Option {
	return func(t *Table) {
		net := cidr.ParseNet(network)
		family := 0
		if net.IsIPv6() {
			family = 1
		}
		t.nets[family] = append(t.nets[family], row{net, value})
	}
}

// Range is a range of IPv4 addresses, both of which are part of it, with its value.
func Range(first, last, value string) Option {
	return func(t *Table) {
		t.ranges = append(t.ranges, span{cidr.Parse(first), cidr.ParseNet(last).Addr(), value})
	}
}

// Proxy is networks whose X-Forwarded-For is believed.
func Proxy(networks ...string) Option {
	return func(t *Table) { t.proxies = cidr.ParseList(networks...) }
}

// ProxyRecursive is proxy_recursive: proxies in front of proxies are believed, too.
func ProxyRecursive() Option { return func(t *Table) { t.recursive = true } }

// Find is the value for an address, a text.
func (t *Table) Find(r *ngx.Request, address string) string {
	a := cidr.Parse(address)
	if t.proxies != nil {
		a, _, _ = cidr.Forwarded(a, r.HeaderLines("x-forwarded-for"), t.proxies, t.recursive)
	}
	return t.at(a.Or4())
}

// at is the value for an address.
func (t *Table) at(a cidr.Addr) string {
	for _, s := range t.ranges {
		if len(a) == 4 && s.first <= a && a <= s.last {
			return s.value
		}
	}
	for _, row := range t.nets[min(len(a)/16, 1)] {
		if row.net.Has(a) {
			return row.value
		}
	}
	return t.otherwise
}
