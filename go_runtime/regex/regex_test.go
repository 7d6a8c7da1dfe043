package regex

import (
	"strings"
	"testing"
	"time"
)

// TestWhatTakesTooLongEnds runs matches that would take ages, or all memory, and whose subjects are long.
func TestWhatTakesTooLongEnds(t *testing.T) {
	const patience = 20 * time.Second // on a busy machine; each takes less than one
	for _, c := range []struct {
		pattern, subject string
		want             error
	}{
		{"(a+)+$", strings.Repeat("a", 40) + "!", ErrMatchLimit},
		{"(?:a|b)*?z", strings.Repeat("ab", 50_000), ErrMatchLimit},
		{"(?:.|\n)*[yz]", strings.Repeat("ab", 2_000_000), ErrRecursionLimit},
		{"(x(?1)?y)+", strings.Repeat("x", 100_000), ErrRecursionLimit},
		{"(?:x(?1)?y|(x(?1)?[yz]))+", strings.Repeat("x", 3_000), ErrMatchLimit},
		{`(.*)\1\1[yz]`, strings.Repeat("x", 20_000), ErrMatchLimit},
		{`\w*+\w*+-`, strings.Repeat("x", 500_000) + "!-", ErrMatchLimit},
		{".*.*.*=[xy]", strings.Repeat("a", 200_000), ErrMatchLimit},
		{`^(?:.*?,){11}P`, strings.Repeat("1,2,3,4,5,6,7,8,9,10,11,12,", 1), nil},
	} {
		re, err := Compile(c.pattern, 0)
		if err != nil {
			t.Fatal(err)
		}
		start := time.Now()
		if _, err := re.Match(c.subject, 0, nil); err != c.want {
			t.Errorf("%s: %v, want %v", c.pattern, err, c.want)
		}
		if took := time.Since(start); took > patience {
			t.Errorf("%s took %v", c.pattern, took)
		}
	}
}

// TestPatternsThatAreTooComplicated compiles what would take ages to measure, or to nest.
func TestPatternsThatAreTooComplicated(t *testing.T) {
	var chain strings.Builder
	for i := range 40 {
		next := string(rune('0'+(i+2)/10)) + string(rune('0'+(i+2)%10))
		chain.WriteString("((?" + next + ")(?" + next + "))?")
	}
	for _, c := range []struct{ pattern, want string }{
		{"(?<=" + strings.Repeat("(", 300) + "a", errTooDeep},
		{strings.Repeat("(", 100_000), errTooDeep},
		{chain.String() + "(a)?(?<=(?1))", errTooComplicated},
	} {
		if _, err := Compile(c.pattern, 0); err == nil || !strings.HasPrefix(err.Error(), c.want) {
			t.Errorf("%.30s…: %v, want %s", c.pattern, err, c.want)
		}
	}
}

// TestMatchesFromAPlace looks for matches behind a place of the subject, which is seen as a whole.
func TestMatchesFromAPlace(t *testing.T) {
	for _, c := range []struct {
		pattern string
		from    int
		want    int // where the match starts, -1 for none
	}{
		{"b", 2, 3}, {"^b", 1, -1}, {`\Gb`, 1, 1}, {`\bb`, 1, -1}, {"(?<=a)b", 1, 1}, {"", 4, 4}, {"b", 4, -1},
	} {
		re, err := Compile(c.pattern, 0)
		if err != nil {
			t.Fatal(err)
		}
		found, err := re.Match("abcb", c.from, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := append(found, -1)[0]; got != c.want {
			t.Errorf("%s from %d: at %d, want %d", c.pattern, c.from, got, c.want)
		}
	}
	re, _ := Compile("a", 0)
	if _, err := re.Match("abc", 4, nil); err != ErrBadOffset {
		t.Errorf("behind the end: %v", err)
	}
}
