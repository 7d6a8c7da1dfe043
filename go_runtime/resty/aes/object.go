package aes

import "snippet2wasm.internal/plugin/runtime/lua"

// LuaType is type(cipher) of what aes:new returns.
func (a *AES) LuaType() string { return "table" }

// Method is what cipher:name(…) calls where the compiler did not know its type.
func (a *AES) Method(name string) func(lua.Argument, lua.Values) lua.Values {
	var crypt func(string) (string, bool)
	switch name {
	case "encrypt":
		crypt = a.Encrypt
	case "decrypt":
		crypt = a.Decrypt
	default:
		return nil
	}
	return func(_ lua.Argument, args lua.Values) lua.Values {
		text := args.At(0)
		if s, ok := text.(string); ok {
			return lua.Values{lua.Opt(crypt(s)).Value()}
		}
		lua.GetLength.Throw(text, lua.Local("s", 0))
		return nil
	}
}

// LuaType is type(aes.cipher(…)).
func (s *Spec) LuaType() string { return "table" }

// Method is nil: a cipher has none.
func (s *Spec) Method(string) func(lua.Argument, lua.Values) lua.Values { return nil }
