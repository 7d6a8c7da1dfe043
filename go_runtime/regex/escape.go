package regex

import (
	"strings"
	"unicode"
)

// escape is what a backslash stands for: a character, or something with a letter.
type escape struct {
	character rune
	letter    byte // 0 for a character
	number    int  // of a group, for 'g'
}

// escapeItem parses a backslash with what follows, outside of a class.
func (p *parser) escapeItem() (*node, bool) {
	start := p.pos
	switch next := p.peek(1); {
	case next == 'g' && (p.peek(2) == '<' || p.peek(2) == '\''):
		return p.subroutine(), true
	case next == 'k' && (p.peek(2) == '{' || p.peek(2) == '<' || p.peek(2) == '\''):
		return p.namedReference(start + 2), true
	case next == 'k':
		p.fail(errAfterK, start+1)
	case next == 'g' && p.peek(2) == '{' && !p.bracedNumber():
		return p.namedReference(start + 2), true
	}
	found := p.escape(false)
	switch found.letter {
	case 0:
		return p.literal(found.character), true
	case 'g':
		return p.numberedReference(found.number), true
	case 'A':
		return &node{kind: assertion, where: subjectStart}, false
	case 'G':
		return &node{kind: assertion, where: matchStart}, false
	case 'Z':
		return &node{kind: assertion, where: finalLineEnd}, false
	case 'z':
		return &node{kind: assertion, where: subjectEnd}, false
	case 'b':
		return &node{kind: assertion, where: wordBoundary}, false
	case 'B':
		return &node{kind: assertion, where: notWordBoundary}, false
	case 'K':
		return &node{kind: keep}, false
	case 'C':
		if p.behind > 0 && p.utf() {
			p.postpone(errSingleByteBehind, p.pos)
		}
		return &node{kind: anyByte}, true
	case 'R':
		return &node{kind: lineEnd}, true
	case 'X':
		panic(&Unsupported{"\\X"})
	case 'N':
		set := &charSet{highAll: true, low: allBytes}
		set.low[0] &^= 1 << '\n'
		return &node{kind: class, set: set}, true
	}
	set := &charSet{}
	p.addEscape(set, found.letter)
	return &node{kind: class, set: set}, true
}

// bracedNumber says whether \g{ is followed by a number and }.
func (p *parser) bracedNumber() bool {
	for i := p.pos + 3; i < len(p.pattern) && p.pattern[i] != '}'; i++ {
		if c := p.pattern[i]; c != '-' && c != '+' && !isDigit(c) {
			return false
		}
	}
	return true
}

// addEscape adds \d, \W, \p{…} and the like to a set; the position stands behind the letter.
func (p *parser) addEscape(set *charSet, letter byte) {
	switch letter {
	case 'p', 'P':
		set.addProperty(p.property(letter == 'P'))
		return
	case 'h', 'H':
		p.addSpaces(set, "h", letter == 'H', horizontalSpaces)
		return
	case 'v', 'V':
		p.addSpaces(set, "v", letter == 'V', verticalSpaces)
		return
	}
	found, _ := namedBits(strings.ToLower(string(letter)))
	if letter < 'a' {
		found.invert()
		set.highAll = true
	}
	set.low.union(&found)
}

var (
	horizontalSpaces = []runeRange{{0x1680, 0x1680}, {0x180e, 0x180e}, {0x2000, 0x200a}, {0x202f, 0x202f}, {0x205f, 0x205f}, {0x3000, 0x3000}}
	verticalSpaces   = []runeRange{{0x2028, 0x2029}}
)

// addSpaces adds \h or \v, or all else.
func (p *parser) addSpaces(set *charSet, name string, negated bool, high []runeRange) {
	found, _ := namedBits(name)
	if !negated {
		set.low.union(&found)
		set.high = append(set.high, high...)
		return
	}
	found.invert()
	set.low.union(&found)
	next := rune(256)
	for _, in := range high {
		set.high = append(set.high, runeRange{next, in.low - 1})
		next = in.high + 1
	}
	set.high = append(set.high, runeRange{next, unicode.MaxRune})
}

