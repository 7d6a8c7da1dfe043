// Package redis is lua-resty-redis (resty.redis) for compiled handlers: the same
// methods, results, and texts of errors. Commands travel through the gateway,
// which holds the connections; a Client only keeps what Lua code can see of one.
package redis

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

//go:generate go run generate.go

// one is what operations on the connection return when they succeed.
var one = Reply{kind: kindNumber, number: 1}

// Client is the object that redis:new() returns.
type Client struct {
	request *ngx.Request
	timeout time.Duration // 0 when the snippet sets none

	connected bool
	address   string
	redis     transport.Redis
	server    *transport.Server

	pipelining bool
	pipeline   [][]string
}

// New is redis:new().
func New(r *ngx.Request) *Client { return &Client{request: r} }

// SetTimeout is red:set_timeout(ms). What is no number counts as 0, which stands
// for the default, and so does nothing at all.
func (c *Client) SetTimeout(ms ...any) {
	c.timeout = cosocket.Timeout(lua.Values(ms).At(0))
}

// SetTimeouts is red:set_timeouts(connect, send, read). A command here is one
// exchange, whose longest part the read timeout bounds.
func (c *Client) SetTimeouts(ms ...any) {
	given := lua.Values(ms)
	cosocket.Timeout(given.At(0))
	cosocket.Timeout(given.At(1))
	c.timeout = cosocket.Timeout(given.At(2))
}

// Connect is red:connect(address, port) whose result is not used. Nothing is
// sent: should the server not be there, the next command fails as it would in
// nginx behind a connect that failed.
func (c *Client) Connect(address string, port any) { c.open(address, port) }

// Dial is red:connect(address, port) whose result is used: 1, or nil and an
// error. It sends a PING to find out.
func (c *Client) Dial(address string, port any) (Reply, lua.OptString) {
	if err := c.open(address, port); !err.IsNil() {
		return Reply{}, err
	}
	switch answer := c.call([]string{"ping"}); answer.Failure {
	case transport.None:
		return one, lua.None
	case transport.Timeout:
		c.connected = false
		return Reply{}, cosocket.ErrTimeout
	default:
		c.connected = false
		return Reply{}, cosocket.ErrRefused
	}
}

// open makes the connection one to address:port.
func (c *Client) open(address string, port any) lua.OptString {
	c.connected = false
	number, ok := lua.LibraryNumber(port)
	if !ok {
		return lua.Some("missing the port number")
	}
	n := lua.Int(number)
	if n < 0 || n > 65535 {
		return lua.Some("bad port number: " + strconv.Itoa(n))
	}
	c.request = c.request.Current()
	c.redis, c.server = c.request.Stream().Redis(address, n)
	c.address = address + ":" + strconv.Itoa(n)
	c.connected = true
	return lua.None
}

// Close is red:close(): 1, or nil and "closed".
func (c *Client) Close() (Reply, lua.OptString) {
	if !c.connected {
		return Reply{}, cosocket.ErrClosed
	}
	cosocket.Own(c.request)
	c.connected = false
	return one, lua.None
}

// SetKeepalive is red:set_keepalive(…). The gateway pools connections by itself,
// so this only ends the use of this one, as it does in nginx.
func (c *Client) SetKeepalive(...any) (Reply, lua.OptString) { return c.Close() }

// GetReusedTimes is red:get_reused_times(): 0, as for a new connection.
func (c *Client) GetReusedTimes() (Reply, lua.OptString) {
	if !c.connected {
		return Reply{}, cosocket.ErrClosed
	}
	return Reply{kind: kindNumber}, lua.None
}

// Do is red:COMMAND(args...) for a command that has no method of its own.
func (c *Client) Do(command string, args ...any) (Reply, lua.OptString) {
	line := commandLine(command, args)
	if c.pipelining {
		c.pipeline = append(c.pipeline, line)
		return Reply{}, lua.None
	}
	return c.exchange(line)
}

// exchange sends one command and reads its reply.
func (c *Client) exchange(line []string) (Reply, lua.OptString) {
	if !c.connected {
		return Reply{}, cosocket.ErrClosed
	}
	cosocket.Own(c.request)
	switch strings.ToLower(line[0]) {
	case "auth":
		return c.auth(line[1:])
	case "select":
		return c.selectDatabase(line[1:])
	}
	answer := c.call(line)
	if answer.Failure == transport.None {
		reply, errText, err := parseReply(answer.Reply)
		if err == nil {
			return reply, errText
		}
		c.log(line, "the answer is not what Redis sends: "+err.Error())
	}
	c.connected = false
	if answer.Failure == transport.Timeout {
		return Reply{}, cosocket.ErrTimeout
	}
	return Reply{}, cosocket.ErrClosed
}

// call sends one command and waits for its answer.
func (c *Client) call(line []string) transport.Answer {
	timeout := c.timeout
	if timeout == 0 {
		timeout = c.server.Timeout
	}
	if timeout == 0 {
		timeout = cosocket.DefaultTimeout
	}
	var answer transport.Answer
	stream := c.request.Stream()
	stream.Await(func(wake func()) {
		c.redis.Call(stream.Host(), c.server, line, timeout, func(a transport.Answer) {
			answer = a
			wake()
		})
	})
	if answer.Reason != "" {
		c.log(line, answer.Reason)
	}
	return answer
}

// log notes why a command failed, which Lua code is not told. The arguments of
// the command stay out: they may be secrets.
func (c *Client) log(line []string, reason string) {
	c.request.Stream().Log(host.Warn, "redis "+c.address+": "+line[0]+": "+reason)
}

// commandLine is a command with its arguments as text. Arguments are cut where
// Lua's # sees the end of the list {command, args...}.
func commandLine(command string, args []any) []string {
	n := listLength(args)
	line := make([]string, 0, n)
	line = append(line, command)
	for _, arg := range args[:n-1] {
		line = append(line, lua.ToString(arg))
	}
	return line
}

// listLength is what LuaJIT's # gives for the table {command, args...} when some
// of the arguments are nil: the table has one more slot than there are values,
// and # searches it by halves for a value with a nil behind it.
func listLength(args []any) int {
	isNil := func(slot int) bool { // 1 is the command
		return slot > 1 && (slot-2 >= len(args) || lua.Plain(args[slot-2]) == nil)
	}
	low, high := 0, len(args)+2
	for high-low > 1 {
		middle := (low + high) / 2
		if isNil(middle) {
			high = middle
		} else {
			low = middle
		}
	}
	return low
}
