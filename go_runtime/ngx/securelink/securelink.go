// Package securelink is $secure_link. It stands apart because it brings MD5 into the
// module.
package securelink

import (
	"crypto/md5"
	"crypto/subtle"
	"encoding/hex"
	"strings"

	"snippet2wasm.internal/plugin/runtime/ngx"
)

// MD5 is $secure_link with secure_link, whose value r.SecureLink was given before, and
// secure_link_md5, whose value is text: absent for a digest that is not that of the
// text, "0" where its time is over, else "1".
func MD5(r *ngx.Request, text string) (string, bool) {
	return r.Once("secure_link", func() (string, bool) {
		digest, expires, ok := r.SecureLinkDigest()
		if !ok {
			return "", false
		}
		sum := md5.Sum([]byte(text))
		switch {
		case subtle.ConstantTimeCompare(sum[:], []byte(digest)) == 0:
			return "", false
		case expires > 0 && expires < r.UnixNano()/1e9:
			return "0", true
		default:
			return "1", true
		}
	})
}

// Word is $secure_link with secure_link_secret: what follows the digest in a request
// target /ANY/DIGEST/LINK, absent for a digest that is not that of the link and the
// secret.
func Word(r *ngx.Request, secret string) (string, bool) {
	return r.Once("secure_link", func() (string, bool) {
		_, rest, _ := strings.Cut(strings.TrimPrefix(r.RequestURI(), "/"), "/")
		digits, link, ok := strings.Cut(rest, "/")
		given, err := hex.DecodeString(digits)
		if !ok || link == "" || err != nil {
			return "", false
		}
		sum := md5.Sum([]byte(link + secret))
		return link, subtle.ConstantTimeCompare(sum[:], given) == 1
	})
}
