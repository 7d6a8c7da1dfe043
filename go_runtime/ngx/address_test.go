package ngx

import (
	"net/netip"
	"testing"
)

func TestBinaryAddress(t *testing.T) {
	for _, address := range []string{
		"127.0.0.1", "0.0.0.0", "255.254.253.252", "::1", "::", "2001:db8::8:800:200c:417a", "fe80::1%eth0", "1:2:3:4:5:6:7:8",
		"::ffff:10.0.0.1", "1::", "2001:db8:0:0:1::", "ff02::1:2",
	} {
		want := netip.MustParseAddr(address).WithZone("").AsSlice()
		if got := binaryAddress(address); got != string(want) {
			t.Errorf("%s: %x, want %x", address, got, want)
		}
	}
	for _, address := range []string{"", "1.2.3", "1.2.3.256", "pipe", "1:2:3"} {
		if got := binaryAddress(address); got != "" {
			t.Errorf("%s: %x", address, got)
		}
	}
}
