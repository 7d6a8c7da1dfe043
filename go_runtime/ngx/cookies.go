package ngx

import "strings"

// setCookie is a line Set-Cookie of the upstream, taken apart.
type setCookie struct {
	parts []cookiePart // the first is the cookie's name and value
	done  bool         // a proxy_cookie_flags was for it
}

// cookiePart is an attribute: `Path=/` or `Secure`.
type cookiePart struct {
	key, value string
	valued     bool // it has a value, be it an empty one
	done       bool // a rule was for it
}

// newCookie takes a line apart.
func newCookie(line string) setCookie {
	var c setCookie
	for _, text := range strings.Split(line, ";") {
		key, value, valued := strings.Cut(text, "=")
		c.parts = append(c.parts, cookiePart{key: strings.Trim(key, " "), value: strings.Trim(value, " "), valued: valued})
	}
	return c
}

// line is the cookie as it is now.
func (c *setCookie) line() string {
	var b strings.Builder
	for i, part := range c.parts {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(part.key)
		if part.valued {
			b.WriteString("=" + part.value)
		}
	}
	return b.String()
}

// eachCookie lets a function change the upstream's cookies. It reports whether it did.
func (r *Request) eachCookie(change func(*setCookie) bool) {
	own, lines := r.upstreamLines("set-cookie")
	if r.out.cookies == nil {
		for _, line := range lines {
			r.out.cookies = append(r.out.cookies, newCookie(line))
		}
	}
	changed := false
	for i := range r.out.cookies {
		if c := &r.out.cookies[i]; c.parts[0].valued && change(c) {
			lines[i], changed = c.line(), true
		}
	}
	if changed {
		r.changeResponse("set-cookie", append(own, lines...))
	}
}

// eachCookieValue lets a function change the values of an attribute. It gives the new
// value, and false where its rule is not for the value.
func (r *Request) eachCookieValue(key string, change func(value string) (string, bool)) {
	r.eachCookie(func(c *setCookie) (changed bool) {
		for i := range c.parts[1:] {
			part := &c.parts[i+1]
			if part.done || !part.valued || !equalFold(part.key, key) {
				continue
			}
			if value, ok := change(part.value); ok {
				part.value, part.done, changed = escapeHeader(value, false), true, true
			}
		}
		return changed
	})
}

// CookieDomain is `proxy_cookie_domain domain replacement`, both without a dot in
// front. Case does not count; a dot in front of the cookie's domain stays.
func (r *Request) CookieDomain(domain, replacement string) {
	r.eachCookieValue("domain", func(value string) (string, bool) {
		name, dotted := strings.CutPrefix(value, ".")
		if !equalFold(name, domain) {
			return "", false
		}
		if dotted {
			return "." + replacement, true
		}
		return replacement, true
	})
}

// CookiePath is `proxy_cookie_path path replacement`: another beginning of the path.
func (r *Request) CookiePath(path, replacement string) {
	r.eachCookieValue("path", prefix(path, replacement))
}

// prefix is a rule that puts another beginning in the place of one.
func prefix(old, replacement string) func(string) (string, bool) {
	return func(value string) (string, bool) {
		rest, ok := strings.CutPrefix(value, old)
		return replacement + rest, ok
	}
}

// CookieFlags is `proxy_cookie_flags cookie flag...`. The first rule for a cookie's
// name is the only one. A flag may be the value of a variable.
func (r *Request) CookieFlags(name string, flags ...string) {
	r.eachCookie(func(c *setCookie) bool { return c.flag(equalFold(c.parts[0].key, name), flags) })
}

// cookieFlags are the flags that nginx knows.
var cookieFlags = []string{
	"secure", "nosecure", "httponly", "nohttponly",
	"samesite=strict", "samesite=lax", "samesite=none", "nosamesite",
}

// flag changes the flags of a cookie that a rule is for.
func (c *setCookie) flag(matches bool, flags []string) (changed bool) {
	if c.done || !matches {
		return false
	}
	c.done = true
	wanted := map[string]bool{}
	for _, flag := range flags {
		if flag = strings.ToLower(flag); among(flag, cookieFlags) {
			wanted[flag] = true
		}
	}
	c.unmark("secure", wanted["nosecure"] && !wanted["secure"])
	c.unmark("httponly", wanted["nohttponly"] && !wanted["httponly"])
	site := ""
	for _, each := range [...]string{"Strict", "Lax", "None"} {
		if site == "" && wanted["samesite="+strings.ToLower(each)] {
			site = each
		}
	}
	c.unmark("samesite", wanted["nosamesite"] && site == "")
	c.mark("Secure", "", wanted["secure"])
	c.mark("HttpOnly", "", wanted["httponly"])
	c.mark("SameSite", site, site != "")
	return len(wanted) > 0
}

// mark gives the cookie an attribute, if that is wanted. One without a value stays as
// it is spelled, if it is there.
func (c *setCookie) mark(key, value string, wanted bool) {
	if !wanted {
		return
	}
	for i := range c.parts[1:] {
		if part := &c.parts[i+1]; equalFold(part.key, key) {
			if value != "" {
				part.key, part.value, part.valued = key, value, true
			}
			return
		}
	}
	c.parts = append(c.parts, cookiePart{key: key, value: value, valued: value != ""})
}

// unmark takes an attribute from the cookie, if that is wanted.
func (c *setCookie) unmark(key string, wanted bool) {
	if !wanted {
		return
	}
	kept := c.parts[:1]
	for _, part := range c.parts[1:] {
		if !equalFold(part.key, key) {
			kept = append(kept, part)
		}
	}
	c.parts = kept
}
