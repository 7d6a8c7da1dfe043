// Package setmisc is the module set-misc: texts that directives like set_md5 make
// of others.
package setmisc

import (
	"crypto/hmac"
	"crypto/sha1"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/hex"
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/ngx"
)

// upperHex are the digits of percent-encodings.
const upperHex = "0123456789ABCDEF"

// EscapeURI is set_escape_uri: what is not ASCII, what does not print, blanks and
// `"#%&+/:;<=>?[\]^{}` are percent-encoded.
func EscapeURI(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		c := s[i]
		if ' ' < c && c < 0x7f && strings.IndexByte("\"#%&+/:;<=>?[\\]^{}", c) < 0 {
			b.WriteByte(c)
		} else {
			b.WriteString("%" + upperHex[c>>4:c>>4+1] + upperHex[c&15:c&15+1])
		}
	}
	return b.String()
}

// UnescapeURI is set_unescape_uri: %XX is decoded, and "+" is a blank. Of what is
// no proper encoding the "%" is left out, and two bytes behind it if the first of
// them is a digit.
func UnescapeURI(s string) string {
	out := make([]byte, 0, len(s))
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '+':
			out = append(out, ' ')
		case c != '%':
			out = append(out, c)
		case i+1 < len(s) && digit(s[i+1]) < 0:
			i++
			out = append(out, s[i])
		case i+2 < len(s) && digit(s[i+2]) >= 0:
			out = append(out, byte(digit(s[i+1])<<4|digit(s[i+2])))
			i += 2
		default:
			i += 2
		}
	}
	return string(out)
}

// digit is the value of a hexadecimal digit, -1 for another byte.
func digit(c byte) int {
	switch {
	case '0' <= c && c <= '9':
		return int(c - '0')
	case 'a' <= c|0x20 && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// QuoteSQL is set_quote_sql_str.
func QuoteSQL(s string) string { return ngx.QuoteSQL(s) }

// QuotePostgreSQL is set_quote_pgsql_str: what is not UTF-8 is written as octal
// numbers.
func QuotePostgreSQL(s string) string {
	if s == "" {
		return "''"
	}
	quoted := "E" + ngx.QuoteSQL(s)
	if validUTF8(quoted) {
		return quoted
	}
	var b strings.Builder
	for i := 0; i < len(quoted); i++ {
		if c := quoted[i]; c < 0x80 {
			b.WriteByte(c)
		} else {
			b.WriteString("\\\\" + strconv.FormatUint(uint64(c), 8))
		}
	}
	return b.String()
}

// validUTF8 reports whether a text is UTF-8.
func validUTF8(s string) bool { return strings.ToValidUTF8(s, "") == s }

// QuoteJSON is set_quote_json_str: `null` for nothing.
func QuoteJSON(s string) string {
	if s == "" {
		return "null"
	}
	const digits = "0123456789abcdef"
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		c := s[i]
		if at := strings.IndexByte("\r\n\\\"\f\b\t", c); at >= 0 {
			b.WriteByte('\\')
			b.WriteByte("rn\\\"fbt"[at])
		} else if c < ' ' {
			b.WriteString("\\u00")
			b.WriteByte(digits[c>>4])
			b.WriteByte(digits[c&15])
		} else {
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// SHA1 is set_sha1: hexadecimal.
func SHA1(s string) string {
	sum := sha1.Sum([]byte(s))
	return hex.EncodeToString(sum[:])
}

// HMACSHA1 is set_hmac_sha1: bytes.
func HMACSHA1(key, s string) string {
	mac := hmac.New(sha1.New, []byte(key))
	mac.Write([]byte(s))
	return string(mac.Sum(nil))
}

// HMACSHA256 is set_hmac_sha256: bytes.
func HMACSHA256(key, s string) string {
	mac := hmac.New(sha256.New, []byte(key))
	mac.Write([]byte(s))
	return string(mac.Sum(nil))
}

// fail ends a request with 500, as nginx does where a directive of set-misc can't do
// its work; the log says why.
func fail(r *ngx.Request, why string) {
	r.Report(ngx.ERR, why)
	r.Exit(ngx.HTTP_INTERNAL_SERVER_ERROR)
	r.Stream().Unwind()
}

// DecodeBase64 is set_decode_base64.
func DecodeBase64(r *ngx.Request, s string) string {
	text, ok := ngx.DecodeBase64(s)
	if !ok {
		fail(r, "set_decode_base64: invalid value")
	}
	return text
}

// EncodeBase64URL is set_encode_base64url, without padding.
func EncodeBase64URL(s string) string { return base64.RawURLEncoding.EncodeToString([]byte(s)) }

// DecodeBase64URL is set_decode_base64url.
func DecodeBase64URL(r *ngx.Request, s string) string {
	digits, _, _ := strings.Cut(s, "=")
	raw, err := base64.RawURLEncoding.DecodeString(digits)
	if err != nil || strings.ContainsAny(digits, "\r\n") {
		fail(r, "set_decode_base64url: invalid value")
	}
	return string(raw)
}

// EncodeHex is set_encode_hex.
func EncodeHex(s string) string { return hex.EncodeToString([]byte(s)) }

// DecodeHex is set_decode_hex.
func DecodeHex(r *ngx.Request, s string) string {
	raw, err := hex.DecodeString(s)
	if err != nil {
		fail(r, "set_decode_hex: invalid value")
	}
	return string(raw)
}

// EncodeBase32 is set_encode_base32 with set_base32_alphabet and
// set_base32_padding.
func EncodeBase32(s, alphabet string, padding bool) string {
	encoding := base32.NewEncoding(alphabet)
	if !padding {
		encoding = encoding.WithPadding(base32.NoPadding)
	}
	return encoding.EncodeToString([]byte(s))
}

// DecodeBase32 is set_decode_base32: nothing for what is none. It ends at the first
// "=".
func DecodeBase32(s, alphabet string) string {
	digits, _, _ := strings.Cut(s, "=")
	raw, err := base32.NewEncoding(alphabet).WithPadding(base32.NoPadding).DecodeString(digits)
	if err != nil || strings.ContainsAny(digits, "\r\n") {
		return ""
	}
	return string(raw)
}
