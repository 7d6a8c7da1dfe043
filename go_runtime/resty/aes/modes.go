package aes

import "crypto/cipher"

// mode is a mode of operation. Those that work on whole blocks have padding.
type mode struct {
	blocks bool
	crypt  func(a *AES, data []byte, encrypt bool) []byte
}

// modes has the modes by resty.aes's names for them.
var modes = map[string]mode{
	"ecb":    {blocks: true, crypt: ecb},
	"cbc":    {blocks: true, crypt: cbc},
	"ctr":    {crypt: ctr},
	"ofb":    {crypt: ofb},
	"cfb1":   {crypt: func(a *AES, data []byte, encrypt bool) []byte { return cfb(a, data, encrypt, 1) }},
	"cfb8":   {crypt: func(a *AES, data []byte, encrypt bool) []byte { return cfb(a, data, encrypt, 8) }},
	"cfb128": {crypt: func(a *AES, data []byte, encrypt bool) []byte { return cfb(a, data, encrypt, 128) }},
}

func ecb(a *AES, data []byte, encrypt bool) []byte {
	for at := 0; at < len(data); at += blockSize {
		block := data[at : at+blockSize]
		if encrypt {
			a.block.Encrypt(block, block)
		} else {
			a.block.Decrypt(block, block)
		}
	}
	return data
}

func cbc(a *AES, data []byte, encrypt bool) []byte {
	if encrypt {
		cipher.NewCBCEncrypter(a.block, a.iv).CryptBlocks(data, data)
	} else {
		cipher.NewCBCDecrypter(a.block, a.iv).CryptBlocks(data, data)
	}
	return data
}

// ctr goes on counting from call to call, each of which starts on a new block:
// resty.aes asks OpenSSL to start afresh without naming an IV, and for this mode
// OpenSSL 3 then keeps the counter.
func ctr(a *AES, data []byte, encrypt bool) []byte {
	direction := 0
	if encrypt {
		direction = 1
	}
	counter := a.counter[direction]
	cipher.NewCTR(a.block, counter).XORKeyStream(data, data)
	a.counter[direction] = addBlocks(counter, (len(data)+blockSize-1)/blockSize)
	return data
}

// addBlocks adds n to a counter block, which is big-endian.
func addBlocks(counter []byte, n int) []byte {
	sum := append([]byte(nil), counter...)
	for i := len(sum) - 1; i >= 0 && n > 0; i-- {
		n += int(sum[i])
		sum[i] = byte(n)
		n >>= 8
	}
	return sum
}

func ofb(a *AES, data []byte, _ bool) []byte {
	stream := append([]byte(nil), a.iv...)
	for at := range data {
		if at%blockSize == 0 {
			a.block.Encrypt(stream, stream)
		}
		data[at] ^= stream[at%blockSize]
	}
	return data
}

// cfb works on segments of 1, 8, or 128 bits.
func cfb(a *AES, data []byte, encrypt bool, bits int) []byte {
	register := append([]byte(nil), a.iv...)
	stream := make([]byte, blockSize)
	switch bits {
	case 128:
		for at := 0; at < len(data); at += blockSize {
			a.block.Encrypt(stream, register)
			for i := at; i < min(at+blockSize, len(data)); i++ {
				out := data[i] ^ stream[i-at]
				register[i-at] = cipherByte(encrypt, out, data[i])
				data[i] = out
			}
		}
	case 8:
		for i := range data {
			a.block.Encrypt(stream, register)
			out := data[i] ^ stream[0]
			copy(register, register[1:])
			register[blockSize-1] = cipherByte(encrypt, out, data[i])
			data[i] = out
		}
	case 1:
		for i := range data {
			data[i] = cfbBits(a, register, stream, data[i], encrypt)
		}
	}
	return data
}

// cfbBits is one byte of CFB with segments of one bit.
func cfbBits(a *AES, register, stream []byte, in byte, encrypt bool) byte {
	var out byte
	for bit := 7; bit >= 0; bit-- {
		a.block.Encrypt(stream, register)
		given := in >> bit & 1
		made := given ^ stream[0]>>7
		out |= made << bit
		shiftIn(register, cipherByte(encrypt, made, given))
	}
	return out
}

// shiftIn shifts the register left by one bit and puts bit at its end.
func shiftIn(register []byte, bit byte) {
	for i := len(register) - 1; i >= 0; i-- {
		carry := register[i] >> 7
		register[i] = register[i]<<1 | bit
		bit = carry
	}
}

// cipherByte picks the ciphertext out of what was made and what was given.
func cipherByte(encrypt bool, made, given byte) byte {
	if encrypt {
		return made
	}
	return given
}
