package ngx

import (
	"time"
)

// Report writes a line of nginx's own, not of Lua, to the gateway's log, at a level
// of ngx.log.
func (r *Request) Report(level int, text string) {
	if len(text) > maxLogText {
		text = text[:maxLogText]
	}
	r.stream.Log(levels[level], text)
}

// Pause waits before the request goes on. When the client leaves meanwhile, the
// request ends: then it is false.
func (r *Request) Pause(d time.Duration) (goesOn bool) {
	r.stream.Sleep(d)
	if r.stream.Gone() {
		r.stream.Exit(clientClosed)
		return false
	}
	return true
}

// clientClosed is nginx's status of a request whose client left.
const clientClosed = 499

// LimitReqStatus is $limit_req_status.
func (r *Request) LimitReqStatus() (string, bool) { return r.LimitReq, r.LimitReq != "" }

// LimitConnStatus is $limit_conn_status.
func (r *Request) LimitConnStatus() (string, bool) { return r.LimitConn, r.LimitConn != "" }
