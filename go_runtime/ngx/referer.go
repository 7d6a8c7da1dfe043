package ngx

import "strings"

// maxRefererHost is the longest host in a referer that nginx looks up.
const maxRefererHost = 256

// InvalidReferer is $invalid_referer: "" for a referer that one of names stands for,
// else "1". names are as in valid_referers: "none", "blocked", "server_names", hosts
// with wildcards and the beginnings of paths.
func (r *Request) InvalidReferer(names ...string) string {
	return r.InvalidRefererOr(names, func(string) bool { return false })
}

// InvalidRefererOr is InvalidReferer where there are other ways to be valid: matches is
// given what follows the scheme. It is for the runtime itself.
func (r *Request) InvalidRefererOr(names []string, matches func(rest string) bool) string {
	value, _ := r.Once("invalid_referer", func() (string, bool) {
		if r.validReferer(names, matches) {
			return "", true
		}
		return "1", true
	})
	return value
}

// validReferer reports whether the request's referer is valid.
func (r *Request) validReferer(names []string, matches func(string) bool) bool {
	referer, ok := r.header("referer")
	if !ok {
		return hasName(names, "none")
	}
	rest, ok := behindScheme(referer)
	if !ok {
		return hasName(names, "blocked")
	}
	end := strings.IndexAny(rest, "/:")
	if end < 0 {
		end = len(rest)
	}
	if end > maxRefererHost {
		return false
	}
	prefix, found := r.refererPrefix(names, strings.ToLower(rest[:end]))
	if !found {
		return matches(rest)
	}
	path := ""
	if slash := strings.IndexByte(rest, '/'); slash >= 0 {
		path = rest[slash:]
	}
	return strings.HasPrefix(path, prefix)
}

// hasName reports whether one of names is a word.
func hasName(names []string, word string) bool {
	for _, name := range names {
		if name == word {
			return true
		}
	}
	return false
}

// behindScheme cuts http:// or https:// off a referer. It is not ok for another one, or
// one that is too short for a host.
func behindScheme(referer string) (rest string, ok bool) {
	const shortest = len("http://i.ru")
	for _, scheme := range [...]string{"http://", "https://"} {
		if len(referer) >= shortest && equalFold(referer[:len(scheme)], scheme) {
			return referer[len(scheme):], true
		}
	}
	return "", false
}

// refererPrefix finds the name that a host has among names, and how paths have to begin
// for it: one without wildcards, else the longest that begins with one, else the longest
// that ends with one.
func (r *Request) refererPrefix(names []string, host string) (prefix string, found bool) {
	const exact = 1 << 20 // goes before all wildcards
	best := 0
	for _, name := range names {
		if name == "none" || name == "blocked" || strings.HasPrefix(name, "~") {
			continue
		}
		wanted, path := name, ""
		if slash := strings.IndexByte(name, '/'); slash >= 0 {
			wanted, path = name[:slash], name[slash:]
		}
		if wanted == "server_names" {
			wanted = r.Host()
		}
		if rank := hostRank(strings.ToLower(wanted), host, exact); rank > best {
			best, prefix = rank, path
		}
	}
	return prefix, best > 0
}

// hostRank says how well a name with wildcards stands for a host; 0 if it does not.
func hostRank(name, host string, exact int) int {
	switch {
	case name == host, strings.HasPrefix(name, ".") && name[1:] == host:
		return exact
	case strings.HasPrefix(name, "*."):
		if len(host) >= len(name) && strings.HasSuffix(host, name[1:]) {
			return exact/2 + len(name)
		}
	case strings.HasPrefix(name, "."):
		if len(host) > len(name) && strings.HasSuffix(host, name) {
			return exact/2 + len(name) + 1
		}
	case strings.HasSuffix(name, ".*"):
		if strings.HasPrefix(host, name[:len(name)-1]) {
			return len(name)
		}
	}
	return 0
}
