// Package cidr reads addresses and networks as nginx does, and finds the client
// behind trusted proxies.
//
// What it takes was read off nginx 1.22. (Package netip would add a tenth of a
// megabyte to every module, and takes other texts.)
package cidr

import (
	"strconv"
	"strings"
)

// Addr is an address: 4 or 16 bytes, none for no address.
type Addr string

// none4 is what nginx takes for no IPv4 address.
const none4 = "\xff\xff\xff\xff"

// Parse reads an address without a port. 255.255.255.255 is none.
func Parse(text string) Addr {
	if a := parse4(text); a != "" {
		return a
	}
	return parse6(text)
}

// ParsePort reads an address that may have a port: "1.2.3.4:5", "[::1]:5".
func ParsePort(text string) Addr {
	if a := Parse(text); a != "" {
		return a
	}
	host, port := "", ""
	if rest, ok := strings.CutPrefix(text, "["); ok {
		if host, port, ok = strings.Cut(rest, "]:"); !ok {
			return ""
		}
	} else if host, port, ok = strings.Cut(text, ":"); !ok {
		return ""
	}
	if n, err := strconv.ParseUint(port, 10, 16); err != nil || n == 0 {
		return ""
	}
	return Parse(host)
}

// parse4 reads four numbers with dots between them; a number that is missing is 0.
func parse4(text string) Addr {
	var b [4]byte
	at, number := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; {
		case '0' <= c && c <= '9':
			if number = number*10 + int(c-'0'); number > 255 {
				return ""
			}
		case c == '.' && at < 3:
			b[at] = byte(number)
			at, number = at+1, 0
		default:
			return ""
		}
	}
	b[3] = byte(number)
	if at < 3 || string(b[:]) == none4 {
		return ""
	}
	return Addr(b[:])
}

// parse6 reads an IPv6 address.
func parse6(text string) Addr {
	head, tail, gap := strings.Cut(text, "::")
	front, ok := words(head, !gap)
	back, backOK := words(tail, true)
	missing := 16 - len(front) - len(back)
	if !ok || !backOK || missing < 0 || (missing > 0) != gap {
		return ""
	}
	return Addr(front + strings.Repeat("\x00", missing) + back)
}

// words are the bytes of numbers with colons between them; the last of them may be
// an IPv4 address.
func words(text string, last bool) (bytes string, ok bool) {
	for more := text != ""; more; {
		var word string
		word, text, more = strings.Cut(text, ":")
		if last && !more && strings.Contains(word, ".") {
			a := parse4(word)
			return bytes + string(a), a != ""
		}
		n, err := strconv.ParseUint(word, 16, 16)
		if err != nil || len(word) > 4 {
			return "", false
		}
		bytes += string([]byte{byte(n >> 8), byte(n)})
	}
	return bytes, true
}

// mapped is the IPv4 address that an IPv6 address stands for, else the address.
func (a Addr) mapped() Addr {
	if rest, ok := strings.CutPrefix(string(a), "\x00\x00\x00\x00\x00\x00\x00\x00\x00\x00\xff\xff"); ok {
		return Addr(rest)
	}
	return a
}

// Or4 is the address as nginx looks it up: IPv4 for one in IPv6's form, and
// 255.255.255.255 for none.
func (a Addr) Or4() Addr {
	if a == "" {
		return none4
	}
	return a.mapped()
}

// Net is a network.
type Net struct {
	addr Addr
	bits int
}

// ParseNet reads "10.0.0.0/8", or an address, which is a network of its own. It is
// for texts that the compiler has checked.
func ParseNet(text string) Net {
	address, length, ok := strings.Cut(text, "/")
	a := Parse(address)
	if address == "255.255.255.255" {
		a = none4
	}
	bits := 8 * len(a)
	if ok {
		bits, _ = strconv.Atoi(length)
	}
	return Net{a, bits}
}

// Addr is the network's first address, as it was written.
func (n Net) Addr() Addr { return n.addr }

// IsIPv6 reports whether it is a network of IPv6.
func (n Net) IsIPv6() bool { return len(n.addr) == 16 }

// Has reports whether an address is in the network.
func (n Net) Has(a Addr) bool {
	if len(a) != len(n.addr) {
		return false
	}
	whole := n.bits / 8
	if a[:whole] != n.addr[:whole] {
		return false
	}
	rest := n.bits % 8
	return rest == 0 || (a[whole]^n.addr[whole])>>(8-rest) == 0
}

// List is networks.
type List []Net

// ParseList reads networks.
func ParseList(texts ...string) List {
	found := make(List, len(texts))
	for i, text := range texts {
		found[i] = ParseNet(text)
	}
	return found
}

// Has reports whether an address is in one of the networks.
func (l List) Has(a Addr) bool {
	a = a.mapped()
	for _, n := range l {
		if n.Has(a) {
			return true
		}
	}
	return false
}

// Forwarded is the client's address behind trusted proxies: the last of the
// addresses in the lines of a header like X-Forwarded-For if the peer is trusted;
// recursive: the last one that is not trusted itself. It reports whether that is
// another one than the peer's, and gives its text.
func Forwarded(peer Addr, lines []string, trusted List, recursive bool) (a Addr, text string, found bool) {
	a = peer
	for i := len(lines) - 1; i >= 0; i-- {
		for rest := lines[i]; rest != ""; {
			if !trusted.Has(a) {
				return a, text, found
			}
			rest = strings.TrimRight(rest, " ,")
			cut := strings.LastIndexAny(rest, " ,") + 1
			next := ParsePort(rest[cut:])
			if next == "" {
				return a, text, found
			}
			a, text, found = next, rest[cut:], true
			rest = rest[:cut]
			if !recursive {
				return a, text, found
			}
		}
	}
	return a, text, found
}
