package aes

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"hash"
)

// Hash is a digest of aes.hash; the zero value is MD5. Like all values of Lua's
// it can be compared.
type Hash struct{ make *func() hash.Hash }

// The digests of aes.hash.
var (
	MD5    = digest(md5.New)
	SHA1   = digest(sha1.New)
	SHA224 = digest(sha256.New224)
	SHA256 = digest(sha256.New)
	SHA384 = digest(sha512.New384)
	SHA512 = digest(sha512.New)
)

func digest(f func() hash.Hash) Hash { return Hash{&f} }

// deriveKey is OpenSSL's EVP_BytesToKey: digests, each over its predecessor, the
// password and the salt, and repeated as often as rounds says, are strung
// together until there is enough for the key and the IV.
func deriveKey(h Hash, salt, password []byte, rounds, keyLength int) (key, iv []byte) {
	if h.make == nil {
		h = MD5
	}
	digest := (*h.make)()
	var material, last []byte
	for len(material) < keyLength+blockSize {
		digest.Reset()
		digest.Write(last)
		digest.Write(password)
		digest.Write(salt)
		last = digest.Sum(nil)
		for i := 1; i < rounds; i++ {
			digest.Reset()
			digest.Write(last)
			last = digest.Sum(nil)
		}
		material = append(material, last...)
	}
	return material[:keyLength], material[keyLength : keyLength+blockSize]
}
