// Package jwt is lua-resty-jwt 0.3 (resty.jwt, resty.jwt-validators) for compiled
// handlers: the same tables, reasons and errors. Tokens that are encrypted (JWE)
// are not valid here, and certificates in tokens (x5c, x5u) are not looked at.
package jwt

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/cjson"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

const (
	invalidToken = "invalid jwt string"
	encrypted    = "encrypted tokens (JWE) are not supported by this plugin"
	awesome      = "everything is awesome~ :p"
)

// settings are what a program sets in the module: it stays for all requests.
type settings struct {
	whitelist lua.Value
	leeway    float64
	clock     *lua.Function
	keys      map[string]any // public keys by their text
}

// settingsOf are the settings of the place where the unit acts.
func settingsOf(r *ngx.Request) *settings {
	return r.Stream().Library("resty.jwt", func() any {
		return &settings{keys: map[string]any{}}
	}).(*settings)
}

// reasoned is panicked with for what the library raises as {reason = …}.
type reasoned string

// throw raises {reason = why} as a Lua error.
func throw(why string) { lua.ThrowValue(tableOf("reason", why)) }

// tableOf is a table of names and values.
func tableOf(pairs ...lua.Value) *lua.Table {
	t := lua.NewTable(0)
	for i := 0; i < len(pairs); i += 2 {
		t.Set(pairs[i], pairs[i+1])
	}
	return t
}

// SetAlgWhitelist is jwt:set_alg_whitelist(algorithms).
func SetAlgWhitelist(r *ngx.Request, algorithms any) {
	settingsOf(r).whitelist = lua.Plain(algorithms)
}

// Verify is jwt:verify(secret, token, spec…).
func Verify(r *ngx.Request, secret, token any, specs ...any) *lua.Table {
	object := LoadJWT(token)
	if object.Get("valid") != true {
		return tableOf("verified", false, "reason", object.Get("reason"))
	}
	return VerifyObject(r, secret, object, specs...)
}

// LoadJWT is jwt:load_jwt(token): it reads a token without looking at its
// signature.
func LoadJWT(token any, _ ...any) *lua.Table {
	object, why := parse(token)
	if why != "" {
		return tableOf("valid", false, "verified", false, "reason", why)
	}
	object.Set("verified", false)
	object.Set("valid", true)
	return object
}

// parse reads a token; why says what is wrong with it.
func parse(token any) (object *lua.Table, why string) {
	text, ok := lua.Plain(token).(string)
	if !ok {
		return nil, invalidToken
	}
	parts := strings.FieldsFunc(text, func(c rune) bool { return c == '.' })
	switch len(parts) {
	case 3:
	case 4, 5:
		return nil, encrypted
	default:
		return nil, invalidToken
	}
	header, _ := decodeJSON(parts[0]).(*lua.Table)
	if header == nil {
		return nil, "invalid header: " + parts[0]
	}
	payload := decodeJSON(parts[1])
	if !lua.Truthy(payload) { // no JSON: the text itself
		raw, ok := decode(parts[1])
		if !ok {
			return nil, "invalid payload: " + parts[1]
		}
		payload = raw
	}
	return tableOf("typ", "JWT", "raw_header", parts[0], "raw_payload", parts[1],
		"header", header, "payload", payload, "signature", parts[2]), ""
}

var (
	toStandard = strings.NewReplacer("-", "+", "_", "/")
	toURL      = strings.NewReplacer("+", "-", "/", "_", "=", "")
)

// decode reads base64 in the alphabet of URLs.
func decode(text string) (string, bool) { return ngx.DecodeBase64(toStandard.Replace(text)) }

// encode writes it, without padding.
func encode(text string) string { return toURL.Replace(ngx.EncodeBase64(text)) }

// decodeJSON is the JSON in base64, nil where there is none.
func decodeJSON(text string) lua.Value {
	raw, ok := decode(text)
	if !ok {
		return nil
	}
	value, _ := cjson.DecodeSafe(raw)
	return lua.Plain(value)
}

// Encode is jwt:jwt_encode(value): base64 of a text, or of a table's JSON.
func Encode(value any) string {
	value = lua.Plain(value)
	if table, ok := value.(*lua.Table); ok {
		text, _ := cjson.EncodeSafe(table)
		value = text.Value()
	}
	if value == nil || value == false {
		return ""
	}
	return encode(lua.ToString(value))
}

// Decode is jwt:jwt_decode(text, json).
func Decode(text any, json ...any) lua.Value {
	given := lua.LibraryText(lua.Plain(text), "gsub")
	if lua.Truthy(lua.Values(json).At(0)) {
		return decodeJSON(given)
	}
	if raw, ok := decode(given); ok {
		return raw
	}
	return nil
}

// VerifyObject is jwt:verify_jwt_obj(secret, object, spec…): it checks the signature
// of what load_jwt gave, and then the claims.
func VerifyObject(r *ngx.Request, secret, object any, specs ...any) *lua.Table {
	token, ok := lua.Plain(object).(*lua.Table)
	if !ok {
		lua.Index.Throw(lua.Plain(object), lua.Local("jwt_obj", 0))
	}
	if !lua.Truthy(token.Get("valid")) {
		return token
	}
	header, ok := token.Get("header").(*lua.Table)
	if !ok {
		token.Set("reason", "invalid header")
		return token
	}
	set := settingsOf(r)
	claims := claimSpecs(r, token, specs)
	token.Set("verified", false)
	token.Set("reason", nil)
	if alg, ok := header.Get("alg").(string); ok && set.whitelist != nil {
		if lua.IndexOf(set.whitelist, alg, lua.Field("alg_whitelist", 0)) == nil {
			return tableOf("verified", false, "reason", "whitelist unsupported alg: "+alg)
		}
	}
	reason := set.verifySignature(secret, token, header)
	if reason == "" { // validators see a token that is right so far
		token.Set("verified", true)
		token.Set("reason", awesome)
		reason = validate(token, claims)
	}
	if reason != "" {
		token.Set("verified", false)
		token.Set("reason", reason)
	}
	return token
}

// signed is the text that the signature is over.
func signed(token *lua.Table) string { return part(token, "header") + "." + part(token, "payload") }

// part is the header or the payload in base64.
func part(token *lua.Table, name string) string {
	if raw := token.Get("raw_" + name); raw != nil {
		return lua.ToString(raw)
	}
	value := token.Get(name)
	if value == nil {
		panic(reasoned("missing part " + name))
	}
	return Encode(value)
}
