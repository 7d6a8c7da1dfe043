// Package hash is lua-resty-string's digests (resty.md5, resty.sha1, resty.sha256
// and the like) for compiled handlers.
//
// A Hash does with its state what OpenSSL does, also where a program goes on
// after final() without reset(): so the blocks are filled here, and Go's packages
// only digest whole ones.
package hash

import (
	"crypto/md5"
	"crypto/sha1"
	"crypto/sha256"
	"crypto/sha512"
	"encoding"
	"encoding/binary"
	stdhash "hash"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// Algorithm is a digest algorithm.
type Algorithm struct {
	make func() stdhash.Hash
	// keepsBlock says that OpenSSL leaves the last block where it is when it makes
	// the digest, so that another final() digests it again.
	keepsBlock bool
	// little says that words are written with their last byte first.
	little bool
}

// The algorithms.
var (
	MD5    = &Algorithm{make: md5.New, little: true}
	SHA1   = &Algorithm{make: sha1.New}
	SHA224 = &Algorithm{make: sha256.New224}
	SHA256 = &Algorithm{make: sha256.New}
	SHA384 = &Algorithm{make: sha512.New384, keepsBlock: true}
	SHA512 = &Algorithm{make: sha512.New, keepsBlock: true}
)

// Hash is the object that sha256:new() and its like return.
type Hash struct {
	algorithm *Algorithm
	digest    stdhash.Hash // has seen whole blocks only
	block     []byte
	filled    int    // bytes of block
	length    uint64 // of all that was added
}

// NewMD5 is resty.md5's new().
func NewMD5() *Hash { return New(MD5) }

// NewSHA1 is resty.sha1's new().
func NewSHA1() *Hash { return New(SHA1) }

// NewSHA224 is resty.sha224's new().
func NewSHA224() *Hash { return New(SHA224) }

// NewSHA256 is resty.sha256's new().
func NewSHA256() *Hash { return New(SHA256) }

// NewSHA384 is resty.sha384's new().
func NewSHA384() *Hash { return New(SHA384) }

// NewSHA512 is resty.sha512's new().
func NewSHA512() *Hash { return New(SHA512) }

// New returns a hash of an algorithm.
func New(algorithm *Algorithm) *Hash {
	h := &Hash{algorithm: algorithm}
	h.restart()
	return h
}

// restart forgets all that was added.
func (h *Hash) restart() {
	h.digest = h.algorithm.make()
	h.block = make([]byte, h.digest.BlockSize())
	h.filled, h.length = 0, 0
}

// Update is h:update(s). The result is always true.
func (h *Hash) Update(s any) bool {
	h.Write(lua.LibraryString(s, "s"))
	return true
}

// Write adds text.
func (h *Hash) Write(text string) {
	h.length += uint64(len(text))
	for len(text) > 0 {
		n := copy(h.block[h.filled:], text)
		text = text[n:]
		if h.filled += n; h.filled == len(h.block) {
			h.digest.Write(h.block)
			h.filled = 0
		}
	}
}

// Final is h:final(): the digest, as bytes.
func (h *Hash) Final() string {
	size := len(h.block)
	lengthAt := size - size/8 // the length takes an eighth of a block
	at := h.filled
	h.block[at] = 0x80
	at++
	if at > lengthAt {
		clear(h.block[at:])
		h.digest.Write(h.block)
		at = 0
	}
	clear(h.block[at:])
	if h.algorithm.little {
		binary.LittleEndian.PutUint64(h.block[lengthAt:], h.length<<3)
	} else {
		binary.BigEndian.PutUint64(h.block[size-8:], h.length<<3)
	}
	h.digest.Write(h.block)
	if !h.algorithm.keepsBlock {
		clear(h.block)
		h.filled = 0
	}
	return h.state()
}

// state is what whole blocks were digested to.
func (h *Hash) state() string {
	const magic = 4 // bytes in front of the state as Go's packages save it
	saved, err := h.digest.(encoding.BinaryMarshaler).MarshalBinary()
	if err != nil {
		panic(err)
	}
	words := saved[magic : magic+h.digest.Size()]
	if h.algorithm.little {
		for at := 0; at < len(words); at += 4 {
			binary.LittleEndian.PutUint32(words[at:], binary.BigEndian.Uint32(words[at:]))
		}
	}
	return string(words)
}

// Reset is h:reset(). The result is always true.
func (h *Hash) Reset() bool {
	h.restart()
	return true
}

// Copy returns another hash in the same state.
func (h *Hash) Copy() *Hash {
	c := *h
	c.block = append([]byte(nil), h.block...)
	c.digest = h.algorithm.make()
	saved, err := h.digest.(encoding.BinaryMarshaler).MarshalBinary()
	if err == nil {
		err = c.digest.(encoding.BinaryUnmarshaler).UnmarshalBinary(saved)
	}
	if err != nil {
		panic(err)
	}
	return &c
}

// BlockSize is the number of bytes in a block.
func (h *Hash) BlockSize() int { return len(h.block) }
