package ngx

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// upstreamLines are the values of a header that the handlers of the request have set,
// and those of the upstream's lines, which stand behind them.
func (r *Request) upstreamLines(name string) (own, upstream []string) {
	r.readResponse()
	values := valuesOf(r.out.headers, name)
	count := min(len(valuesOf(r.reply.headers, name)), len(values))
	if name == "content-type" {
		count = 0 // the upstream's is the only one
	}
	return values[:count:count], values[count:]
}

// HideHeader is `proxy_hide_header name`: it removes the upstream's lines of the name,
// before anything else is done to the response.
func (r *Request) HideHeader(name string) {
	name = strings.ToLower(name)
	if own, upstream := r.upstreamLines(name); len(upstream) > 0 {
		r.changeResponse(name, own)
	}
}

// ProxyRedirect is `proxy_redirect redirect replacement`: another beginning of the
// upstream's Location, and of the URL in its Refresh. The first rule for a line is the
// only one.
func (r *Request) ProxyRedirect(redirect, replacement string) {
	r.eachRedirect(prefix(redirect, replacement))
}

// eachRedirect applies a rule to the upstream's redirects.
func (r *Request) eachRedirect(rule func(string) (string, bool)) {
	r.out.redirects = r.redirectLines("location", r.out.redirects, func(line string) (string, bool) {
		url, ok := rule(line)
		return r.absoluteLocation(url), ok
	})
	r.out.refreshes = r.redirectLines("refresh", r.out.refreshes, func(line string) (string, bool) {
		at := strings.Index(lua.Lower(line), "url=")
		if at < 0 {
			return "", false
		}
		url, ok := rule(line[at+4:])
		return line[:at+4] + url, ok
	})
}

// redirectLines applies a rule to the upstream's lines of a name. Done says for which
// of them there was one before; the result, for which there was one now.
func (r *Request) redirectLines(name string, done []bool, rule func(string) (string, bool)) []bool {
	own, lines := r.upstreamLines(name)
	if done == nil {
		done = make([]bool, len(lines))
	}
	changed := false
	for i, line := range lines {
		if done[i] {
			continue
		}
		if text, ok := rule(line); ok {
			lines[i], done[i], changed = escapeHeader(text, false), true, true
		}
	}
	if changed {
		r.changeResponse(name, append(own, lines...))
	}
	return done
}
