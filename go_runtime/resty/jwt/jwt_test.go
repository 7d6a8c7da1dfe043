package jwt

import (
	"encoding/base64"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// The comparison with nginx in tests/behaviour has all that is about signatures
// and claims.

func TestEncryptedTokens(t *testing.T) {
	for _, token := range []string{"a.b.c.d", "a.b.c.d.e", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMTI4R0NNIn0..a.b.c"} {
		found := LoadJWT(token)
		if found.Get("valid") != false || found.Get("verified") != false || found.Get("reason") != encrypted {
			t.Errorf("%s: %v", token, found.Get("reason"))
		}
	}
}

// FuzzLoad reads tokens.
func FuzzLoad(f *testing.F) {
	f.Add("eyJhbGciOiJIUzI1NiJ9.e30.x")
	f.Fuzz(func(t *testing.T, token string) {
		found := LoadJWT(token)
		if valid := found.Get("valid") == true; valid != (found.Get("reason") == nil) {
			t.Errorf("%q: valid %v, reason %v", token, found.Get("valid"), found.Get("reason"))
		}
	})
}

// FuzzKeys reads keys of any bytes: it finds one or none.
func FuzzKeys(f *testing.F) {
	f.Add("PUBLIC KEY", []byte("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"+strings.Repeat("k", 32)))
	f.Add("PRIVATE KEY", []byte("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"+strings.Repeat("k", 32)))
	f.Add("CERTIFICATE", []byte("\x30\x80"))
	f.Add("EC PRIVATE KEY", []byte("\x30\x84\xff\xff\xff\xff"))
	f.Add("RSA PRIVATE KEY", []byte("\x30\x09\x02\x01\x00\x02\x01\x03\x02\x01\x03"))
	f.Fuzz(func(_ *testing.T, kind string, data []byte) {
		text := "-----BEGIN " + kind + "-----\n" + base64.StdEncoding.EncodeToString(data) + "\n-----END " + kind + "-----\n"
		(&settings{keys: map[string]any{}}).publicKey(text)
		privateKey(text)
	})
}

func TestKeysAreKeptWithinBounds(t *testing.T) {
	s := &settings{keys: map[string]any{}}
	for i := range 3 * maxKeys {
		s.publicKey(lua.FormatNumber(float64(i)))
	}
	if len(s.keys) > maxKeys {
		t.Errorf("%d keys", len(s.keys))
	}
}
