// Package limits is nginx's limit_req and limit_conn: limits that all workers of
// the gateway share.
//
// Their arithmetic is nginx's, in thousandths of a request and whole milliseconds.
package limits

import (
	"strconv"

	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/ngx/shared"
)

// Settings are what a location says about its limits of one kind.
type Settings struct {
	// Status is the answer to a request beyond a limit.
	Status int
	// Level is that of the log line about it.
	Level int
	// DryRun lets all requests pass, and only logs.
	DryRun bool
}

// Zone is what a limit counts in: limit_req_zone, limit_conn_zone.
type Zone struct {
	// Name is the zone's, Size that of its memory in bytes.
	Name string
	Size int
	// Rate is of limit_req_zone: thousandths of a request per second.
	Rate int64
}

// open is the memory of a zone.
func (z Zone) open(r *ngx.Request, directive string) *shared.Dict {
	return shared.Open(r, directive+"="+z.Name, z.Size)
}

// rejected answers a request beyond a limit. It reports whether the request goes on
// all the same.
func (s Settings) rejected(r *ngx.Request, status *string) (goesOn bool) {
	if s.DryRun {
		*status = "REJECTED_DRY_RUN"
		return true
	}
	*status = "REJECTED"
	r.Exit(s.Status)
	return false
}

// tooLong logs, as nginx does, that a key is too long to be counted.
func tooLong(r *ngx.Request, z Zone, most int, key string) {
	r.Report(ngx.ERR, "the value of the \""+z.Name+"\" key is more than "+strconv.Itoa(most)+" bytes: \""+key+"\"")
}

// put appends numbers of 8 bytes.
func pack(numbers ...int64) string {
	b := make([]byte, 0, 8*len(numbers))
	for _, n := range numbers {
		for range 8 {
			b = append(b, byte(n))
			n >>= 8
		}
	}
	return string(b)
}

// unpack reads the number at a place; it is 0 where there is none.
func unpack(text string, place int) (n int64) {
	if len(text) < 8*(place+1) {
		return 0
	}
	for i := 7; i >= 0; i-- {
		n = n<<8 | int64(text[8*place+i])
	}
	return n
}
