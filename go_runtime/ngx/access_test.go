package ngx

import "testing"

func TestNetworks(t *testing.T) {
	for _, check := range []struct {
		network, client string
		want            bool
	}{
		{"all", "10.1.2.3", true},
		{"all", "2001:db8::1", true},
		{"unix:", "10.1.2.3", false},
		{"10.1.2.3", "10.1.2.3", true},
		{"10.1.2.3", "10.1.2.4", false},
		{"10.0.0.0/8", "10.255.0.1", true},
		{"10.9.9.9/8", "10.255.0.1", true},
		{"10.0.0.0/8", "11.0.0.1", false},
		{"10.1.2.0/23", "10.1.3.255", true},
		{"10.1.2.0/23", "10.1.4.0", false},
		{"10.1.2.0/32", "10.1.2.1", false},
		{"0.0.0.0/0", "10.1.2.3", true},
		{"0.0.0.0/0", "::1", false},
		{"::/0", "10.1.2.3", false},
		{"::/0", "::1", true},
		{"2001:db8::/33", "2001:db8:7fff::1", true},
		{"2001:db8::/33", "2001:db8:8000::1", false},
		{"10.0.0.0/8", "::ffff:10.1.2.3", true},
		{"::ffff:10.1.2.3", "::ffff:10.1.2.3", false},
		{"::ffff:10.1.2.3", "10.1.2.3", false},
		{"::1", "::1", true},
		{"all", "", true},
		{"10.0.0.0/8", "", false},
	} {
		r := &Request{remote: field{"source.address", check.client, true}}
		if got := r.clientIn([]string{check.network}); got != check.want {
			t.Errorf("%s in %s: %v", check.client, check.network, got)
		}
	}
}
