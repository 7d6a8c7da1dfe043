// Package http is lua-resty-http (resty.http) for compiled handlers: the same
// methods, results, and texts of errors. Requests travel through the gateway,
// which holds the connections: host and port choose one of its clusters, and TLS
// is the cluster's matter. A Client only keeps what Lua code can see of one.
package http

import (
	"strconv"
	"strings"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/cosocket"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// Client is the object that http.new() returns.
type Client struct {
	request *ngx.Request
	timeout time.Duration // 0 when the snippet sets none

	connected bool
	scheme    string
	host      string
	port      int // 0 without one
	service   *transport.Service
}

// New is http.new().
func New(r *ngx.Request) *Client { return &Client{request: r} }

// SetTimeout is httpc:set_timeout(ms).
func (c *Client) SetTimeout(ms any) { c.timeout = cosocket.Timeout(ms) }

// SetTimeouts is httpc:set_timeouts(connect, send, read). A request here is one
// exchange, whose longest part the read timeout bounds.
func (c *Client) SetTimeouts(connect, send, read any) {
	cosocket.Timeout(connect)
	cosocket.Timeout(send)
	c.timeout = cosocket.Timeout(read)
}

// Connect is httpc:connect(options) and httpc:connect(host, port, …): true, or 1
// in the second form. Nothing is sent: should the service not be there, the
// request that follows fails.
func (c *Client) Connect(args ...any) (lua.Value, lua.OptString) {
	given := lua.Values(args)
	options, ok := lua.Plain(given.At(0)).(*lua.Table)
	if !ok {
		return c.connectTo(given.At(0), given.At(1))
	}
	if err := c.connect(options); !err.IsNil() {
		return nil, err
	}
	return true, lua.None
}

// connect is connect with the fields scheme, host and port of a table.
func (c *Client) connect(options *lua.Table) lua.OptString {
	scheme, port := options.Get("scheme"), options.Get("port")
	if options.Get("proxy_opts") != nil {
		lua.ThrowValue("proxy_opts: a proxy is the matter of the gateway's cluster")
	}
	switch {
	case lua.Truthy(scheme) && !lua.Truthy(port):
		port = 80.0
		if scheme == "https" {
			port = 443.0
		}
	case lua.Truthy(port) && !lua.Truthy(scheme):
		return lua.Some("'scheme' is required when providing a port")
	}
	address, ok := options.Get("host").(string)
	if !ok {
		lua.Concatenate.Throw(options.Get("host"), lua.Local("request_host", 0))
	}
	number, _ := port.(float64)
	return c.open(lua.ToString(scheme), address, port, lua.Int(number))
}

// connectTo is connect(host, port).
func (c *Client) connectTo(address, port lua.Value) (lua.Value, lua.OptString) {
	name := lua.ToString(address)
	number, _ := lua.Plain(port).(float64)
	if err := c.open("http", name, lua.Plain(port), lua.Int(number)); !err.IsNil() {
		return nil, err
	}
	return 1.0, lua.None
}

// open makes the connection one to address:port. shown is the port as the Host
// header has it, 0 for none: lua-resty-http shows only numbers.
func (c *Client) open(scheme, address string, port lua.Value, shown int) lua.OptString {
	c.connected = false
	number, ok := lua.LibraryNumber(port)
	if strings.HasPrefix(address, "unix:") {
		c.log("a plugin can't reach unix domain sockets")
		return cosocket.ErrRefused
	}
	if !ok {
		return lua.Some("missing the port number")
	}
	n := lua.Int(number)
	if n < 0 || n > 65535 {
		return lua.Some("bad port number: " + strconv.Itoa(n))
	}
	c.scheme, c.host, c.port = scheme, address, shown
	c.request = c.request.Current()
	c.service = c.request.Stream().Service(address, n)
	c.connected = true
	return lua.None
}

// Close is httpc:close(): 1, or nil and "closed".
func (c *Client) Close() (lua.Value, lua.OptString) {
	if !c.connected {
		return nil, cosocket.ErrClosed
	}
	cosocket.Own(c.request)
	c.connected = false
	return 1.0, lua.None
}

// SetKeepalive is httpc:set_keepalive(…). The gateway pools connections by itself,
// so this only ends the use of this one.
func (c *Client) SetKeepalive(...any) (lua.Value, lua.OptString) { return c.Close() }

// GetReusedTimes is httpc:get_reused_times(): 0, as for a new connection.
func (c *Client) GetReusedTimes() (lua.Value, lua.OptString) {
	if !c.connected {
		return nil, cosocket.ErrClosed
	}
	return 0.0, lua.None
}

// SSLHandshake is httpc:ssl_handshake(…): true. The cluster does it.
func (c *Client) SSLHandshake(...any) (lua.Value, lua.OptString) {
	if !c.connected {
		return nil, cosocket.ErrClosed
	}
	c.scheme = "https"
	return true, lua.None
}

// RequestURI is httpc:request_uri(uri, params): connect, request, read_body and
// set_keepalive in one. The result is a response with its body, or nil and an
// error.
func (c *Client) RequestURI(uri any, params ...any) (lua.Value, lua.OptString) {
	given := copyOf(lua.Values(params).At(0), "params")
	parsed, err := c.parse(uri, false)
	if parsed == nil {
		return nil, err
	}
	for field, i := range map[string]float64{"scheme": 1, "host": 2, "port": 3} {
		given.Set(field, parsed.Get(i))
	}
	for field, i := range map[string]float64{"path": 4, "query": 5} {
		if !lua.Truthy(given.Get(field)) {
			given.Set(field, parsed.Get(i))
		}
	}
	if err := c.connect(given); !err.IsNil() {
		return nil, err
	}
	response, err := c.send(given)
	if response == nil {
		return nil, err
	}
	response.Set("body", response.Get("read_body").(*lua.Function).Call(response).At(0))
	c.connected = false // it is back in the pool
	return response, lua.None
}

// Request is httpc:request(params) on a connection: a response, or nil and an
// error.
func (c *Client) Request(params any) (lua.Value, lua.OptString) {
	given := copyOf(params, "params")
	if !c.connected {
		return nil, cosocket.ErrClosed
	}
	response, err := c.send(given)
	if response == nil {
		return nil, err
	}
	return response, lua.None
}

// copyOf is a table that the library changes; nil is an empty one.
func copyOf(params any, name string) *lua.Table {
	found := lua.NewTable(0)
	switch given := lua.Plain(params).(type) {
	case nil:
	case *lua.Table:
		for key, value, _ := given.Next(nil); key != nil; key, value, _ = given.Next(key) {
			found.Set(key, value)
		}
	default:
		lua.Index.Throw(given, lua.Local(name, 0))
	}
	return found
}

// log notes why something failed, which Lua code is not told.
func (c *Client) log(reason string) {
	c.request.Stream().Log(host.Warn, "http "+c.host+": "+reason)
}
