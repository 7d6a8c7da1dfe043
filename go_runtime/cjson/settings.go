package cjson

import (
	"math"
	"strconv"

	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// Values of the module that tell the encoder what an empty table, or any, is.
var (
	// EmptyArray is cjson.empty_array.
	EmptyArray = lua.NewLightUserdata("cjson.empty_array")
	// EmptyArrayMT is cjson.empty_array_mt, the metatable of empty arrays.
	EmptyArrayMT = lua.NewTable(0)
	// ArrayMT is cjson.array_mt, the metatable of arrays.
	ArrayMT = lua.NewTable(0)
)

// invalid is what becomes of numbers that JSON does not know.
type invalid int

const (
	invalidRefused invalid = iota
	invalidAllowed
	invalidAsNull
)

// Codec is the module with its settings: cjson, cjson.safe, or what new() makes.
type Codec struct {
	// An array with more gaps than these is no array: its length is more than
	// sparseSafe and more than sparseRatio times the number of its items.
	sparseConvert           bool
	sparseRatio, sparseSafe int
	// encodeDepth and decodeDepth are how deeply tables and documents may be nested.
	encodeDepth, decodeDepth int
	encodeInvalid            invalid
	decodeInvalid            bool
	precision                int // digits of numbers
	keepBuffer               bool
	emptyAsArray             bool
	markArrays               bool // decoded arrays get ArrayMT
	plainSlash               bool
	skip                     bool // values that JSON has nothing for are left out
	safe                     bool
}

// newCodec has lua-cjson's default settings.
func newCodec() *Codec {
	return &Codec{
		sparseRatio: 2, sparseSafe: 10, encodeDepth: 1000, decodeDepth: 1000, decodeInvalid: true,
		precision: 14, keepBuffer: true,
	}
}

// standard are the default settings, which nothing changes.
var standard = newCodec()

// Of is the module cjson of a unit that changes its settings: they stay for all
// requests.
func Of(r *ngx.Request) *Codec { return codecOf(r, "cjson", false) }

// SafeOf is Of for cjson.safe, which has settings of its own.
func SafeOf(r *ngx.Request) *Codec { return codecOf(r, "cjson.safe", true) }

func codecOf(r *ngx.Request, name string, safe bool) *Codec {
	return r.Stream().Library(name, func() any {
		c := newCodec()
		c.safe = safe
		return c
	}).(*Codec)
}

// Encode is Encode with settings.
func (c *Codec) Encode(v any, at lua.Operand) string {
	text, err := c.EncodeSafe(v)
	if message, failed := err.Get(); failed {
		lua.Throw(message, at)
	}
	return text.Or("")
}

// whole reads an option that is a whole number; nil leaves it. The error about
// one that is out of range always names the first argument.
func whole(option *int, v any, least, most int, at lua.Argument, index int) {
	if v = lua.Plain(v); v == nil {
		return
	}
	n := lua.Int(at.After(index).Number(v))
	if n < least || n > most {
		at.Throw("expected integer between " + strconv.Itoa(least) + " and " + strconv.Itoa(most))
	}
	*option = n
}

// flag reads an option that is a boolean, "on" or "off"; nil leaves it. Another
// text than these may be one of more.
func flag(option *bool, v any, at lua.Argument, more ...string) (other string) {
	switch v := lua.Plain(v).(type) {
	case nil:
	case bool:
		*option = v
	default:
		text := at.Text(v)
		for _, known := range more {
			if text == known {
				return text
			}
		}
		if text != "on" && text != "off" {
			at.Throw("invalid option '" + text + "'")
		}
		*option = text == "on"
	}
	return ""
}

// EncodeSparseArray is cjson.encode_sparse_array(convert, ratio, safe).
func (c *Codec) EncodeSparseArray(convert, ratio, safe any, at lua.Argument) (bool, float64, float64) {
	flag(&c.sparseConvert, convert, at)
	whole(&c.sparseRatio, ratio, 0, math.MaxInt32, at, 1)
	whole(&c.sparseSafe, safe, 0, math.MaxInt32, at, 2)
	return c.sparseConvert, float64(c.sparseRatio), float64(c.sparseSafe)
}

// EncodeMaxDepth is cjson.encode_max_depth(depth).
func (c *Codec) EncodeMaxDepth(depth any, at lua.Argument) float64 {
	whole(&c.encodeDepth, depth, 1, math.MaxInt32, at, 0)
	return float64(c.encodeDepth)
}

// DecodeMaxDepth is cjson.decode_max_depth(depth).
func (c *Codec) DecodeMaxDepth(depth any, at lua.Argument) float64 {
	whole(&c.decodeDepth, depth, 1, math.MaxInt32, at, 0)
	return float64(c.decodeDepth)
}

// EncodeNumberPrecision is cjson.encode_number_precision(digits).
func (c *Codec) EncodeNumberPrecision(digits any, at lua.Argument) float64 {
	whole(&c.precision, digits, 1, 16, at, 0)
	return float64(c.precision)
}

// EncodeKeepBuffer is cjson.encode_keep_buffer(keep), which means nothing here.
func (c *Codec) EncodeKeepBuffer(keep any, at lua.Argument) bool {
	flag(&c.keepBuffer, keep, at)
	return c.keepBuffer
}

// EncodeInvalidNumbers is cjson.encode_invalid_numbers(allow), allow being a
// boolean or "null".
func (c *Codec) EncodeInvalidNumbers(allow any, at lua.Argument) lua.Value {
	allowed := c.encodeInvalid == invalidAllowed
	switch other := flag(&allowed, allow, at, "null"); {
	case other == "null":
		c.encodeInvalid = invalidAsNull
	case lua.Plain(allow) != nil && allowed:
		c.encodeInvalid = invalidAllowed
	case lua.Plain(allow) != nil:
		c.encodeInvalid = invalidRefused
	}
	if c.encodeInvalid == invalidAsNull {
		return "null"
	}
	return c.encodeInvalid == invalidAllowed
}

// DecodeInvalidNumbers is cjson.decode_invalid_numbers(allow).
func (c *Codec) DecodeInvalidNumbers(allow any, at lua.Argument) bool {
	flag(&c.decodeInvalid, allow, at)
	return c.decodeInvalid
}

// EncodeEmptyTableAsObject is cjson.encode_empty_table_as_object(on).
func (c *Codec) EncodeEmptyTableAsObject(on any, at lua.Argument) bool {
	asObject := !c.emptyAsArray
	flag(&asObject, on, at)
	c.emptyAsArray = !asObject
	return asObject
}

// DecodeArrayWithArrayMT is cjson.decode_array_with_array_mt(on).
func (c *Codec) DecodeArrayWithArrayMT(on any, at lua.Argument) bool {
	flag(&c.markArrays, on, at)
	return c.markArrays
}

// EncodeEscapeForwardSlash is cjson.encode_escape_forward_slash(on).
func (c *Codec) EncodeEscapeForwardSlash(on any, at lua.Argument) bool {
	escape := !c.plainSlash
	flag(&escape, on, at)
	c.plainSlash = !escape
	return escape
}

// EncodeSkipUnsupportedValueTypes is
// cjson.encode_skip_unsupported_value_types(on).
func (c *Codec) EncodeSkipUnsupportedValueTypes(on any, at lua.Argument) bool {
	flag(&c.skip, on, at)
	return c.skip
}

// New is cjson.new(): the module anew, as a table, with settings of its own.
func New() *lua.Table { return newCodec().module() }

// NewSafe is cjson.safe's new().
func NewSafe() *lua.Table {
	c := newCodec()
	c.safe = true
	return c.module()
}

// module is the codec as a table of functions.
func (c *Codec) module() *lua.Table {
	t := lua.NewTable(0)
	set := func(name string, f func(at lua.Argument, args lua.Values) lua.Values) {
		t.Set(name, lua.NewFunction(func(args lua.Values) lua.Values { return f(lua.TailArg(1), args) }))
	}
	one := func(name string, f func(v any, at lua.Argument) lua.Value) {
		set(name, func(at lua.Argument, args lua.Values) lua.Values { return lua.Values{f(args.At(0), at)} })
	}
	set("encode", func(_ lua.Argument, args lua.Values) lua.Values {
		if c.safe {
			return lua.Outcome(c.EncodeSafe(args.At(0)))
		}
		return lua.Values{c.Encode(args.At(0), lua.Temporary(0))}
	})
	set("decode", func(at lua.Argument, args lua.Values) lua.Values {
		if c.safe {
			return lua.Outcome(c.DecodeSafe(args.At(0)))
		}
		return lua.Values{c.Decode(at.Text(args.At(0)), lua.Temporary(0))}
	})
	set("encode_sparse_array", func(at lua.Argument, args lua.Values) lua.Values {
		convert, ratio, safe := c.EncodeSparseArray(args.At(0), args.At(1), args.At(2), at)
		return lua.Values{convert, ratio, safe}
	})
	one("encode_max_depth", func(v any, at lua.Argument) lua.Value { return c.EncodeMaxDepth(v, at) })
	one("decode_max_depth", func(v any, at lua.Argument) lua.Value { return c.DecodeMaxDepth(v, at) })
	one("encode_number_precision", func(v any, at lua.Argument) lua.Value { return c.EncodeNumberPrecision(v, at) })
	one("encode_keep_buffer", func(v any, at lua.Argument) lua.Value { return c.EncodeKeepBuffer(v, at) })
	one("encode_invalid_numbers", c.EncodeInvalidNumbers)
	one("decode_invalid_numbers", func(v any, at lua.Argument) lua.Value { return c.DecodeInvalidNumbers(v, at) })
	one("encode_empty_table_as_object", func(v any, at lua.Argument) lua.Value { return c.EncodeEmptyTableAsObject(v, at) })
	one("decode_array_with_array_mt", func(v any, at lua.Argument) lua.Value { return c.DecodeArrayWithArrayMT(v, at) })
	one("encode_escape_forward_slash", func(v any, at lua.Argument) lua.Value { return c.EncodeEscapeForwardSlash(v, at) })
	one("encode_skip_unsupported_value_types", func(v any, at lua.Argument) lua.Value {
		return c.EncodeSkipUnsupportedValueTypes(v, at)
	})
	set("new", func(lua.Argument, lua.Values) lua.Values {
		if c.safe {
			return lua.Values{NewSafe()}
		}
		return lua.Values{New()}
	})
	t.Set("null", lua.Null)
	t.Set("empty_array", EmptyArray)
	t.Set("empty_array_mt", EmptyArrayMT)
	t.Set("array_mt", ArrayMT)
	t.Set("_NAME", "cjson")
	t.Set("_VERSION", "2.1.0.14")
	return t
}
