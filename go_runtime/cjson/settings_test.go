package cjson

import (
	"testing"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// What only OpenResty's lua-cjson has, by its documentation; the rest is compared
// with Debian's in tests/behaviour.
func TestOpenRestysSettings(t *testing.T) {
	at := lua.Arg(1, "setting", 1)
	marked := func(meta *lua.Table, items ...lua.Value) *lua.Table {
		table := lua.ListOf(items...)
		table.SetMetatable(meta)
		return table
	}
	withHash := marked(ArrayMT, 1.0)
	withHash.Set("x", 2.0)
	for name, check := range map[string]struct {
		set   func(c *Codec)
		value lua.Value
		want  string
	}{
		"an empty table is an object":   {func(*Codec) {}, lua.NewTable(0), "{}"},
		"an empty table is an array":    {func(c *Codec) { c.EncodeEmptyTableAsObject(false, at) }, lua.NewTable(0), "[]"},
		"empty_array":                   {func(*Codec) {}, lua.ListOf(EmptyArray, lua.Null), "[[],null]"},
		"empty_array_mt, empty":         {func(*Codec) {}, marked(EmptyArrayMT), "[]"},
		"empty_array_mt, items":         {func(*Codec) {}, marked(EmptyArrayMT, 1.0), "[1]"},
		"array_mt, empty":               {func(*Codec) {}, marked(ArrayMT), "[]"},
		"array_mt drops the hash":       {func(*Codec) {}, withHash, "[1]"},
		"a slash":                       {func(*Codec) {}, "a/b", `"a\/b"`},
		"a plain slash":                 {func(c *Codec) { c.EncodeEscapeForwardSlash(false, at) }, "a/b", `"a/b"`},
		"precision of 16":               {func(c *Codec) { c.EncodeNumberPrecision(16.0, at) }, 9007199254740993.0, "9007199254740992"},
		"unsupported values in objects": {func(c *Codec) { c.EncodeSkipUnsupportedValueTypes(true, at) }, pair("f", lua.NewFunction(nil)), "{}"},
	} {
		c := newCodec()
		check.set(c)
		if got, err := c.EncodeSafe(check.value); got.Or("") != check.want || !err.IsNil() {
			t.Errorf("%s: %s %s, want %s", name, got, err, check.want)
		}
	}
}

func pair(key string, value lua.Value) *lua.Table {
	t := lua.NewTable(0)
	t.Set(key, value)
	return t
}

func TestDecodedArraysKeepTheirKind(t *testing.T) {
	c := newCodec()
	c.DecodeArrayWithArrayMT(true, lua.Arg(1, "setting", 1))
	value, _ := c.DecodeSafe(`{"a":[],"b":[1,[]],"c":{}}`)
	if got, _ := c.EncodeSafe(value); got.Or("") != `{"a":[],"b":[1,[]],"c":{}}` {
		t.Errorf("%s", got)
	}
}

// Any text that decodes encodes to one that decodes to the same.
func FuzzRoundTrip(f *testing.F) {
	f.Add(`{"a":[1,-0.5,"x\u00fc\ud83d\ude00"],"b":null}`, false)
	f.Add(`[[],{}]`, true)
	f.Fuzz(func(t *testing.T, text string, plain bool) {
		c := newCodec()
		c.encodeInvalid, c.sparseRatio = invalidAllowed, 0
		c.EncodeEscapeForwardSlash(!plain, lua.Arg(1, "setting", 1))
		c.DecodeArrayWithArrayMT(true, lua.Arg(1, "setting", 1))
		value, err := c.DecodeSafe(text)
		if !err.IsNil() {
			return
		}
		first, err := c.EncodeSafe(value)
		if !err.IsNil() {
			t.Fatalf("%q: %s", text, err)
		}
		again, err := c.DecodeSafe(first)
		if !err.IsNil() {
			t.Fatalf("%q → %s: %s", text, first, err)
		}
		if second, _ := c.EncodeSafe(again); first != second {
			t.Errorf("%q: %s, then %s", text, first, second)
		}
	})
}
