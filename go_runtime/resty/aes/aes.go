// Package aes is lua-resty-string's resty.aes for compiled handlers: AES as
// OpenSSL does it.
package aes

import (
	stdaes "crypto/aes"
	"crypto/cipher"

	"snippet2wasm.internal/plugin/runtime/lua"
)

const blockSize = stdaes.BlockSize

// Spec is what aes.cipher(size, mode) returns: a cipher without a key.
type Spec struct {
	keyLength int
	mode      mode
}

// Cipher is aes.cipher(size, mode), nil for what OpenSSL does not have. The size
// is 128, 192, or 256; the mode "ecb", "cbc", "ctr", "ofb", "cfb1", "cfb8", or
// "cfb128".
func Cipher(size int, mode string) *Spec {
	m, ok := modes[mode]
	if !ok || size != 128 && size != 192 && size != 256 {
		return nil
	}
	return &Spec{keyLength: size / 8, mode: m}
}

// Options are the arguments of aes:new behind the key. The zero value of each is
// resty.aes's own default.
type Options struct {
	// Salt has 8 bytes, or is empty.
	Salt string
	// Cipher is AES-128-CBC by default.
	Cipher *Spec
	// Hash and Rounds make key and IV out of a password; MD5 and 1 by default.
	Hash   Hash
	Rounds int
	// IV, when UseIV is set or IV is not empty, is taken as it is, and so is the
	// key: the table {iv = …} in place of a hash. Method, if set, is applied to
	// the key first: {iv = …, method = ngx.md5_bin}.
	IV     string
	UseIV  bool
	Method func(string) string
}

// AES is the object that aes:new returns.
type AES struct {
	block   cipher.Block
	mode    mode
	iv      []byte
	counter [2][]byte // of the CTR mode, for encryption and decryption
}

// New is aes:new(key, salt, cipher, hash, rounds): nil and an error when the
// arguments do not fit together.
func New(key string, o Options) (*AES, lua.OptString) {
	spec := o.Cipher
	if spec == nil {
		spec = &Spec{keyLength: 16, mode: modes["cbc"]}
	}
	material, iv := []byte(key), []byte(o.IV)
	if o.UseIV || o.IV != "" {
		if len(iv) != blockSize {
			return nil, lua.Some("bad iv")
		}
		if o.Method != nil {
			material = []byte(o.Method(key))
		}
		if len(material) != spec.keyLength {
			return nil, lua.Some("bad key length")
		}
	} else {
		if o.Salt != "" && len(o.Salt) != 8 {
			return nil, lua.Some("salt must be 8 characters or nil")
		}
		material, iv = deriveKey(o.Hash, []byte(o.Salt), []byte(key), o.Rounds, spec.keyLength)
	}
	block, err := stdaes.NewCipher(material)
	if err != nil {
		return nil, lua.Some("bad key length")
	}
	return &AES{block: block, mode: spec.mode, iv: iv, counter: [2][]byte{iv, iv}}, lua.None
}

// Encrypt is cipher:encrypt(s). It does not fail.
func (a *AES) Encrypt(s string) (string, bool) {
	data := []byte(s)
	if a.mode.blocks {
		data = pad(data)
	}
	return string(a.mode.crypt(a, data, true)), true
}

// Decrypt is cipher:decrypt(s): false, Lua's nil, for what OpenSSL refuses,
// which is a length that is no multiple of a block, or wrong padding. A wrong
// key goes undetected in modes without padding, and once in about 256 times
// with it.
func (a *AES) Decrypt(s string) (string, bool) {
	data := []byte(s)
	if !a.mode.blocks {
		return string(a.mode.crypt(a, data, false)), true
	}
	if len(data) == 0 || len(data)%blockSize != 0 {
		return "", false
	}
	plain, ok := unpad(a.mode.crypt(a, data, false))
	return string(plain), ok
}

// pad appends PKCS#7 padding: 1 to 16 bytes.
func pad(data []byte) []byte {
	n := blockSize - len(data)%blockSize
	for i := 0; i < n; i++ {
		data = append(data, byte(n))
	}
	return data
}

// unpad removes PKCS#7 padding, all of whose bytes have to be right.
func unpad(data []byte) ([]byte, bool) {
	n := int(data[len(data)-1])
	if n == 0 || n > blockSize {
		return nil, false
	}
	for _, c := range data[len(data)-n:] {
		if int(c) != n {
			return nil, false
		}
	}
	return data[:len(data)-n], true
}
