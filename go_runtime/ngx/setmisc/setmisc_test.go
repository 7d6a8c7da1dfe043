package setmisc

import (
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// The values are those of set-misc's documentation, where it gives some.
func TestTexts(t *testing.T) {
	const alphabet = "0123456789abcdefghijklmnopqrstuv"
	r := ngx.NewRequest(engine.NewRoot(&hosttest.Gateway{}, &engine.Program{}).NewStream(2))
	for i, c := range [][2]string{
		{QuoteSQL("hello\n\r'\"\\"), `'hello\n\r\'\"\\'`},
		{QuotePostgreSQL("hello\n\r'\"\\"), `E'hello\n\r\'\"\\'`},
		{QuotePostgreSQL("\xff"), `E'\\377'`},
		{QuoteJSON("hello\n\r'\"\\\x01"), `"hello\n\r'\"\\\u0001"`},
		{QuoteJSON(""), "null"},
		{UnescapeURI("hello+world%21"), "hello world!"},
		{UnescapeURI("%zz%4z%4|%"), "zz"},
		{EscapeURI("a b/c?d=e&f-g_h~i!*'()@$,|é"), "a%20b%2Fc%3Fd%3De%26f-g_h~i!*'()@$,|%C3%A9"},
		{EncodeBase32("abcde", alphabet, true), "c5h66p35"},
		{EncodeBase32("a", alphabet, true), "c4======"},
		{EncodeBase32("a", alphabet, false), "c4"},
		{DecodeBase32("c5h66p35", alphabet), "abcde"},
		{DecodeBase32("c4======", alphabet), "a"},
		{DecodeBase32("!", alphabet), ""},
		{DecodeBase64(r, "YWJjZGU="), "abcde"},
		{EncodeBase64URL("\xff\xfe"), "__4"},
		{DecodeBase64URL(r, "__4"), "\xff\xfe"},
		{EncodeHex("abcde"), "6162636465"},
		{DecodeHex(r, "6162636465"), "abcde"},
		{SHA1("hello"), "aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d"},
		{ngx.EncodeBase64(HMACSHA1("thisisverysecretstuff", "some string we want to sign")), "R/pvxzHC4NLtj7S+kXFg/NePTmk="},
		{ngx.EncodeBase64(HMACSHA256("thisisverysecretstuff", "some string we want to sign")), "4pU3GRQrKKIoeLb9CqYsavHE2l6Hx+KMmRmesU+Cfrs="},
	} {
		if c[0] != c[1] {
			t.Errorf("%d: %q, want %q", i, c[0], c[1])
		}
	}
}

func TestNumbers(t *testing.T) {
	r := ngx.NewRequest(engine.NewRoot(&hosttest.Gateway{}, &engine.Program{}).NewStream(2))
	seen := map[string]bool{}
	for range 200 {
		seen[Random(r, "7", "5")] = true
	}
	if len(seen) != 3 || !seen["5"] || !seen["6"] || !seen["7"] {
		t.Errorf("numbers from 5 to 7: %v", seen)
	}
	got := ""
	for range 6 {
		got += Rotate(r, "a.conf:1", "", "0", "3")
	}
	if got += Rotate(r, "a.conf:1", "2", "0", "3"); got != "0123013" {
		t.Errorf("rotated: %s", got)
	}
	if a, b := RandomAlphanum(r, "32"), RandomLowerCase(r, "64"); len(a) != 32 || len(b) != 64 {
		t.Errorf("%q, %q", a, b)
	}
}
