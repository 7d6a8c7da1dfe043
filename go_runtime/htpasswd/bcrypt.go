package htpasswd

import (
	"encoding/base64"
	"strconv"

	//lint:ignore SA1019 bcrypt is made of Blowfish, and package bcrypt brings fmt into the module
	"golang.org/x/crypto/blowfish"
)

// bcryptDigits are the digits of bcrypt's base 64, which has no padding.
var bcryptDigits = base64.NewEncoding(
	"./ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789").WithPadding(base64.NoPadding)

const (
	bcryptSalt   = 22 // digits of the salt
	bcryptDigest = 23 // bytes of the digest that are kept
)

// bcrypt is crypt() for "$2b$COST$SALT…". The setting's first 29 bytes stand in front
// of the result. It fails for a setting that is none.
func bcrypt(password, setting string) (string, bool) {
	const length = len("$2b$10$") + bcryptSalt
	if len(setting) < length || setting[6] != '$' {
		return "", false
	}
	cost, err := strconv.ParseUint(setting[4:6], 10, 8)
	if err != nil || cost < 4 || cost > 31 {
		return "", false
	}
	salt, err := bcryptDigits.DecodeString(setting[length-bcryptSalt : length])
	if err != nil {
		return "", false
	}
	key := append([]byte(password), 0)
	if len(key) > 72 {
		key = key[:72]
	}
	cipher, err := blowfish.NewSaltedCipher(key, salt)
	if err != nil {
		return "", false
	}
	for range uint64(1) << cost {
		blowfish.ExpandKey(key, cipher)
		blowfish.ExpandKey(salt, cipher)
	}
	digest := []byte("OrpheanBeholderScryDoubt")
	for at := 0; at < len(digest); at += blowfish.BlockSize {
		for range 64 {
			cipher.Encrypt(digest[at:], digest[at:])
		}
	}
	// The last digit of the salt has bits that are not used; the result has them as 0.
	return setting[:length-bcryptSalt] + bcryptDigits.EncodeToString(salt) +
		bcryptDigits.EncodeToString(digest[:bcryptDigest]), true
}
