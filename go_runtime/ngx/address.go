package ngx

import (
	"strconv"
	"strings"
)

// BinaryRemoteAddr is ngx.var.binary_remote_addr: the client's address in 4 or 16
// bytes.
func (r *Request) BinaryRemoteAddr() string { return binaryAddress(r.RemoteAddr()) }

// binaryAddress is an address as its bytes, "" for what is none. (Package netip
// would add a tenth of a megabyte to every module.)
func binaryAddress(address string) string {
	if !strings.Contains(address, ":") {
		return string(byteParts(address))
	}
	address, _, _ = strings.Cut(address, "%")
	head, tail, gap := strings.Cut(address, "::")
	front, back := wordParts(head), wordParts(tail)
	missing := 16 - len(front) - len(back)
	if missing < 0 || missing > 0 != gap {
		return ""
	}
	return string(front) + strings.Repeat("\x00", missing) + string(back)
}

// byteParts are the four numbers of an IPv4 address.
func byteParts(s string) []byte {
	parts := strings.Split(s, ".")
	out := make([]byte, 0, 4)
	for _, part := range parts {
		n, err := strconv.ParseUint(part, 10, 8)
		if err != nil || len(parts) != 4 {
			return nil
		}
		out = append(out, byte(n))
	}
	return out
}

// wordParts are the bytes of a part of an IPv6 address, which can end in an IPv4
// address.
func wordParts(s string) []byte {
	var out []byte
	for part := range strings.SplitSeq(s, ":") {
		switch n, err := strconv.ParseUint(part, 16, 16); {
		case part == "":
		case strings.Contains(part, "."):
			out = append(out, byteParts(part)...)
		case err == nil:
			out = append(out, byte(n>>8), byte(n))
		}
	}
	return out
}
