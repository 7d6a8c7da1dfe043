// Package htpasswd is auth_basic with auth_basic_user_file. What it takes for a
// password is what nginx takes with Debian's crypt(), but for its rarest forms.
package htpasswd

import (
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"crypto/subtle"
	"strings"

	"snippet2wasm.internal/plugin/runtime/ngx"
)

// AuthBasic is `auth_basic realm;` with `auth_basic_user_file file;`. users is the text
// of the file. A request without a name and password that are in it ends here, or
// remembers that where `satisfy any` is set.
func AuthBasic(r *ngx.Request, realm, file, users string) {
	if realm == "off" {
		return
	}
	user, password, ok := r.Credentials()
	if !ok {
		r.Unauthorized(realm)
		return
	}
	hashed, found := lookup(users, user)
	if !found {
		r.LogError("user \"" + user + "\" was not found in \"" + file + "\"")
		r.Unauthorized(realm)
		return
	}
	switch known.verify(password, hashed) {
	case right:
		r.Grant()
	case wrong:
		r.LogError("user \"" + user + "\": password mismatch")
		r.Unauthorized(realm)
	case unknown:
		r.Stream().Refuse("the password of the user \"" + user + "\" in \"" + file +
			"\" is hashed in a way that a plugin does not know")
	}
}

// lookup is the hash of a user: the rest of the first line with the name and ":" in
// front of it, up to the next one.
func lookup(users, user string) (hashed string, ok bool) {
	for line := range strings.SplitSeq(users, "\n") {
		if strings.HasPrefix(line, "#") {
			continue
		}
		if rest, found := strings.CutPrefix(line, user+":"); found {
			if end := strings.IndexAny(rest, "\r:"); end >= 0 {
				rest = rest[:end]
			}
			return rest, true
		}
	}
	return "", false
}

// equal compares in a time that does not depend on where the texts differ.
func equal(a, b string) bool { return subtle.ConstantTimeCompare([]byte(a), []byte(b)) == 1 }

// passwords are those that were right: a hash that is slow on purpose is made once for
// a password and not for each request. A key is a digest that tells nothing about the
// password without the VM's own secret.
type passwords struct {
	secret []byte
	right  map[[sha256.Size]byte]bool
}

// maxRemembered bounds them.
const maxRemembered = 1000

// known are the VM's.
var known passwords

// verify is verify with a memory.
func (k *passwords) verify(password, hashed string) verdict {
	if len(k.right) >= maxRemembered || k.right == nil {
		k.secret = make([]byte, sha256.Size)
		if _, err := rand.Read(k.secret); err != nil {
			return verify(password, hashed)
		}
		k.right = map[[sha256.Size]byte]bool{}
	}
	mac := hmac.New(sha256.New, k.secret)
	mac.Write([]byte(hashed + "\n" + password)) // no hash has a line feed
	var key [sha256.Size]byte
	mac.Sum(key[:0])
	if k.right[key] {
		return right
	}
	found := verify(password, hashed)
	if found == right {
		k.right[key] = true
	}
	return found
}
