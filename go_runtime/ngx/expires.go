package ngx

import (
	"strconv"
	"strings"
)

// Expires is `expires value` with a constant or the value of a variable: `epoch`,
// `max`, `off`, a time of the day as `@15h30m` (in UTC), or a time from now, which may
// be negative. It replaces Expires and Cache-Control. Another value is as `off`.
//
// It is for the statuses that add_header is for without `always`.
func (r *Request) Expires(value string) {
	switch value {
	case "epoch":
		r.expire("Thu, 01 Jan 1970 00:00:01 GMT", "no-cache")
		return
	case "max":
		r.expire("Thu, 31 Dec 2037 23:55:55 GMT", "max-age=315360000")
		return
	}
	now := r.UnixNano() / 1e9
	if daily, ok := strings.CutPrefix(value, "@"); ok {
		if at, ok := duration(daily); ok && at <= secondsPerDay {
			wait := at - now%secondsPerDay
			if wait <= 0 {
				wait += secondsPerDay
			}
			r.expireAt(now+wait, now)
		}
		return
	}
	if offset, ok := signedDuration(value); ok {
		r.expireAt(now+offset, now)
	}
}

// ExpiresModified is `expires modified value`: the time counts from the response's
// Last-Modified, if it has a proper one.
func (r *Request) ExpiresModified(value string) {
	offset, ok := signedDuration(value)
	if !ok {
		return
	}
	r.readResponse()
	now := r.UnixNano() / 1e9
	from := now
	for _, line := range valuesOf(r.out.headers, "last-modified") {
		if modified, ok := parseHTTPTime(line); ok && offset != 0 {
			from = modified
		}
	}
	if offset < 0 {
		r.expireWith(from+offset, "no-cache")
		return
	}
	r.expireAt(from+offset, now)
}

// expireAt lets the response expire at a second since 1970.
func (r *Request) expireAt(at, now int64) {
	control := "no-cache"
	if at >= now {
		control = "max-age=" + strconv.FormatInt(at-now, 10)
	}
	r.expireWith(at, control)
}

func (r *Request) expireWith(at int64, control string) {
	r.expire(HTTPTime(float64(at)), control)
}

// expire sets the two headers.
func (r *Request) expire(expires, control string) {
	if !Success.holds(r) {
		return
	}
	r.readResponse()
	r.changeResponse("expires", []string{expires})
	r.changeResponse("cache-control", []string{control})
}

// signedDuration is a time with a sign that may be left out, in seconds.
func signedDuration(text string) (seconds int64, ok bool) {
	sign := int64(1)
	switch {
	case strings.HasPrefix(text, "-"):
		sign, text = -1, text[1:]
	case strings.HasPrefix(text, "+"):
		text = text[1:]
	}
	seconds, ok = duration(text)
	return sign * seconds, ok
}

// units are those of a time as nginx writes it, from the longest to the shortest.
var units = [...]struct {
	letter  byte
	seconds int64
}{{'y', 365 * 86400}, {'M', 30 * 86400}, {'w', 7 * 86400}, {'d', 86400}, {'h', 3600}, {'m', 60}, {'s', 1}}

// duration is a time as nginx writes it, `1d12h`, in seconds: the units get shorter
// from one to the next, and a number without one counts seconds.
func duration(text string) (seconds int64, ok bool) {
	const most = 1 << 40
	next := 0 // the longest unit that may follow
	var n int64
	for i := 0; i < len(text); i++ {
		c := text[i]
		if c >= '0' && c <= '9' {
			n, ok = n*10+int64(c-'0'), true
			if n > most {
				return 0, false
			}
			continue
		}
		for next < len(units) && units[next].letter != c {
			next++
		}
		milliseconds := c == 'm' && i+1 < len(text) && text[i+1] == 's'
		if next == len(units) || milliseconds || n > most/units[next].seconds {
			return 0, false
		}
		seconds, n = seconds+n*units[next].seconds, 0
		next++
	}
	return seconds + n, ok
}
