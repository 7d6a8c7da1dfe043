package limits

import (
	"math"
	"strconv"
	"time"

	"snippet2wasm.internal/plugin/runtime/ngx"
)

// Req is a limit_req directive, for one request.
type Req struct {
	zone         Zone
	key          string
	burst, delay int64 // in thousandths of a request
}

// Rate is `limit_req zone=…` with the key that a request has in the zone.
func Rate(zone Zone, key string) Req { return Req{zone: zone, key: key} }

// Burst is `burst=n`: so many requests beyond the rate are delayed.
func (l Req) Burst(n int64) Req {
	l.burst = n * 1000
	return l
}

// Delay is `delay=n`: so many of these are not.
func (l Req) Delay(n int64) Req {
	l.delay = n * 1000
	return l
}

// NoDelay is `nodelay`: none of them are.
func (l Req) NoDelay() Req {
	l.delay = math.MaxInt64
	return l
}

// maxReqKey is the length of the longest key that nginx counts.
const maxReqKey = 65535

// passed is what a zone says about a request that is within its limit.
type passed struct {
	limit  Req
	excess int64
}

// Requests is all limit_req directives of a location. It reports whether the
// request goes on; it may wait first. Limits are looked at once in a request,
// whichever locations it comes through.
func Requests(r *ngx.Request, s Settings, limits ...Req) (goesOn bool) {
	if r.LimitReq != "" {
		return true
	}
	var counted []Req // before the last one
	var last *passed
	for i, limit := range limits {
		if limit.key == "" {
			continue
		}
		if len(limit.key) > maxReqKey {
			tooLong(r, limit.zone, maxReqKey, limit.key)
			continue
		}
		excess, ok := limit.look(r, i == len(limits)-1)
		if !ok {
			r.Report(s.Level, "limiting requests"+s.dry()+", excess: "+thousandths(excess)+" by zone \""+limit.zone.Name+"\"")
			return s.rejected(r, &r.LimitReq)
		}
		if i == len(limits)-1 {
			last = &passed{limit, excess}
		} else {
			counted = append(counted, limit)
		}
	}
	if last == nil && counted == nil {
		return true
	}
	return s.wait(r, counted, last)
}

// dry is what log lines say of a dry run.
func (s Settings) dry() string {
	if s.DryRun {
		return ", dry run"
	}
	return ""
}

// thousandths is n as "1.234".
func thousandths(n int64) string {
	text := strconv.FormatInt(n%1000+1000, 10)
	return strconv.FormatInt(n/1000, 10) + "." + text[1:]
}

// look is how far a key is beyond its rate with one request more, and whether that
// is allowed; only if it is to be counted, it is.
func (l Req) look(r *ngx.Request, count bool) (excess int64, ok bool) {
	l.zone.open(r, "limit_req_zone").Update(l.key, true, func(old string, now int64) (string, int64, bool) {
		record, _ := l.next(old, now)
		excess = record.excess
		ok = excess <= l.burst
		return record.text(), record.end(l.zone.Rate), ok && count
	})
	return excess, ok
}

// record is what a zone knows of a key: how far it was beyond its rate with its
// last request, and when that was.
type record struct{ excess, last int64 }

func (c record) text() string { return pack(c.excess, c.last) }

// end is when a key is as good as unknown.
func (c record) end(rate int64) int64 { return c.last + (c.excess+1000)*1000/rate + 1 }

// next is the record with one request more.
func (l Req) next(old string, now int64) (c record, known bool) {
	if old == "" {
		return record{0, now}, false
	}
	last := unpack(old, 1)
	ms := now - last
	if ms < -60_000 {
		ms = 1 // the clock was set back
	}
	ms = max(ms, 0)
	excess := max(unpack(old, 0)-l.zone.Rate*ms/1000+1000, 0)
	if ms > 0 {
		last = now
	}
	return record{excess, last}, true
}

// wait counts the request in the zones but the last, whose say is there already,
// and waits as long as the slowest of all wants.
func (s Settings) wait(r *ngx.Request, counted []Req, last *passed) (goesOn bool) {
	var slowest passed
	var ms int64
	consider := func(p passed) {
		if p.excess <= p.limit.delay {
			return
		}
		if d := (p.excess - p.limit.delay) * 1000 / p.limit.zone.Rate; d > ms {
			slowest, ms = p, d
		}
	}
	if last != nil {
		consider(*last)
	}
	for i := len(counted) - 1; i >= 0; i-- {
		limit := counted[i]
		var excess int64
		limit.zone.open(r, "limit_req_zone").Update(limit.key, true, func(old string, now int64) (string, int64, bool) {
			record, _ := limit.next(old, now)
			excess = record.excess
			return record.text(), record.end(limit.zone.Rate), true
		})
		consider(passed{limit, excess})
	}
	if ms == 0 {
		r.LimitReq = "PASSED"
		return true
	}
	level := s.Level
	if level != ngx.INFO {
		level++
	}
	r.Report(level, "delaying request"+s.dry()+", excess: "+thousandths(slowest.excess)+", by zone \""+slowest.limit.zone.Name+"\"")
	if s.DryRun {
		r.LimitReq = "DELAYED_DRY_RUN"
		return true
	}
	r.LimitReq = "DELAYED"
	return r.Pause(time.Duration(ms) * time.Millisecond)
}
