package cookie

import (
	"testing"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// What is newer than the library that the comparison with nginx has: samesite.
func TestSameSite(t *testing.T) {
	for site, want := range map[string]string{"Strict": "k=v; HttpOnly; SameSite=Strict; x", "None": "k=v; HttpOnly; SameSite=None; x"} {
		cookie := lua.NewTable(0)
		for name, value := range map[string]lua.Value{"key": "k", "value": "v", "samesite": site, "httponly": true, "extension": "x"} {
			cookie.Set(name, value)
		}
		if line, ok := (&Cookie{}).bake(cookie); !ok || line != want {
			t.Errorf("%s: %q", site, line)
		}
	}
}

func TestWrongField(t *testing.T) {
	cookie := lua.NewTable(0)
	cookie.Set("key", "k")
	cookie.Set("value", true)
	defer func() {
		err, _ := recover().(*lua.Error)
		if err == nil || err.Error() != "attempt to concatenate field 'value' (a boolean value)" {
			t.Errorf("%v", err)
		}
	}()
	(&Cookie{}).bake(cookie)
}
