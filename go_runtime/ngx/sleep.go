package ngx

import (
	"math"
	"strconv"
	"time"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// maxSleep is longer than any gateway runs.
const maxSleep = 100 * 365 * 24 * time.Hour

// Sleep is ngx.sleep(seconds): the handler waits, everything else goes on. The
// fraction of a millisecond is cut off; no time at all ends with the next tick of
// the gateway's clock. Less than nothing raises nginx's error.
func (r *Request) Sleep(seconds float64, at lua.Argument) {
	ms := milliseconds(seconds)
	if ms < 0 {
		at.Fail("invalid sleep duration \"" + strconv.Itoa(int(int32(ms))) + "\"")
	}
	d := maxSleep
	if ms < maxSleep.Milliseconds() {
		d = time.Duration(ms) * time.Millisecond
	}
	r.stream.Sleep(d)
}

// milliseconds is what nginx makes of a number of seconds. What does not fit into
// 64 bits becomes the least number there is, as on amd64.
func milliseconds(seconds float64) int64 {
	ms := seconds * 1000
	if math.IsNaN(ms) || ms >= 1<<63 || ms < -1<<63 {
		return math.MinInt64
	}
	return int64(ms)
}
