package ngx

import (
	"encoding/base64"
	"hash/crc32"
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// Time is ngx.time(): whole seconds since 1970.
func Time(c lua.Clock) float64 { return float64(c.UnixNano() / 1e9) }

// Now is ngx.now(): seconds since 1970 with milliseconds.
func Now(c lua.Clock) float64 { return float64(c.UnixNano()/1e6) / 1000 }

// EncodeBase64 is ngx.encode_base64(s).
func EncodeBase64(s string) string { return base64.StdEncoding.EncodeToString([]byte(s)) }

// EncodeBase64NoPadding is ngx.encode_base64(s, true).
func EncodeBase64NoPadding(s string) string { return base64.RawStdEncoding.EncodeToString([]byte(s)) }

// EncodeBase64By is ngx.encode_base64(s, bare).
func EncodeBase64By(s string, bare any, at lua.Operand) string {
	bare = lua.Plain(bare)
	if !lua.Truthy(bare) {
		return EncodeBase64(s)
	}
	if bare != true {
		lua.Throw("bad no_padding: boolean expected, got "+lua.TypeName(bare), at)
	}
	return EncodeBase64NoPadding(s)
}

// DecodeBase64 is ngx.decode_base64(s). nginx's decoder ends at the first "=" and
// does not care what follows or whether padding is there, nor about the bits
// that are left over; it fails on any other byte outside of the alphabet and
// when one single digit is left over.
func DecodeBase64(s string) (string, bool) {
	digits, _, _ := strings.Cut(s, "=")
	if strings.ContainsAny(digits, "\r\n") { // Go's decoder would skip them
		return "", false
	}
	raw, err := base64.RawStdEncoding.DecodeString(digits)
	return string(raw), err == nil
}

// UpdateTime is ngx.update_time(): the clock is never behind.
func UpdateTime() {}

// WorkerExiting is ngx.worker.exiting(): whether the configuration was replaced while
// timers of it ran or waited.
func (r *Request) WorkerExiting() bool { return r.stream.Exiting() }

// EncodeBase64URL is encode_base64url(s) of the module ngx.base64.
func EncodeBase64URL(s any) (text, err lua.OptString) {
	raw, ok := lua.Plain(s).(string)
	if !ok {
		return lua.None, lua.Some("must provide a string")
	}
	return lua.Some(base64.RawURLEncoding.EncodeToString([]byte(raw))), lua.None
}

// DecodeBase64URL is decode_base64url(s) of the module ngx.base64; it ends at the
// first "=".
func DecodeBase64URL(s any) (text, err lua.OptString) {
	encoded, ok := lua.Plain(s).(string)
	if !ok {
		return lua.None, lua.Some("must provide a string")
	}
	digits, _, _ := strings.Cut(encoded, "=")
	raw, failed := base64.RawURLEncoding.DecodeString(digits)
	if failed != nil || strings.ContainsAny(digits, "\r\n") {
		return lua.None, lua.Some("invalid input")
	}
	return lua.Some(string(raw)), lua.None
}

// QuoteSQL is ngx.quote_sql_str(s): s in single quotes, for MySQL.
func QuoteSQL(s string) string {
	var b strings.Builder
	b.WriteByte('\'')
	for i := 0; i < len(s); i++ {
		if at := strings.IndexByte("\x00\b\n\r\t\x1a\\'\"", s[i]); at >= 0 {
			b.WriteByte('\\')
			b.WriteByte("0bnrtZ\\'\""[at])
		} else {
			b.WriteByte(s[i])
		}
	}
	b.WriteByte('\'')
	return b.String()
}

// CRC32Short is ngx.crc32_short(s).
func CRC32Short(s string) float64 { return float64(crc32.ChecksumIEEE([]byte(s))) }

// CRC32Long is ngx.crc32_long(s), which gives the same number.
func CRC32Long(s string) float64 { return CRC32Short(s) }

// EscapeURI is ngx.escape_uri(s): all but letters, digits and "-._~!*'()" is
// percent-encoded.
func EscapeURI(s string) string {
	return percentEncode(s, func(c byte) bool { return !unreserved(c) })
}

// percentEncode percent-encodes the bytes of s that it should.
func percentEncode(s string, should func(c byte) bool) string {
	const upperHex = "0123456789ABCDEF"
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if !should(c) {
			b.WriteByte(c)
			continue
		}
		b.WriteByte('%')
		b.WriteByte(upperHex[c>>4])
		b.WriteByte(upperHex[c&15])
	}
	return b.String()
}

// unreserved reports whether escape_uri leaves c alone.
func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		strings.IndexByte("-._~!*'()", c) >= 0
}

// UnescapeURI is ngx.unescape_uri(s): %XX is decoded, "+" becomes a space, and
// what is no proper encoding stays.
func UnescapeURI(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case c == '+':
			c = ' '
		case c == '%' && i+2 < len(s) && hexDigit(s[i+1]) >= 0 && hexDigit(s[i+2]) >= 0:
			c = byte(hexDigit(s[i+1])<<4 | hexDigit(s[i+2]))
			i += 2
		}
		out = append(out, c)
	}
	return string(out)
}

// EscapePath is ngx.escape_uri(s, 0): only what cannot stand in a path is
// percent-encoded, and the slash stays.
func EscapePath(s string) string { return escapePath(s, "#%?") }

// escaped says for each type of ngx.escape_uri but 2 which characters from "!" to
// "~" are percent-encoded. (By ngx_lua's own tables, not nginx's.)
var escaped = [...]string{0: "#%?", 1: "#%+?", 3: "\"#%'", 4: "\"'", 5: "%", 6: "%"}

// EscapeURIBy is ngx.escape_uri(s, kind).
func EscapeURIBy(s string, kind any, at lua.Operand) string {
	kind = lua.Plain(kind)
	if kind == nil {
		return EscapeURI(s)
	}
	number, ok := kind.(float64)
	if !ok {
		lua.Throw("\"type\" is not a number", at)
	}
	if number < 0 || number > 6 {
		lua.Throw("\"type\" "+lua.ToString(number)+" out of range", at)
	}
	if int(number) == 2 {
		return EscapeURI(s)
	}
	mail := number >= 5
	return percentEncode(s, func(c byte) bool {
		return c <= ' ' || c >= 0x7f && !mail || strings.IndexByte(escaped[int(number)], c) >= 0
	})
}

// Text is the string that functions such as ngx.md5 make of any value: nil and
// false are "".
func Text(v any) string {
	if v = lua.Plain(v); !lua.Truthy(v) {
		return ""
	}
	return lua.ToString(v)
}
