package jwt

import (
	"crypto/ecdh"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/elliptic"
	"crypto/rsa"
	"encoding/pem"
	"math/big"
	"strings"
)

// Keys are read here and not by crypto/x509, which would add most of a megabyte
// to a plugin.

// maxKeys is how many public keys are kept.
const maxKeys = 100

// publicKey is the key in a PEM text: of a certificate or a public key. Nil when
// there is none.
func (s *settings) publicKey(text string) any {
	if key, known := s.keys[text]; known {
		return key
	}
	var key any
	block, _ := pem.Decode([]byte(text))
	switch {
	case block == nil:
	case strings.Contains(text, "CERTIFICATE"):
		key = certificateKey(block.Bytes)
	case strings.Contains(text, "PUBLIC KEY"):
		key = subjectKey(der{block.Bytes})
		if key == nil {
			key = rsaKey(der{block.Bytes})
		}
	}
	if len(s.keys) >= maxKeys {
		clear(s.keys)
	}
	s.keys[text] = key
	return key
}

// certificateKey is the public key of a certificate.
func certificateKey(data []byte) any {
	certificate := (&der{data}).sequence()
	body := certificate.sequence()
	if len(body.rest) > 0 && body.rest[0] == 0xa0 { // the version
		body.next()
	}
	for range 5 { // serial number, algorithm, issuer, validity, subject
		body.next()
	}
	return subjectKey(body)
}

// The object identifiers of kinds of keys and of curves.
const (
	oidRSA     = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01"
	oidPSS     = "\x2a\x86\x48\x86\xf7\x0d\x01\x01\x0a"
	oidEC      = "\x2a\x86\x48\xce\x3d\x02\x01"
	oidEd25519 = "\x2b\x65\x70"
)

// curves are the curves by their identifiers.
var curves = map[string]elliptic.Curve{
	"\x2a\x86\x48\xce\x3d\x03\x01\x07": elliptic.P256(),
	"\x2b\x81\x04\x00\x22":             elliptic.P384(),
	"\x2b\x81\x04\x00\x23":             elliptic.P521(),
}

// subjectKey is the key in a SubjectPublicKeyInfo.
func subjectKey(d der) any {
	info := d.sequence()
	algorithm := info.sequence()
	bits := info.value(0x03)
	if len(bits) < 1 || bits[0] != 0 {
		return nil
	}
	switch kind := string(algorithm.value(0x06)); kind {
	case oidRSA, oidPSS:
		return rsaKey(der{bits[1:]})
	case oidEC:
		return ecKey(curves[string(algorithm.value(0x06))], bits[1:])
	case oidEd25519:
		if len(bits) == 1+ed25519.PublicKeySize {
			return ed25519.PublicKey(bits[1:])
		}
	}
	return nil
}

// rsaKey is the key in an RSAPublicKey.
func rsaKey(d der) any {
	numbers := d.sequence()
	n, e := numbers.integer(), numbers.integer()
	if n.Sign() <= 0 || !e.IsInt64() || e.Int64() < 2 || e.Int64() > 1<<31-1 {
		return nil
	}
	return &rsa.PublicKey{N: n, E: int(e.Int64())}
}

// ecKey is the key of an uncompressed point.
func ecKey(curve elliptic.Curve, point []byte) any {
	if curve == nil || !onCurve(curve, point) {
		return nil
	}
	size := (len(point) - 1) / 2
	x, y := new(big.Int).SetBytes(point[1:1+size]), new(big.Int).SetBytes(point[1+size:])
	return &ecdsa.PublicKey{Curve: curve, X: x, Y: y}
}

// onCurve reports whether a point is one of a curve.
func onCurve(curve elliptic.Curve, point []byte) bool {
	var err error
	switch curve {
	case elliptic.P256():
		_, err = ecdh.P256().NewPublicKey(point)
	case elliptic.P384():
		_, err = ecdh.P384().NewPublicKey(point)
	default:
		_, err = ecdh.P521().NewPublicKey(point)
	}
	return err == nil
}