// escape reads a backslash and what belongs to it. Its error places are PCRE's.
func (p *parser) escape(inClass bool) escape {
	p.pos++
	if !p.more() {
		p.fail(errBackslashAtEnd, p.pos)
	}
	if c := p.pattern[p.pos]; c >= 0x80 {
		return escape{character: p.character()}
	}
	c := p.pattern[p.pos]
	p.pos++
	switch c {
	case 'a':
		return escape{character: 7}
	case 'e':
		return escape{character: 27}
	case 'f':
		return escape{character: '\f'}
	case 'n':
		return escape{character: '\n'}
	case 'r':
		return escape{character: '\r'}
	case 't':
		return escape{character: '\t'}
	case 'l', 'L':
		p.fail(errPerlEscape, p.pos-1)
	case 'U':
		if p.flags&JavaScript == 0 {
			p.fail(errPerlEscape, p.pos-1)
		}
		return escape{character: 'U'}
	case 'u':
		return escape{character: p.javaScriptUnicode()}
	case 'x':
		return escape{character: p.hex()}
	case 'c':
		return escape{character: p.control()}
	case 'o':
		return escape{character: p.bracedOctal()}
	case 'g':
		if !inClass {
			return escape{letter: 'g', number: p.groupNumber()}
		}
	case '0':
		return escape{character: p.octal(int32(0), 2)}
	case '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return p.digits(inClass)
	case 'N':
		if p.at("{") && !p.isCounted() {
			p.fail(errPerlEscape, p.pos-1)
		}
		return escape{letter: c}
	case 'b':
		if inClass {
			return escape{character: '\b'}
		}
		return escape{letter: c}
	case 'A', 'B', 'C', 'D', 'G', 'H', 'K', 'P', 'R', 'S', 'V', 'W', 'X', 'Z', 'd', 'h', 'p', 's', 'v', 'w', 'z':
		return escape{letter: c}
	case 'E', 'Q', 'k':
		if inClass {
			return escape{letter: c}
		}
	}
	return escape{character: rune(c)}
}

// digits reads \1 and the like: a reference, or an octal number.
func (p *parser) digits(inClass bool) escape {
	first := p.pos - 1
	if !inClass {
		n, i := 0, first
		for ; i < len(p.pattern) && isDigit(p.pattern[i]); i++ {
			if n = n*10 + int(p.pattern[i]-'0'); n > 1<<26 {
				for i < len(p.pattern) && isDigit(p.pattern[i]) {
					i++
				}
				p.fail(errNumberTooBig, i-1)
			}
		}
		if n < 8 || n <= p.groups {
			p.pos = i
			return escape{letter: 'g', number: n}
		}
	}
	if c := p.pattern[first]; c >= '8' {
		return escape{character: rune(c)}
	}
	return escape{character: p.octal(rune(p.pattern[first]-'0'), 2)}
}

// octal reads up to a number of octal digits more.
func (p *parser) octal(value rune, most int) rune {
	for ; most > 0 && p.more() && p.pattern[p.pos] >= '0' && p.pattern[p.pos] <= '7'; most-- {
		value = value*8 + rune(p.pattern[p.pos]-'0')
		p.pos++
	}
	if !p.utf() && value > 0xff {
		p.fail(errOctalTooLarge, p.pos-1)
	}
	return value
}

// bracedOctal reads \o{…}.
func (p *parser) bracedOctal() rune {
	if !p.at("{") {
		p.fail(errOctalOpen, p.pos-1)
	}
	if p.peek(1) == '}' {
		p.fail(errDigitsMissing, p.pos-1)
	}
	p.pos++
	return p.bracedCode(8, errOctalBrace)
}

// hex reads what follows \x.
func (p *parser) hex() rune {
	if p.flags&JavaScript != 0 {
		if isHex(p.peek(0)) && isHex(p.peek(1)) {
			p.pos += 2
			return rune(hexValue(p.pattern[p.pos-2])*16 + hexValue(p.pattern[p.pos-1]))
		}
		return 'x'
	}
	if p.at("{") {
		if p.peek(1) == '}' {
			p.fail(errDigitsMissing, p.pos+1)
		}
		p.pos++
		return p.bracedCode(16, errHexBrace)
	}
	value := 0
	for i := 0; i < 2 && p.more() && isHex(p.pattern[p.pos]); i++ {
		value = value*16 + hexValue(p.pattern[p.pos])
		p.pos++
	}
	return rune(value)
}

// bracedCode reads the digits of a code point up to the closing brace.
func (p *parser) bracedCode(base int, unclosed string) rune {
	value, tooLarge := 0, false
	for p.more() && isHex(p.pattern[p.pos]) && hexValue(p.pattern[p.pos]) < base {
		value = value*base + hexValue(p.pattern[p.pos])
		p.pos++
		if limit := 0x10ffff; value > limit || !p.utf() && value > 0xff {
			tooLarge = true
			break
		}
	}
	if tooLarge {
		for p.more() && isHex(p.pattern[p.pos]) && hexValue(p.pattern[p.pos]) < base {
			p.pos++
		}
		p.fail(errCharacterTooLarge, p.pos)
	}
	if !p.at("}") {
		p.fail(unclosed, p.pos)
	}
	if p.utf() && value >= 0xd800 && value <= 0xdfff {
		p.fail(errSurrogate, p.pos)
	}
	p.pos++
	return rune(value)
}

