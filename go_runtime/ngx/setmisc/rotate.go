package setmisc

import (
	"strconv"

	"snippet2wasm.internal/plugin/runtime/ngx"
)

// rotations are the last numbers that set_rotate directives gave, by where they
// stand. Each worker has its own, as in nginx.
var rotations = map[string]int64{}

// Rotate is set_rotate: the number behind another, from one to another and over
// again. Where current, what the variable holds, is no number, it is the one behind
// the last that the directive at that place gave.
func Rotate(r *ngx.Request, place, current, from, to string) string {
	low, high := limits(r, "set_rotate", from, to)
	n, ok := atoi(current)
	if !ok {
		if n, ok = rotations[place]; !ok {
			n = low - 1
		}
	}
	if n++; n > high || n < low {
		n = low
	}
	rotations[place] = n
	return strconv.FormatInt(n, 10)
}
