package ngx

import (
	"encoding/binary"
	"testing"
)

// Two bytes of a number are often those of one character in UTF-8, too; the number of
// nanoseconds since 1970 has such pairs for minutes.
func TestIntegerAttributes(t *testing.T) {
	numbers := []int64{0, 1, -1, 403, 1<<63 - 1, 1_795_357_668_314_589_000}
	for shift := 0; shift < 56; shift += 8 {
		numbers = append(numbers, 0x80C2<<shift, 0x9FDF<<shift)
	}
	for shift := 0; shift < 40; shift += 8 {
		numbers = append(numbers, 0x8080F1<<shift, 0x8082E0<<shift)
	}
	for _, number := range numbers {
		raw := string(binary.LittleEndian.AppendUint64(nil, uint64(number)))
		if got, ok := integer(raw); !ok || got != number {
			t.Errorf("%q is %d, %t, not %d", raw, got, ok, number)
		}
	}
	for _, raw := range []string{"", "\x01", "\x01\x00\x00\x00\x00\x00\x00\x00\x00"} {
		if got, ok := integer(raw); ok {
			t.Errorf("%q is %d", raw, got)
		}
	}
}
