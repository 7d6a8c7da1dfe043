package regex

import "unicode"

// bits is a set of bytes, or of the code points below 256.
type bits [4]uint64

func (b *bits) add(c byte)      { b[c>>6] |= 1 << (c & 63) }
func (b *bits) has(c byte) bool { return b[c>>6]&(1<<(c&63)) != 0 }

func (b *bits) addRange(low, high int) {
	for c := low; c <= high; c++ {
		b.add(byte(c))
	}
}

func (b *bits) union(other *bits) {
	for i := range b {
		b[i] |= other[i]
	}
}

func (b *bits) meets(other *bits) bool {
	return b[0]&other[0]|b[1]&other[1]|b[2]&other[2]|b[3]&other[3] != 0
}

func (b *bits) invert() {
	for i := range b {
		b[i] = ^b[i]
	}
}

var allBytes = bits{^uint64(0), ^uint64(0), ^uint64(0), ^uint64(0)}

// runeRange is a range of code points, both ends included.
type runeRange struct{ low, high rune }

// property is a Unicode property of \p, or with negated of \P.
type property struct {
	table   func(rune) bool
	negated bool
}

// charSet is a set of characters: bytes, or with UTF code points.
type charSet struct {
	low     bits // below 256
	high    []runeRange
	props   []property
	highAll bool // all from 256 on, which a \D, \S or \W brings in
	negated bool // of those from 256 on; low is negated when the set is finished
}

// has says whether a code point is in the set.
func (s *charSet) has(r rune) bool {
	if r < 256 {
		return s.low.has(byte(r))
	}
	return s.hasHigh(r) != s.negated
}

func (s *charSet) hasHigh(r rune) bool {
	if s.highAll {
		return true
	}
	for _, in := range s.high {
		if in.low <= r && r <= in.high {
			return true
		}
	}
	for _, in := range s.props {
		if in.table(r) != in.negated {
			return true
		}
	}
	return false
}

// onlyASCII says whether no character of more than one byte in UTF-8 is in the set.
func (s *charSet) onlyASCII() bool {
	return s.low[2] == 0 && s.low[3] == 0 && !s.highAll && !s.negated && len(s.high) == 0 && len(s.props) == 0
}

// addRange adds the code points from low to high, with fold in both cases.
func (s *charSet) addRange(low, high rune, fold, utf bool) {
	if !fold {
		s.addPlain(low, high)
		return
	}
	if !utf {
		for c := low; c <= high; c++ {
			s.addPlain(c, c)
			if other := swapCase(byte(c)); other != byte(c) {
				s.low.add(other)
			}
		}
		return
	}
	s.addPlain(low, high)
	for r := low; r <= high; r++ {
		for other := unicode.SimpleFold(r); other != r; other = unicode.SimpleFold(other) {
			if other < low || other > high {
				s.addPlain(other, other)
			}
		}
	}
}

func (s *charSet) addPlain(low, high rune) {
	if low < 256 {
		s.low.addRange(int(low), int(min(high, 255)))
	}
	if high > 255 {
		s.high = append(s.high, runeRange{max(low, 256), high})
	}
}

// addProperty adds the code points with a property.
func (s *charSet) addProperty(p property) {
	for c := rune(0); c < 256; c++ {
		if p.table(c) != p.negated {
			s.low.add(byte(c))
		}
	}
	s.props = append(s.props, p)
}

// finish ends the making of a set: what has been added so far is what is not in it, if negated.
func (s *charSet) finish(negated bool) {
	if negated {
		s.low.invert()
		s.negated = true
	}
}

// swapCase returns an ASCII letter in its other case, and every other byte as it is.
func swapCase(c byte) byte {
	if c|0x20 >= 'a' && c|0x20 <= 'z' {
		return c ^ 0x20
	}
	return c
}

// lowerCase returns an ASCII letter in lower case, and every other byte as it is.
func lowerCase(c byte) byte {
	if c >= 'A' && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

// namedBits returns the bytes of a POSIX class, or of an escape by its letter.
func namedBits(name string) (found bits, ok bool) {
	ranges, ok := namedRanges[name]
	for i := 0; i < len(ranges); i += 2 {
		found.addRange(int(ranges[i]), int(ranges[i+1]))
	}
	return found, ok
}

// namedRanges are the classes' bytes, as pairs of first and last: those of the C locale.
var namedRanges = map[string]string{
	"alpha": "AZaz", "lower": "az", "upper": "AZ", "alnum": "09AZaz", "ascii": "\x00\x7f", "blank": "\t\t  ",
	"cntrl": "\x00\x1f\x7f\x7f", "digit": "09", "graph": "!~", "print": " ~", "punct": "!/:@[`{~",
	"space": "\t\r  ", "word": "09AZ__az", "xdigit": "09AFaf",
	"d": "09", "s": "\t\r  ", "w": "09AZ__az",
	"h": "\t\t  \xa0\xa0", "v": "\n\r\x85\x85",
}

// isWord says whether \w takes a byte.
func isWord(c byte) bool {
	return c|0x20 >= 'a' && c|0x20 <= 'z' || c >= '0' && c <= '9' || c == '_'
}
