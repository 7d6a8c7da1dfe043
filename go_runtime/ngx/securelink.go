package ngx

import (
	"math"
	"strings"
)

// secureLink is what a link has to be: the digest of a text, until a time in seconds
// since 1970, 0 for ever.
type secureLink struct {
	digest  string
	expires int64
	ok      bool // there is a text that it may be the digest of
}

// SecureLink is `secure_link link;`: a digest and, behind a comma, a time. It gives
// $secure_link_expires its value.
func (r *Request) SecureLink(link string) {
	encoded, time, timed := strings.Cut(link, ",")
	r.link = secureLink{}
	if timed {
		if r.link.expires = secondsOf(time); r.link.expires <= 0 {
			return
		}
		r.Once("secure_link_expires", func() (string, bool) { return time, true })
	}
	const longest = 24 // digits of 16 bytes, with padding
	if len(encoded) > longest {
		return
	}
	decoded, _ := DecodeBase64URL(encoded)
	r.link.digest, r.link.ok = decoded.Get()
	r.link.ok = r.link.ok && len(r.link.digest) == 16
}

// SecureLinkDigest is what SecureLink made of the link. It is for the runtime itself.
func (r *Request) SecureLinkDigest() (digest string, expires int64, ok bool) {
	return r.link.digest, r.link.expires, r.link.ok
}

// SecureLinkExpires is $secure_link_expires: the time in secure_link, once $secure_link
// was read. Read before, it stays absent.
func (r *Request) SecureLinkExpires() (string, bool) {
	return r.Once("secure_link_expires", func() (string, bool) { return "", false })
}

// secondsOf is a number of seconds; negative for a text that is none.
func secondsOf(text string) int64 {
	var n int64
	for i := 0; i < len(text); i++ {
		digit := int64(text[i]) - '0'
		if digit < 0 || digit > 9 || n > (math.MaxInt64-digit)/10 {
			return -1
		}
		n = 10*n + digit
	}
	if text == "" {
		return -1
	}
	return n
}
