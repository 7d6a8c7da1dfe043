package ngx

import "strings"

// Pattern is a regular expression of a directive.
type Pattern interface {
	// Matches reports whether a text matches, and keeps the captures for Capture.
	Matches(r *Request, text string) bool
}

// CookieDomainMatch is CookieDomain with a regular expression. The replacement is in
// parts: texts, and the numbers of captures.
func (r *Request) CookieDomainMatch(pattern Pattern, replacement ...any) {
	r.eachCookieValue("domain", r.whole(pattern, replacement))
}

// CookiePathMatch is CookiePath with a regular expression, which replaces all of the
// path.
func (r *Request) CookiePathMatch(pattern Pattern, replacement ...any) {
	r.eachCookieValue("path", r.whole(pattern, replacement))
}

// CookieFlagsMatch is CookieFlags with a regular expression for the name.
func (r *Request) CookieFlagsMatch(pattern Pattern, flags ...string) {
	r.eachCookie(func(c *setCookie) bool { return c.flag(!c.done && pattern.Matches(r, c.parts[0].key), flags) })
}

// ProxyRedirectMatch is ProxyRedirect with a regular expression, which replaces all of
// the URL. The replacement is in parts: texts, and the numbers of captures.
func (r *Request) ProxyRedirectMatch(pattern Pattern, replacement ...any) {
	r.eachRedirect(r.whole(pattern, replacement))
}

// whole is a rule that replaces what a pattern matches by parts: texts, and the
// numbers of captures.
func (r *Request) whole(pattern Pattern, parts []any) func(string) (string, bool) {
	return func(value string) (string, bool) {
		if !pattern.Matches(r, value) {
			return "", false
		}
		var b strings.Builder
		for _, part := range parts {
			switch part := part.(type) {
			case string:
				b.WriteString(part)
			case int:
				b.WriteString(r.Capture(part))
			}
		}
		return b.String(), true
	}
}
