package jwt

import (
	"crypto"
	"crypto/ecdsa"
	"crypto/ed25519"
	"crypto/hmac"
	"crypto/rand"
	"crypto/rsa"
	_ "crypto/sha256" // SHA-256 and SHA-512 for crypto.Hash
	_ "crypto/sha512"
	"math/big"
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// family is the kind of an algorithm.
type family int

const (
	unknown family = iota
	hs
	rs
	ps
	es
	ed
)

// algorithm is what an alg means.
type algorithm struct {
	family family
	hash   crypto.Hash
}

// algorithms are those of JWS.
var algorithms = map[string]algorithm{
	"HS256": {hs, crypto.SHA256}, "HS384": {hs, crypto.SHA384}, "HS512": {hs, crypto.SHA512},
	"RS256": {rs, crypto.SHA256}, "RS384": {rs, crypto.SHA384}, "RS512": {rs, crypto.SHA512},
	"PS256": {ps, crypto.SHA256}, "PS384": {ps, crypto.SHA384}, "PS512": {ps, crypto.SHA512},
	"ES256": {es, crypto.SHA256}, "ES384": {es, crypto.SHA384}, "ES512": {es, crypto.SHA512},
	"EdDSA": {ed, 0}, "Ed25519": {ed, 0}, "Ed448": {ed, 0},
}

// verifySignature says why a signature is not right, "" if it is.
func (s *settings) verifySignature(secret any, token, header *lua.Table) (reason string) {
	defer func() {
		if why, ok := recover().(reasoned); ok {
			reason = string(why)
		}
	}()
	given := header.Get("alg")
	if given == nil {
		return "No algorithm supplied"
	}
	name, ok := given.(string)
	if !ok {
		return "invalid alg: must be a string"
	}
	alg := algorithms[name]
	switch alg.family {
	case unknown:
		return "Unsupported algorithm " + name
	case hs:
		return verifyHMAC(secret, token, header, name, alg)
	default:
		return s.verifyWithKey(secret, token, name, alg)
	}
}

// verifyHMAC is verifySignature for HS256 and its like.
func verifyHMAC(secret any, token, header *lua.Table, name string, alg algorithm) string {
	key, internal := secretText(secret, header, name)
	if internal {
		return "internal error"
	}
	expected := code(key, name, alg, signed(token))
	given, isText := token.Get("signature").(string)
	sig, ok := decode(given)
	if !isText || !ok || encode(sig) != given || !hmac.Equal([]byte(sig), []byte(expected)) {
		return "signature mismatch: " + lua.ToString(token.Get("signature"))
	}
	return ""
}

// code is an HMAC. A PEM text is no secret: whoever has a public key could sign
// with it.
func code(key, name string, alg algorithm, message string) string {
	if strings.Contains(key, "-----BEGIN") {
		panic(reasoned("invalid secret for " + name + ": PEM key material cannot be used as an HMAC secret"))
	}
	mac := hmac.New(alg.hash.New, []byte(key))
	mac.Write([]byte(message))
	return string(mac.Sum(nil))
}

// secretText is the secret: a string, or what a function gives for the kid of the
// header. It is internal when that raised an error of its own.
func secretText(secret any, header *lua.Table, alg string) (text string, internal bool) {
	switch secret := lua.Plain(secret).(type) {
	case string:
		return secret, false
	case *lua.Function:
		if algorithms[alg].family != hs {
			panic(reasoned("secret function can only be used with hmac alg: " + alg))
		}
		kid := header.Get("kid")
		if kid == nil {
			panic(reasoned("secret function specified without kid in header"))
		}
		name, ok := kid.(string)
		if !ok {
			panic(reasoned("secret function specified with non-string kid in header"))
		}
		results := lua.ProtectedApply(secret, lua.Temporary(0), name)
		found := lua.Plain(results.At(1))
		if results.At(0) != true {
			if why, ok := found.(*lua.Table); ok && why.Get("reason") != nil {
				panic(reasoned(lua.ToString(why.Get("reason"))))
			}
			return "", true
		}
		if found == nil {
			panic(reasoned("function returned nil for kid: " + name))
		}
		if text, ok = found.(string); !ok {
			panic(reasoned("function returned a non-string secret for kid: " + name))
		}
		return text, false
	default:
		panic(reasoned("invalid secret type (must be string or function)"))
	}
}

// verifyWithKey is verifySignature with a public key or a certificate in PEM.
func (s *settings) verifyWithKey(secret any, token *lua.Table, name string, alg algorithm) string {
	text, isText := lua.Plain(secret).(string)
	var key any
	if isText {
		key = s.publicKey(text)
	}
	switch {
	case alg.family == ed && key == nil && !isText:
		return "Failed to load EdDSA public key: no key provided"
	case alg.family == ed && key == nil:
		return "Failed to load EdDSA public key: invalid key"
	case lua.Plain(secret) == nil:
		return "No trusted certs loaded"
	case key == nil:
		return "Decode secret is not a valid cert/public key"
	}
	if wanted := mismatch(key, name, alg); wanted != "" {
		return "key type mismatch: alg " + name + " requires an " + wanted + " key"
	}
	sig, ok := decode(lua.ToString(token.Get("signature")))
	if !ok {
		return "Wrongly encoded signature"
	}
	return check(key, alg, signed(token), sig)
}

// curveNames are the curves of the EC algorithms.
var curveNames = map[string]string{"ES256": "P-256", "ES384": "P-384", "ES512": "P-521"}

// mismatch is the kind of key that an algorithm needs; "" if the key is one.
func mismatch(key any, name string, alg algorithm) string {
	switch alg.family {
	case rs, ps:
		if _, ok := key.(*rsa.PublicKey); !ok {
			return "RSA"
		}
	case es:
		if key, ok := key.(*ecdsa.PublicKey); !ok || key.Params().Name != curveNames[name] {
			return "EC " + curveNames[name]
		}
	default:
		if _, ok := key.(ed25519.PublicKey); !ok || name == "Ed448" {
			if name == "EdDSA" {
				return "Ed25519 or Ed448"
			}
			return name
		}
	}
	return ""
}

// check says why a signature of a message is not right, "" if it is.
func check(key any, alg algorithm, message, sig string) string {
	const failed = "Verification failed"
	switch key := key.(type) {
	case *rsa.PublicKey:
		err := rsa.VerifyPKCS1v15(key, alg.hash, digest(alg, message), []byte(sig))
		if alg.family == ps {
			err = rsa.VerifyPSS(key, alg.hash, digest(alg, message), []byte(sig), nil)
		}
		if err != nil {
			return failed
		}
	case *ecdsa.PublicKey:
		size := orderSize(key)
		if len(sig) != 2*size {
			return "signature length != 2 * order length"
		}
		r, s := new(big.Int).SetBytes([]byte(sig[:size])), new(big.Int).SetBytes([]byte(sig[size:]))
		if !ecdsa.Verify(key, digest(alg, message), r, s) {
			return failed
		}
	case ed25519.PublicKey:
		if !ed25519.Verify(key, []byte(message), []byte(sig)) {
			return "EdDSA signature verification failed"
		}
	}
	return ""
}

// orderSize is the length of a number of an EC signature in bytes.
func orderSize(key *ecdsa.PublicKey) int { return (key.Params().BitSize + 7) / 8 }

// digest is the digest of a message.
func digest(alg algorithm, message string) []byte {
	h := alg.hash.New()
	h.Write([]byte(message))
	return h.Sum(nil)
}

// Sign is jwt:sign(secret, object): the token. It raises {reason = …} where there
// is none.
func Sign(_ *ngx.Request, secret, object any) string {
	token, ok := lua.Plain(object).(*lua.Table)
	if !ok {
		lua.Index.Throw(lua.Plain(object), lua.Local("jwt_obj", 0))
	}
	header, ok := token.Get("header").(*lua.Table)
	if !ok {
		lua.Index.Throw(token.Get("header"), lua.Field("header", 0))
	}
	defer func() {
		switch why := recover().(type) {
		case nil:
		case reasoned:
			throw(string(why))
		default:
			panic(why)
		}
	}()
	switch typ := header.Get("typ"); {
	case typ != nil && typ != "JWT" && typ != "JWE":
		panic(reasoned("invalid typ: " + lua.ToString(typ)))
	case token.Get("typ") == "JWE", token.Get("typ") == nil && (typ == "JWE" || lua.Truthy(header.Get("enc"))):
		panic(reasoned(encrypted))
	}
	message := signed(token)
	name, _ := header.Get("alg").(string)
	alg := algorithms[name]
	switch alg.family {
	case unknown:
		panic(reasoned("unsupported alg: " + lua.ToString(header.Get("alg"))))
	case hs:
		key, internal := secretText(secret, header, name)
		if internal {
			panic(reasoned("internal error"))
		}
		return message + "." + encode(code(key, name, alg, message))
	default:
		text, _ := lua.Plain(secret).(string)
		return message + "." + encode(sign(privateKey(text), alg, message))
	}
}

// sign makes a signature with a private key.
func sign(key any, alg algorithm, message string) string {
	var sig []byte
	var err error
	switch key := key.(type) {
	case *rsa.PrivateKey:
		switch alg.family {
		case rs:
			sig, err = rsa.SignPKCS1v15(rand.Reader, key, alg.hash, digest(alg, message))
		case ps:
			options := &rsa.PSSOptions{SaltLength: rsa.PSSSaltLengthAuto}
			sig, err = rsa.SignPSS(rand.Reader, key, alg.hash, digest(alg, message), options)
		}
	case *ecdsa.PrivateKey:
		if alg.family != es {
			break
		}
		size := orderSize(&key.PublicKey)
		r, s, failure := ecdsa.Sign(rand.Reader, key, digest(alg, message))
		if err = failure; err == nil {
			sig = make([]byte, 2*size)
			r.FillBytes(sig[:size])
			s.FillBytes(sig[size:])
		}
	case ed25519.PrivateKey:
		if alg.family == ed {
			sig = ed25519.Sign(key, []byte(message))
		}
	}
	switch {
	case err != nil:
		panic(reasoned("signer error: " + err.Error()))
	case sig == nil:
		panic(reasoned("signer error: the key is none for this algorithm"))
	}
	return string(sig)
}