// javaScriptUnicode reads what follows \u, which only JavaScript has.
func (p *parser) javaScriptUnicode() rune {
	if p.flags&JavaScript == 0 {
		p.fail(errPerlEscape, p.pos-1)
	}
	value := 0
	for i := range 4 {
		if !isHex(p.peek(i)) {
			return 'u'
		}
		value = value*16 + hexValue(p.peek(i))
	}
	p.pos += 4
	if !p.utf() && value > 0xff {
		p.fail(errUnicodeEscape, p.pos-1)
	}
	if value >= 0xd800 && value <= 0xdfff {
		p.fail(errSurrogate, p.pos-1)
	}
	return rune(value)
}

// control reads what follows \c.
func (p *parser) control() rune {
	if !p.more() {
		p.fail(errControlAtEnd, p.pos)
	}
	c := p.pattern[p.pos]
	if c > 127 {
		p.fail(errControlNotASCII, p.pos)
	}
	p.pos++
	if c >= 'a' && c <= 'z' {
		c -= 'a' - 'A'
	}
	return rune(c ^ 0x40)
}

// groupNumber reads what follows \g: a number, relative with a sign, maybe in braces.
func (p *parser) groupNumber() int {
	braced := p.at("{")
	if braced {
		p.pos++
	}
	negative := p.at("-")
	if negative {
		p.pos++
	}
	n := 0
	for p.more() && isDigit(p.pattern[p.pos]) {
		if n = n*10 + int(p.pattern[p.pos]-'0'); n > 1<<26 {
			for p.more() && isDigit(p.pattern[p.pos]) {
				p.pos++
			}
			p.fail(errNumberTooBig, p.pos-1)
		}
		p.pos++
	}
	if braced {
		if !p.at("}") {
			p.fail(errAfterG, p.pos)
		}
		p.pos++
	}
	if n == 0 {
		p.fail(errReferenceZero, p.pos-1)
	}
	if negative {
		if n > p.groups {
			p.fail(errNoSuchGroup, p.pos-1)
		}
		n = p.groups - n + 1
	}
	return n
}

// maxProperty is how long PCRE lets the name of a property be.
const maxProperty = 49

// property reads what follows \p or \P.
func (p *parser) property(negated bool) property {
	if !p.more() {
		p.fail(errMalformedProperty, p.pos)
	}
	name := p.pattern[p.pos : p.pos+1]
	if name == "{" {
		p.pos++
		if p.at("^") {
			negated = !negated
			p.pos++
		}
		end := p.pos
		for end < len(p.pattern) && p.pattern[end] != '}' && end-p.pos < maxProperty {
			end++
		}
		if end == len(p.pattern) || p.pattern[end] != '}' {
			p.fail(errMalformedProperty, end)
		}
		name = p.pattern[p.pos:end]
		p.pos = end
	}
	p.pos++
	found := propertyTable(name)
	if found == nil {
		p.fail(errUnknownProperty, p.pos-1)
	}
	return property{found, negated}
}

// propertyTable returns the test for a property: a general category, a script, or one of PCRE's own.
func propertyTable(name string) func(rune) bool {
	switch name {
	case "Any":
		return func(rune) bool { return true }
	case "L&":
		return func(r rune) bool { return unicode.In(r, unicode.Lu, unicode.Ll, unicode.Lt) }
	case "C":
		return func(r rune) bool { return unicode.Is(unicode.C, r) || unassigned(r) }
	case "Cn":
		return unassigned
	case "Xan":
		return func(r rune) bool { return unicode.In(r, unicode.L, unicode.N) }
	case "Xwd":
		return func(r rune) bool { return r == '_' || unicode.In(r, unicode.L, unicode.N) }
	case "Xsp", "Xps":
		return func(r rune) bool {
			return unicode.Is(unicode.Z, r) || r >= '\t' && r <= '\r' || r == 0x85 || r == 0x180e
		}
	case "Xuc":
		return func(r rune) bool {
			return r == '$' || r == '@' || r == '`' || r >= 0xa0 && r <= 0xd7ff || r >= 0xe000
		}
	}
	table := unicode.Categories[name]
	if table == nil || len(name) > 2 || name == "LC" {
		table = unicode.Scripts[name]
	}
	if table == nil {
		return nil
	}
	return func(r rune) bool { return unicode.Is(table, r) }
}

func unassigned(r rune) bool {
	return !unicode.In(r, unicode.L, unicode.M, unicode.N, unicode.P, unicode.S, unicode.Z, unicode.Cc, unicode.Cf, unicode.Co, unicode.Cs)
}
