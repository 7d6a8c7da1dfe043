package ngx

import (
	"math"
	"strings"
)

// SecureLink is what $secure_link is compared with: link is the value of secure_link, a
// digest and, behind a comma, a time. The digest is not ok where nothing can be
// equal to it. $secure_link_expires has a value from here on. It is for the runtime
// itself.
func (r *Request) SecureLink(link string) (digest string, expires int64, ok bool) {
	encoded, time, timed := strings.Cut(link, ",")
	if timed {
		if expires = seconds(time); expires <= 0 {
			return "", 0, false
		}
		r.onceOr("secure_link_expires", func() (string, bool) { return time, true })
	}
	const longest = 24 // digits of 16 bytes, with padding
	if len(encoded) > longest {
		return "", 0, false
	}
	decoded, _ := DecodeBase64URL(encoded)
	digest, ok = decoded.Get()
	return digest, expires, ok && len(digest) == 16
}

// SecureLinkExpires is $secure_link_expires: the time in secure_link, once $secure_link
// was read. Read before, it stays absent.
func (r *Request) SecureLinkExpires() (string, bool) {
	return r.onceOr("secure_link_expires", func() (string, bool) { return "", false })
}

// seconds is a number of seconds; negative for a text that is none.
func seconds(text string) int64 {
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
