package splitclients

import "testing"

// What real nginx chose with split_clients $arg_a $v {10% a; 25.55% b; 0.5% c; * rest;}.
func TestChoose(t *testing.T) {
	parts := []Part{{429496729, "a"}, {1526860818, "b"}, {1548335654, "c"}, {0, "rest"}}
	for text, want := range map[string]string{
		"1": "b", "3": "rest", "5": "rest", "8": "a", "9": "rest", "10": "a", "11": "b", "12": "rest",
		"abc": "a", "abcd": "b", "abcde": "rest", "": "a",
	} {
		if got := Choose(text, parts...); got != want {
			t.Errorf("Choose(%q) = %q, want %q", text, got, want)
		}
	}
	if got := Choose("3", parts[:3]...); got != "" {
		t.Errorf("beyond all parts there is %q", got)
	}
}
