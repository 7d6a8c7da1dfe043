package cidr

import "testing"

func TestParse(t *testing.T) {
	for text, want := range map[string]Addr{
		"1.2.3.4":         "\x01\x02\x03\x04",
		"010.0.0.1":       "\x0a\x00\x00\x01",
		"1..2.3":          "\x01\x00\x02\x03",
		"1.2.3":           "",
		"1.2.3.4.5":       "",
		"1.2.3.256":       "",
		"1.2.3.4 ":        "",
		"255.255.255.255": "",
		"":                "",
		"::1":             "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\x01",
		"1:2:3:4:5:6:7:8": "\x00\x01\x00\x02\x00\x03\x00\x04\x00\x05\x00\x06\x00\x07\x00\x08",
		"1:2:3:4:5:6:7":   "",
		"::ffff:10.0.0.1": "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff\x0a\x00\x00\x01",
		"[::1]":           "",
		"12345::":         "",
		"1::2::3":         "",
	} {
		if got := Parse(text); got != want {
			t.Errorf("Parse(%q) = %q, want %q", text, got, want)
		}
	}
	for _, text := range []string{"1.2.3.4:80", "[::1]:80", "1.2.3.4"} {
		if ParsePort(text) == "" {
			t.Errorf("ParsePort(%q) is none", text)
		}
	}
	for _, text := range []string{"1.2.3.4:0", "1.2.3.4:70000", "[::1]", "1.2.3.4:x", "x:80"} {
		if got := ParsePort(text); got != "" {
			t.Errorf("ParsePort(%q) = %q", text, got)
		}
	}
}

func TestNets(t *testing.T) {
	list := ParseList("10.0.0.0/9", "192.168.1.1", "2001:db8::/33", "0.0.0.0/32")
	for text, want := range map[string]bool{
		"10.127.255.255": true, "10.128.0.0": false, "192.168.1.1": true, "192.168.1.2": false,
		"2001:db8:7fff::": true, "2001:db8:8000::": false, "::ffff:10.0.0.1": true, "0.0.0.0": true,
	} {
		if got := list.Has(Parse(text)); got != want {
			t.Errorf("Has(%q) = %v", text, got)
		}
	}
}

func TestForwarded(t *testing.T) {
	trusted := ParseList("127.0.0.1", "10.2.0.0/16")
	peer := Parse("127.0.0.1")
	for _, c := range []struct {
		lines     []string
		recursive bool
		want      string
	}{
		{nil, true, ""},
		{[]string{"10.0.0.1"}, true, "10.0.0.1"},
		{[]string{"192.168.1.1, 10.2.0.1"}, true, "192.168.1.1"},
		{[]string{"192.168.1.1, 10.2.0.1"}, false, "10.2.0.1"},
		{[]string{"10.3.0.1,10.2.0.1"}, true, "10.3.0.1"},
		{[]string{"garbage"}, true, ""},
		{[]string{"unknown, 10.2.0.1"}, true, "10.2.0.1"},
		{[]string{"10.2.0.1, garbage"}, true, ""},
		{[]string{"10.0.0.1,"}, true, "10.0.0.1"},
		{[]string{"10.0.0.1", "10.2.0.9"}, true, "10.0.0.1"},
		{[]string{"10.0.0.1", "10.2.0.9"}, false, "10.2.0.9"},
		{[]string{"10.0.0.1:8080"}, true, "10.0.0.1:8080"},
	} {
		if _, got, _ := Forwarded(peer, c.lines, trusted, c.recursive); got != c.want {
			t.Errorf("Forwarded(%q, %v) = %q, want %q", c.lines, c.recursive, got, c.want)
		}
	}
	if _, _, found := Forwarded(Parse("8.8.8.8"), []string{"1.2.3.4"}, trusted, true); found {
		t.Error("a peer that is not trusted was believed")
	}
}
