// Package digest has the digests among ngx's functions. They stand apart because
// they bring Go's cryptography into the module, a tenth of a megabyte.
package digest

import (
	"crypto/hmac"
	"crypto/md5"
	"crypto/sha1"
	"encoding/hex"
)

// MD5 is ngx.md5(s): hexadecimal.
func MD5(s string) string {
	sum := md5.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// MD5Bin is ngx.md5_bin(s).
func MD5Bin(s string) string {
	sum := md5.Sum([]byte(s))
	return string(sum[:])
}

// SHA1Bin is ngx.sha1_bin(s).
func SHA1Bin(s string) string {
	sum := sha1.Sum([]byte(s))
	return string(sum[:])
}

// HMACSHA1 is ngx.hmac_sha1(key, s): binary.
func HMACSHA1(key, s string) string {
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(s))
	return string(mac.Sum(nil))
}
