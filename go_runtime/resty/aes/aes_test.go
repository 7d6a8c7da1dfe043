package aes_test

import (
	"encoding/hex"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/reference"
	"snippet2wasm.internal/plugin/runtime/ngx/digest"
	"snippet2wasm.internal/plugin/runtime/resty/aes"
	"snippet2wasm.internal/plugin/runtime/resty/str"
)

// prelude has helpers for the Lua side: text travels in hexadecimal.
const prelude = `
local aes = require "resty.aes"
local function unhex(h) return (h:gsub('..', function(x) return string.char(tonumber(x, 16)) end)) end
local function show(s) if s == nil then return "nil" end return "=" .. (s:gsub('.', function(c) return ('%02x'):format(c:byte()) end)) end
local c, problem
`

// transcript collects Lua code and what Go gives for the same calls.
type transcript struct {
	script strings.Builder
	want   []string
	what   []string
}

func (s *transcript) add(lua, result string) {
	s.script.WriteString(lua + "\n")
	s.want = append(s.want, result)
	s.what = append(s.what, lua)
}

// compare runs the Lua code in nginx.
func (s *transcript) compare(t *testing.T) {
	t.Helper()
	nginx := reference.StartNginx(t, "")
	lines := strings.Split(strings.TrimSuffix(nginx.Run(prelude+s.script.String()), "\n"), "\n")
	if len(lines) != len(s.want) {
		t.Fatalf("nginx printed %d lines for %d calls", len(lines), len(s.want))
	}
	for i, line := range lines {
		if line != s.want[i] {
			t.Errorf("%s\n  gives %s\n  nginx %s", s.what[i], s.want[i], line)
		}
	}
}

func shown(s string, ok bool) string {
	if !ok {
		return "nil"
	}
	return "=" + hex.EncodeToString([]byte(s))
}

func luaHex(s string) string { return "unhex('" + hex.EncodeToString([]byte(s)) + "')" }

// exercise encrypts and decrypts with c, which both sides have just made.
func (s *transcript) exercise(c *aes.AES, random *rand.Rand) {
	var ciphertexts []string
	for _, plain := range []string{"", "hello", strings.Repeat("b", 16), "hello world, 1234567890 hello world, 1234", randomBytes(random, 100)} {
		encrypted, ok := c.Encrypt(plain)
		s.add("ngx.say(show(c:encrypt("+luaHex(plain)+")))", shown(encrypted, ok))
		ciphertexts = append(ciphertexts, encrypted)
	}
	for _, text := range append(ciphertexts, "", "short", strings.Repeat("x", 15), strings.Repeat("y", 16), strings.Repeat("z", 33),
		ciphertexts[1][:len(ciphertexts[1])-1], ciphertexts[3]+"x", ciphertexts[1], ciphertexts[2], randomBytes(random, 64)) {
		plain, ok := c.Decrypt(text)
		s.add("ngx.say(show(c:decrypt("+luaHex(text)+")))", shown(plain, ok))
	}
}

func randomBytes(random *rand.Rand, n int) string {
	out := make([]byte, n)
	for i := range out {
		out[i] = byte(random.Uint32())
	}
	return string(out)
}

func TestCiphers(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	transcript := &transcript{}
	for _, mode := range []string{"ecb", "cbc", "cfb1", "cfb8", "cfb128", "ofb", "ctr"} {
		for _, size := range []int{128, 192, 256} {
			if mode == "ctr" && size == 256 {
				continue // resty.aes 0.11 does not declare it
			}
			key, iv := randomBytes(random, size/8), randomBytes(random, 16)
			c, problem := aes.New(key, aes.Options{Cipher: aes.Cipher(size, mode), IV: iv})
			if c == nil {
				t.Fatalf("%s %d: %s", mode, size, problem)
			}
			transcript.script.WriteString(fmt.Sprintf("c = aes:new(%s, nil, aes.cipher(%d, %q), {iv = %s})\n", luaHex(key), size, mode, luaHex(iv)))
			transcript.exercise(c, random)
		}
	}
	transcript.compare(t)
}

