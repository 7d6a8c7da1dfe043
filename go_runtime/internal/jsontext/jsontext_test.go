package jsontext_test

import (
	"encoding/json"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/jsontext"
)

// plain turns a value into what encoding/json makes.
func plain(value any) any {
	switch value := value.(type) {
	case *jsontext.Object:
		members := map[string]any{}
		for _, key := range value.Keys {
			members[key] = plain(value.Members[key])
		}
		return members
	case []any:
		items := []any{}
		for _, item := range value {
			items = append(items, plain(item))
		}
		return items
	default:
		return value
	}
}

var texts = []string{
	`{}`, `[]`, `null`, `true`, `false`, `0`, `-0`, `1.5e3`, `1E-2`, `""`, `"a"`, ` { "a" : [ 1 , {"b":null} ] } `, `"\u00e9\ud83d\ude00\n\/\\"`, `"é"`,
	``, ` `, `{`, `}`, `[1,]`, `{"a":1,}`, `{a:1}`, `{"a" 1}`, `[1 2]`, `01`, `1.`, `.5`, `+1`, `1e`, `--1`, `tru`, `nulL`, `"`, `"\x"`, `"\u12"`, `"\u12g4"`, "\"\n\"",
	`1 2`, `{} {}`, `'a'`, `// x`, `[`, `"a`, `"\`, `1e400`, "\ufeff{}", `nan`, `Infinity`,
}

func TestLikeEncodingJSON(t *testing.T) {
	inputs := append([]string(nil), texts...)
	random := rand.New(rand.NewPCG(1, 1))
	pieces := []string{`{`, `}`, `[`, `]`, `,`, `:`, `"a"`, `"b"`, `1`, `-2.5e1`, `true`, `null`, ` `, `"\u0041"`, `x`}
	for range 50000 {
		var b strings.Builder
		for range random.IntN(9) {
			b.WriteString(pieces[random.IntN(len(pieces))])
		}
		inputs = append(inputs, b.String())
	}
	for _, text := range inputs {
		var want any
		wantErr := json.Unmarshal([]byte(text), &want)
		got, err := jsontext.Parse(text)
		if err != nil && strings.Contains(err.Error(), "stands there twice") {
			continue // encoding/json takes the last one
		}
		if (err == nil) != (wantErr == nil) || err == nil && !reflect.DeepEqual(plain(got), want) {
			t.Errorf("%q: %v, %v; encoding/json: %v, %v", text, plain(got), err, want, wantErr)
		}
	}
}

func TestStricterThanEncodingJSON(t *testing.T) {
	for text, want := range map[string]string{
		`{"a":1,"a":2}`: `invalid JSON at byte 10: the name "a" stands there twice`,
		`"\ud83d"`:      "invalid JSON at byte 7: half of a surrogate pair in a string",
		strings.Repeat("[", 300) + strings.Repeat("]", 300): "invalid JSON at byte 201: nested too deeply",
	} {
		if _, err := jsontext.Parse(text); err == nil || err.Error() != want {
			t.Errorf("%.20q: %v, want %s", text, err, want)
		}
	}
}

func TestKeysKeepTheirOrder(t *testing.T) {
	value, err := jsontext.Parse(`{"z":1,"a":2,"m":3}`)
	if err != nil || strings.Join(value.(*jsontext.Object).Keys, "") != "zam" {
		t.Error(value, err)
	}
}
