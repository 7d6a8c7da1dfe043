package setmisc

import (
	"crypto/rand"
	random "math/rand/v2"
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua/date"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// atoi is nginx's number of a text; it is false for what is none.
func atoi(text string) (int64, bool) {
	n, err := strconv.ParseUint(text, 10, 63)
	return int64(n), err == nil && text[0] != '+'
}

// limits are the two ends of a range, in order. What is no number ends the request
// with 500, as in nginx.
func limits(r *ngx.Request, directive, from, to string) (low, high int64) {
	low, ok := atoi(from)
	if !ok {
		fail(r, directive+": bad \"from\" argument: "+from)
	}
	if high, ok = atoi(to); !ok {
		fail(r, directive+": bad \"to\" argument: "+to)
	}
	return min(low, high), max(low, high)
}

// Random is set_random: a number from one to another, both included.
func Random(r *ngx.Request, from, to string) string {
	low, high := limits(r, "set_random", from, to)
	return strconv.FormatInt(low+random.Int64N(high-low+1), 10)
}

// maxRandom is the longest text of set_secure_random_alphanum and its like.
const maxRandom = 64

// RandomAlphanum is set_secure_random_alphanum: so many letters and digits.
func RandomAlphanum(r *ngx.Request, length string) string {
	return secure(r, length, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789")
}

// RandomLowerCase is set_secure_random_lcalpha: so many small letters.
func RandomLowerCase(r *ngx.Request, length string) string {
	return secure(r, length, "abcdefghijklmnopqrstuvwxyz")
}

// secure is length letters of an alphabet. What is no length ends the request with
// 500, as in nginx.
func secure(r *ngx.Request, length, alphabet string) string {
	n, ok := atoi(length)
	if !ok || n < 1 || n > maxRandom {
		fail(r, "set_random: bad \"length\" argument: "+length)
	}
	bytes := make([]byte, n)
	_, _ = rand.Read(bytes)
	for i, b := range bytes {
		bytes[i] = alphabet[int(b)%len(alphabet)]
	}
	return string(bytes)
}

// GMTTime is set_formatted_gmt_time: the time in a format of strftime.
func GMTTime(r *ngx.Request, format string) string {
	text, _ := date.TextAt("!"+format, float64(r.UnixNano()/1e9))
	return text
}

// LocalTime is set_formatted_local_time; the zone is UTC.
func LocalTime(r *ngx.Request, format string) string {
	mark := ""
	if strings.HasPrefix(format, "!") { // which would mean something else below
		mark, format = "!", format[1:]
	}
	text, _ := date.TextAt(format, float64(r.UnixNano()/1e9))
	return mark + text
}
