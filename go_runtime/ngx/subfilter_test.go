package ngx

import (
	"strings"
	"testing"
)

// filterOf is a subFilter of patterns and replacements.
func filterOf(repeat bool, pairs ...string) *subFilter {
	r := &Request{}
	r.SubFilterOnce(!repeat)
	for i := 0; i < len(pairs); i += 2 {
		r.SubFilter(pairs[i], pairs[i+1])
	}
	return r.out.sub
}

// What nginx 1.22 made of these bodies, whatever the pieces were.
func TestSubstitute(t *testing.T) {
	tests := []struct {
		repeat         bool
		pairs          string
		body, expected string
	}{
		{true, "b 1 abc 2", "xxabc ABC ab abc abcabab", "xx2 2 a1 2 2a1ab"},
		{true, "ab 1 abc 2", "xxabc ABC ab abc abcabab", "xx1c 1C 1 1c 1c11"},
		{true, "abc 2 ab 1", "xxabc ABC ab abc abcabab", "xx2 2 1 2 21ab"},
		{true, "abcd 2 ab 1", "xxabc ABC ab abc abcabab", "xx1c 1C 1 1c 1c1ab"},
		{false, "ab 1 c 2 ab 3", "xxabc ABC ab abc abcabab", "xx12 3C ab abc abcabab"},
		{true, "hello BYE world W", "xxhello world helhello hel", "xxBYE W helBYE hel"},
		{true, "aab X", "aaab aaaab aa", "aX aaX aa"},
	}
	for _, test := range tests {
		for size := 1; size <= len(test.body); size++ {
			sub := filterOf(test.repeat, strings.Fields(test.pairs)...)
			var out strings.Builder
			for at := 0; at < len(test.body); at += size {
				out.WriteString(sub.substitute(test.body[at:min(at+size, len(test.body))], false))
			}
			out.WriteString(sub.substitute("", true))
			if out.String() != test.expected {
				t.Errorf("%s, pieces of %d: %q, not %q", test.pairs, size, out.String(), test.expected)
			}
		}
	}
}

func TestSubstituteKeepsLittle(t *testing.T) {
	sub := filterOf(true, "needle", "")
	if kept := len("x" + "needl"); len(sub.substitute("xneedl", false)) != 1 || len(sub.carry) != kept-1 {
		t.Errorf("%q was kept", sub.carry)
	}
	if got := sub.substitute("x", true); got != "needlx" {
		t.Errorf("then came %q", got)
	}
}

func TestWeakTag(t *testing.T) {
	for tag, expected := range map[string]string{`"a"`: `W/"a"`, `W/"a"`: `W/"a"`, "a": ""} {
		if got := strings.Join(weakTag(tag), ","); got != expected {
			t.Errorf("%s became %s", tag, got)
		}
	}
}
