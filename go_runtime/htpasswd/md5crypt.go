package htpasswd

import (
	"crypto/md5"
	"strings"
)

// cryptDigits are the digits of crypt's base 64, whose numbers begin with the lowest
// digit.
const cryptDigits = "./0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

// appendDigits appends the lowest digits of n.
func appendDigits(b []byte, n uint, digits int) []byte {
	for ; digits > 0; digits-- {
		b = append(b, cryptDigits[n&63])
		n >>= 6
	}
	return b
}

// saltOf is what stands behind the magic of a setting, up to the next "$" and at most
// of a length.
func saltOf(setting string, longest int) string {
	salt, _, _ := strings.Cut(setting, "$")
	return salt[:min(len(salt), longest)]
}

// md5crypt is crypt() for "$1$SALT$…", and Apache's for "$apr1$SALT$…".
func md5crypt(password, setting, magic string) string {
	salt := saltOf(setting[len(magic):], 8)
	inner := md5.Sum([]byte(password + salt + password))
	b := []byte(password + magic + salt)
	for left := len(password); left > 0; left -= md5.Size {
		b = append(b, inner[:min(left, md5.Size)]...)
	}
	for n := len(password); n > 0; n >>= 1 {
		if n&1 == 1 {
			b = append(b, 0)
		} else {
			b = append(b, password[0])
		}
	}
	sum := md5.Sum(b)
	for round := range 1000 {
		b = b[:0]
		if round&1 == 1 {
			b = append(b, password...)
		} else {
			b = append(b, sum[:]...)
		}
		if round%3 != 0 {
			b = append(b, salt...)
		}
		if round%7 != 0 {
			b = append(b, password...)
		}
		if round&1 == 1 {
			b = append(b, sum[:]...)
		} else {
			b = append(b, password...)
		}
		sum = md5.Sum(b)
	}
	out := []byte(magic + salt + "$")
	for i := range 5 {
		third := i + 12
		if i == 4 {
			third = 5
		}
		out = appendDigits(out, uint(sum[i])<<16|uint(sum[i+6])<<8|uint(sum[third]), 4)
	}
	return string(appendDigits(out, uint(sum[11]), 2))
}
