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

// TestSubstituteBeforeTrailers keeps a piece whose end may be the beginning of a match,
// so that the rest has a place.
func TestSubstituteBeforeTrailers(t *testing.T) {
	r := answered(":status: 200", "content-type: text/html")
	r.SubFilterOnce(false)
	r.SubFilter("needle", "N")
	for _, step := range []struct {
		piece    string
		last     bool
		expected string
	}{{"a need", false, ""}, {"le b", false, "a N b"}, {"c ne", false, ""}, {"", true, "c ne"}} {
		r.OpenPiece([]byte(step.piece), step.last)
		r.Substitute()
		if got, _ := r.ClosePiece(); string(got) != step.expected {
			t.Errorf("%q became %q, not %q", step.piece, got, step.expected)
		}
	}
}

// What nginx with its module substitutions makes of these bodies.
func TestSubstituteLines(t *testing.T) {
	const body = "ab AB ab\nsecond ab line ab\nlast aB"
	tests := []struct {
		with     func(*Request)
		expected string
	}{
		{func(r *Request) { r.SubsFilter("ab", "X", "") }, "X AB X\nsecond X line X\nlast aB"},
		{func(r *Request) { r.SubsFilter("ab", "X", "i") }, "X X X\nsecond X line X\nlast X"},
		{func(r *Request) { r.SubsFilter("ab", "X", "o") }, "X AB ab\nsecond ab line ab\nlast aB"},
		{func(r *Request) { r.SubsFilter("a", "aa", "") }, "aab AB aab\nsecond aab line aab\nlaast aaB"},
		{func(r *Request) { r.SubsFilter("ab\nsecond", "X", "") }, body},
		{func(r *Request) {
			r.SubsFilter("ab", "X", "i")
			r.SubsFilter("X", "YY", "")
		}, "YY YY YY\nsecond YY line YY\nlast YY"},
	}
	for _, test := range tests {
		for size := 1; size <= len(body); size++ {
			r := answered(":status: 200", "content-type: text/html")
			test.with(r)
			var out strings.Builder
			for at := 0; at < len(body); at += size {
				end := min(at+size, len(body))
				r.OpenPiece([]byte(body[at:end]), end == len(body))
				r.Substitute()
				piece, _ := r.ClosePiece()
				out.Write(piece)
			}
			if out.String() != test.expected {
				t.Errorf("pieces of %d: %q, not %q", size, out.String(), test.expected)
			}
		}
	}
}