func TestPasswords(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	transcript := &transcript{}
	for name, hash := range map[string]aes.Hash{
		"md5": aes.MD5, "sha1": aes.SHA1, "sha224": aes.SHA224, "sha256": aes.SHA256, "sha384": aes.SHA384, "sha512": aes.SHA512,
	} {
		for _, salt := range []string{"", "saltsalt"} {
			for _, rounds := range []int{0, 1, 5} {
				luaSalt := "nil"
				if salt != "" {
					luaSalt = luaHex(salt)
				}
				c, _ := aes.New("password", aes.Options{Salt: salt, Cipher: aes.Cipher(256, "cbc"), Hash: hash, Rounds: rounds})
				transcript.script.WriteString(fmt.Sprintf("c = aes:new('password', %s, aes.cipher(256, 'cbc'), aes.hash.%s, %d)\n", luaSalt, name, rounds))
				transcript.exercise(c, random)
			}
		}
	}
	c, _ := aes.New("", aes.Options{})
	transcript.script.WriteString("c = aes:new('')\n")
	transcript.exercise(c, random)
	transcript.compare(t)
}

func TestNewRefuses(t *testing.T) {
	key, iv := strings.Repeat("k", 32), strings.Repeat("i", 16)
	transcript := &transcript{}
	for _, check := range []struct {
		lua     string
		key     string
		options aes.Options
	}{
		{"'short', nil, aes.cipher(256, 'cbc'), {iv = '" + iv + "'}", "short", aes.Options{Cipher: aes.Cipher(256, "cbc"), IV: iv}},
		{"'" + key + "', nil, aes.cipher(256, 'cbc'), {iv = 'x'}", key, aes.Options{Cipher: aes.Cipher(256, "cbc"), IV: "x"}},
		{"'" + key + "', nil, aes.cipher(256, 'cbc'), {iv = ''}", key, aes.Options{Cipher: aes.Cipher(256, "cbc"), UseIV: true}},
		{"'" + key + "', nil, aes.cipher(256, 'cbc'), {}", key, aes.Options{Cipher: aes.Cipher(256, "cbc"), UseIV: true}},
		{"'" + key + "', 'short'", key, aes.Options{Salt: "short"}},
		{"'" + key + "', nil, aes.cipher(128, 'cbc'), {iv = '" + iv + "', method = ngx.md5_bin}", key, aes.Options{IV: iv, Method: digest.MD5Bin}},
		{"'" + key + "', nil, aes.cipher(256, 'cbc'), {iv = '" + iv + "', method = ngx.md5_bin}", key, aes.Options{Cipher: aes.Cipher(256, "cbc"), IV: iv, Method: digest.MD5Bin}},
	} {
		c, problem := aes.New(check.key, check.options)
		result := "made"
		if c == nil {
			result = problem.String()
		}
		transcript.add("c, problem = aes:new("+check.lua+") ngx.say(c and 'made' or problem)", result)
	}
	transcript.compare(t)
	if aes.Cipher(257, "cbc") != nil || aes.Cipher(256, "gcm") != nil {
		t.Error("an unknown cipher was made")
	}
}

// TestWrongKey counts, over many ciphertexts, which ones a wrong key opens: the
// same as in nginx.
func TestWrongKey(t *testing.T) {
	key, iv := strings.Repeat("z", 32), strings.Repeat("i", 16)
	c, _ := aes.New(key, aes.Options{Cipher: aes.Cipher(256, "cbc"), IV: iv})
	transcript := &transcript{}
	transcript.script.WriteString("c = aes:new('" + key + "', nil, aes.cipher(256, 'cbc'), {iv = '" + iv + "'})\n")
	for i := range 3000 {
		text := strings.Repeat(string([]byte{byte(i), byte(i >> 8)}), 8)
		plain, ok := c.Decrypt(text)
		transcript.add("ngx.say(show(c:decrypt("+luaHex(text)+")))", shown(plain, ok))
	}
	transcript.compare(t)
}

func TestStr(t *testing.T) {
	transcript := &transcript{}
	for _, s := range []string{"12", "", "-1", "1a", "0012", "9223372036854775807", "9223372036854775808", "99999999999999999999", " 1", "9007199254740993", "\x001"} {
		transcript.add("ngx.say(('%.17g'):format(require('resty.string').atoi("+luaHex(s)+")))", fmt.Sprintf("%.17g", str.Atoi(s)))
		transcript.add("ngx.say(require('resty.string').to_hex("+luaHex(s)+"))", str.ToHex(s))
	}
	transcript.compare(t)
}
