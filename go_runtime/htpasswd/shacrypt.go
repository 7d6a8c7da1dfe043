package htpasswd

import (
	"bytes"
	"hash"
	"strconv"
	"strings"
)

// The rounds of sha256crypt and sha512crypt.
const (
	defaultRounds = 5000
	fewestRounds  = 1000
	mostRounds    = 999999999
)

// shacrypt is crypt() for "$5$SALT$…" and "$6$SALT$…", with digests of new: 32 or 64
// bytes. It fails for a number of rounds that is none.
func shacrypt(password, setting, magic string, digest func() hash.Hash) (string, bool) {
	rest, shown, rounds := setting[len(magic):], "", defaultRounds
	if text, ok := strings.CutPrefix(rest, "rounds="); ok {
		number, salt, ended := strings.Cut(text, "$")
		n, err := strconv.Atoi(number)
		if !ended || err != nil || number[0] < '1' || number[0] > '9' || n < fewestRounds || n > mostRounds {
			return "", false
		}
		rest, rounds, shown = salt, n, "rounds="+number+"$"
	}
	salt := saltOf(rest, 16)
	h := digest()
	size := h.Size()
	sum := func(parts ...string) []byte {
		h.Reset()
		for _, part := range parts {
			h.Write([]byte(part))
		}
		return h.Sum(nil)
	}
	inner := sum(password, salt, password)
	parts := []string{password, salt, string(fill(inner, len(password)))}
	for n := len(password); n > 0; n >>= 1 {
		if n&1 == 1 {
			parts = append(parts, string(inner))
		} else {
			parts = append(parts, password)
		}
	}
	digested := sum(parts...)
	key := string(fill(sum(strings.Repeat(password, len(password))), len(password)))
	grain := string(fill(sum(strings.Repeat(salt, 16+int(digested[0]))), len(salt)))
	for round := range rounds {
		h.Reset()
		write := func(odd bool) {
			if odd {
				h.Write([]byte(key))
			} else {
				h.Write(digested)
			}
		}
		write(round&1 == 1)
		if round%3 != 0 {
			h.Write([]byte(grain))
		}
		if round%7 != 0 {
			h.Write([]byte(key))
		}
		write(round&1 == 0)
		digested = h.Sum(digested[:0])
	}
	return magic + shown + salt + "$" + shaDigits(digested, size), true
}

// fill is a digest, repeated up to a length.
func fill(digest []byte, length int) []byte {
	return bytes.Repeat(digest, length/len(digest)+1)[:length]
}

// shaDigits is a digest in crypt's base 64: three bytes of it, a third of its length
// apart, make four digits, and the next three begin with another one of these.
func shaDigits(sum []byte, size int) string {
	var out []byte
	third, turn := 21, 1 // of SHA-512: 0 21 42, then 22 43 1
	if size == 32 {
		third, turn = 10, 2 // 0 10 20, then 21 1 11
	}
	at := [3]int{0, third, 2 * third}
	for range third {
		out = appendDigits(out, uint(sum[at[0]])<<16|uint(sum[at[1]])<<8|uint(sum[at[2]]), 4)
		first := at
		for i := range at {
			at[i] = first[(i+turn)%3] + 1
		}
	}
	if size == 32 {
		return string(appendDigits(out, uint(sum[31])<<8|uint(sum[30]), 3))
	}
	return string(appendDigits(out, uint(sum[63]), 2))
}
