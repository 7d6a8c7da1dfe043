package limits

import "snippet2wasm.internal/plugin/runtime/ngx"

// Conn is a limit_conn directive, for one request.
type Conn struct {
	zone Zone
	key  string
	most int64
}

// Count is `limit_conn zone n` with the key that a request has in the zone.
func Count(zone Zone, key string, n int64) Conn { return Conn{zone, key, n} }

const (
	// maxConnKey is the length of the longest key that nginx counts.
	maxConnKey = 255
	// forgotten is after how many milliseconds without a change a key's requests
	// count as gone: those that a VM took with it when it ended are not counted
	// down by anybody.
	forgotten = 24 * 60 * 60 * 1000
)

// Connections is all limit_conn directives of a location: so many requests at a
// time. It reports whether the request goes on. Limits are looked at once in a
// request, whichever locations it comes through.
func Connections(r *ngx.Request, s Settings, limits ...Conn) (goesOn bool) {
	if r.LimitConn != "" {
		return true
	}
	var counted []Conn
	leave := func() {
		for _, limit := range counted {
			limit.add(r, -1)
		}
		counted = nil
	}
	for _, limit := range limits {
		if limit.key == "" {
			continue
		}
		if len(limit.key) > maxConnKey {
			tooLong(r, limit.zone, maxConnKey, limit.key)
			continue
		}
		r.LimitConn = "PASSED"
		ok, full := limit.add(r, 1)
		if full {
			leave()
			return s.rejected(r, &r.LimitConn)
		}
		if !ok {
			dry := ""
			if s.DryRun {
				dry = ", dry run,"
			}
			r.Report(s.Level, "limiting connections"+dry+" by zone \""+limit.zone.Name+"\"")
			leave()
			return s.rejected(r, &r.LimitConn)
		}
		counted = append(counted, limit)
	}
	if counted != nil {
		r.Stream().AtEnd(leave)
	}
	return true
}

// add counts one request more, if that is allowed, or one less; full says that the
// zone has no room for another key.
func (l Conn) add(r *ngx.Request, by int64) (ok, full bool) {
	hasRoom := l.zone.open(r, "limit_conn_zone").Update(l.key, false, func(old string, now int64) (string, int64, bool) {
		n := unpack(old, 0)
		if ok = by < 0 || n < l.most; !ok {
			return "", 0, false
		}
		if n = max(n+by, 0); n == 0 {
			return "", 0, true
		}
		return pack(n), now + forgotten, true
	})
	return ok, ok && !hasRoom
}