// privateKey is the key in a PEM text; nil when there is none.
func privateKey(text string) any {
	for rest := []byte(text); ; {
		var block *pem.Block
		if block, rest = pem.Decode(rest); block == nil {
			return nil
		}
		switch block.Type {
		case "RSA PRIVATE KEY":
			return rsaPrivateKey(block.Bytes)
		case "EC PRIVATE KEY":
			return ecPrivateKey(nil, block.Bytes)
		case "PRIVATE KEY":
			return wrappedPrivateKey(block.Bytes)
		}
	}
}

// wrappedPrivateKey is the key in PKCS #8.
func wrappedPrivateKey(data []byte) any {
	info := (&der{data}).sequence()
	info.integer()
	algorithm := info.sequence()
	inner := info.value(0x04)
	switch kind := string(algorithm.value(0x06)); kind {
	case oidRSA:
		return rsaPrivateKey(inner)
	case oidEC:
		return ecPrivateKey(curves[string(algorithm.value(0x06))], inner)
	case oidEd25519:
		wrapped := der{inner}
		if seed := wrapped.value(0x04); len(seed) == ed25519.SeedSize {
			return ed25519.NewKeyFromSeed(seed)
		}
	}
	return nil
}

// rsaPrivateKey is the key in PKCS #1.
func rsaPrivateKey(data []byte) any {
	numbers := (&der{data}).sequence()
	numbers.integer() // version
	n, e, d, p, q := numbers.integer(), numbers.integer(), numbers.integer(), numbers.integer(), numbers.integer()
	if !e.IsInt64() || e.Int64() > 1<<31-1 || p.Sign() <= 0 || q.Sign() <= 0 {
		return nil
	}
	key := &rsa.PrivateKey{PublicKey: rsa.PublicKey{N: n, E: int(e.Int64())}, D: d, Primes: []*big.Int{p, q}}
	if key.Validate() != nil {
		return nil
	}
	key.Precompute()
	return key
}

// ecPrivateKey is the key in SEC 1; a curve in it goes before the given one.
func ecPrivateKey(curve elliptic.Curve, data []byte) any {
	info := (&der{data}).sequence()
	info.integer() // version
	secret := info.value(0x04)
	if len(info.rest) > 0 && info.rest[0] == 0xa0 {
		_, named := info.next()
		oid := der{named}
		curve = curves[string(oid.value(0x06))]
	}
	if curve == nil {
		return nil
	}
	d := new(big.Int).SetBytes(secret)
	if d.Sign() <= 0 || d.Cmp(curve.Params().N) >= 0 {
		return nil
	}
	return newECKey(curve, d)
}

// newECKey is the key with a secret number.
func newECKey(curve elliptic.Curve, d *big.Int) any {
	scalar := d.FillBytes(make([]byte, (curve.Params().BitSize+7)/8))
	var key *ecdh.PrivateKey
	var err error
	switch curve {
	case elliptic.P256():
		key, err = ecdh.P256().NewPrivateKey(scalar)
	case elliptic.P384():
		key, err = ecdh.P384().NewPrivateKey(scalar)
	default:
		key, err = ecdh.P521().NewPrivateKey(scalar)
	}
	if err != nil {
		return nil
	}
	public, ok := ecKey(curve, key.PublicKey().Bytes()).(*ecdsa.PublicKey)
	if !ok {
		return nil
	}
	return &ecdsa.PrivateKey{PublicKey: *public, D: d}
}

// der reads values in DER, one after the other. What is not there is empty.
type der struct{ rest []byte }

// next reads a value.
func (d *der) next() (tag byte, content []byte) {
	data := d.rest
	d.rest = nil
	if len(data) < 2 {
		return 0, nil
	}
	length, at := int(data[1]), 2
	if length >= 0x80 {
		count := length & 0x7f
		if count == 0 || count > 3 || len(data) < at+count {
			return 0, nil
		}
		length = 0
		for _, c := range data[at : at+count] {
			length = length<<8 | int(c)
		}
		at += count
	}
	if len(data) < at+length {
		return 0, nil
	}
	d.rest = data[at+length:]
	return data[0], data[at : at+length]
}

// value reads a value with a tag.
func (d *der) value(tag byte) []byte {
	found, content := d.next()
	if found != tag {
		d.rest = nil
		return nil
	}
	return content
}

// sequence reads a sequence.
func (d *der) sequence() der { return der{d.value(0x30)} }

// integer reads a number.
func (d *der) integer() *big.Int { return new(big.Int).SetBytes(d.value(0x02)) }
