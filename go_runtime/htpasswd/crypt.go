package htpasswd

import (
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding/base64"
	"strings"

	"snippet2wasm.internal/plugin/runtime/ngx"
)

// verdict is what comes of a password.
type verdict int

const (
	wrong verdict = iota
	right
	unknown // the hash has a form that nginx's crypt() knows and the plugin does not
)

// foreign are the beginnings of such hashes.
var foreign = []string{"$y$", "$gy$", "$7$", "$md5", "$sha1$", "$3$", "$2x$", "_"}

// verify compares a password with a hash as it is in the file. The password ends at a
// NUL, as in nginx, for which it is a text of C.
func verify(password, hashed string) verdict {
	password, _, _ = strings.Cut(password, "\x00")
	for _, prefix := range foreign {
		if strings.HasPrefix(hashed, prefix) {
			return unknown
		}
	}
	found, ok := crypt(password, hashed)
	if ok && equal(found, hashed) {
		return right
	}
	return wrong
}

// crypt makes a hash of a password in the way of another hash. It fails for one that
// is none.
func crypt(password, setting string) (string, bool) {
	switch {
	case strings.HasPrefix(setting, "$apr1$"):
		return md5crypt(password, setting, "$apr1$"), true
	case strings.HasPrefix(setting, "{PLAIN}"):
		return "{PLAIN}" + password, true
	case strings.HasPrefix(setting, "{SHA}"):
		return "{SHA}" + sha1Digits(password, ""), true
	case strings.HasPrefix(setting, "{SSHA}"):
		digest, ok := ngx.DecodeBase64(setting[len("{SSHA}"):])
		if !ok || len(digest) < sha1.Size {
			return "", false
		}
		return "{SSHA}" + sha1Digits(password, digest[sha1.Size:]), true
	case strings.HasPrefix(setting, "$1$"):
		return md5crypt(password, setting, "$1$"), true
	case strings.HasPrefix(setting, "$5$"):
		return shacrypt(password, setting, "$5$", sha256.New)
	case strings.HasPrefix(setting, "$6$"):
		return shacrypt(password, setting, "$6$", sha512.New)
	case strings.HasPrefix(setting, "$2a$"), strings.HasPrefix(setting, "$2b$"), strings.HasPrefix(setting, "$2y$"):
		return bcrypt(password, setting)
	default:
		return descrypt(password, setting)
	}
}

// sha1Digits is the SHA-1 of a password and a salt, and the salt behind it, in base 64.
func sha1Digits(password, salt string) string {
	digest := sha1.Sum([]byte(password + salt))
	return base64.StdEncoding.EncodeToString(append(digest[:], salt...))
}
