// Package cosocket is what the clients on ngx_lua's sockets have in common.
package cosocket

import (
	"time"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// DefaultTimeout is nginx's for sockets: lua_socket_connect_timeout and its
// like.
const DefaultTimeout = 60 * time.Second

// The errors of a connection.
var (
	ErrClosed  = lua.Some("closed")
	ErrRefused = lua.Some("connection refused")
	ErrTimeout = lua.Some("timeout")
)

// Own raises nginx's error where another request than the one that runs, or a timer,
// has made the connection.
func Own(r any) {
	if owner := lua.Owner(); owner != nil && owner != r {
		lua.ThrowValue("bad request")
	}
}

// Timeout is what settimeout(ms) takes ms for: without its fraction, 0 for what is
// no number. What does not fit into 31 bits raises nginx's error.
func Timeout(ms any) time.Duration {
	n, _ := lua.LibraryNumber(ms)
	if !(n > -1 && n < 1<<31) {
		lua.ThrowValue("bad timeout value")
	}
	return time.Duration(n) * time.Millisecond
}
