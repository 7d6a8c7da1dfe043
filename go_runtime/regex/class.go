package regex

import "strings"

// bracket parses a character class.
func (p *parser) bracket() *node {
	if _, ok := p.posixEnd(); ok {
		if p.peek(1) != ':' {
			p.fail(errPosixCollating, p.pos)
		}
		p.fail(errPosixOutside, p.pos)
	}
	p.pos++
	for p.at("\\E") || p.at("\\Q\\E") {
		p.pos += 2
		if p.at("\\E") {
			p.pos += 2
		}
	}
	negated := false
	if p.at("^") {
		negated = true
		p.pos++
		for p.at("\\E") || p.at("\\Q\\E") {
			p.pos += 2
			if p.at("\\E") {
				p.pos += 2
			}
		}
	}
	if p.at("]") && p.flags&JavaScript != 0 {
		p.pos++
		set := &charSet{}
		set.finish(negated)
		return &node{kind: class, set: set}
	}
	set := &charSet{}
	p.members(set)
	set.finish(negated)
	return &node{kind: class, set: set}
}

// wordEdge is [[:<:]] or [[:>:]]: a word boundary with a word behind it, or in front. A quantifier counts for the
// second of the two only.
func (p *parser) wordEdge() []*node {
	start := p.at("[[:<:]]")
	p.pos += len("[[:<:]]")
	word := &charSet{}
	word.low, _ = namedBits("w")
	side := &node{kind: look, behind: !start, subs: []*node{{kind: class, set: word}}}
	return []*node{{kind: assertion, where: wordBoundary}, side}
}

// posixEnd says whether [:name:] or the like stands at the position, and where it ends.
func (p *parser) posixEnd() (end int, ok bool) {
	terminator := p.peek(1)
	if terminator != ':' && terminator != '.' && terminator != '=' {
		return 0, false
	}
	for i := p.pos + 2; i < len(p.pattern); i++ {
		c := p.pattern[i]
		next := byte(0)
		if i+1 < len(p.pattern) {
			next = p.pattern[i+1]
		}
		switch {
		case c == '\\' && (next == ']' || next == '\\'):
			i++
		case c == '[' && next == terminator || c == ']':
			return 0, false
		case c == terminator && next == ']':
			return i, true
		}
	}
	return 0, false
}

// members parses what stands in a class, up to and with its closing bracket.
func (p *parser) members(set *charSet) {
	quoted, first := false, true
	for {
		if !p.more() {
			p.fail(errMissingBracket, p.pos)
		}
		if quoted && p.at("\\E") {
			quoted = false
			p.pos += 2
			continue
		}
		if !quoted {
			if p.at("]") && !first {
				p.pos++
				return
			}
			if p.at("[") && p.posixMember(set) {
				first = false
				continue
			}
			if p.at("\\Q") {
				quoted = true
				p.pos += 2
				continue
			}
			if p.at("\\E") {
				p.pos += 2
				continue
			}
		}
		first = false
		low, isSet := p.member(set, quoted)
		if isSet {
			continue
		}
		high := low
		if again, ok := p.rangeEnd(&quoted); ok {
			high = again
			if high < low {
				p.fail(errRangeOrder, p.pos-1)
			}
		}
		set.addRange(low, high, p.flags&Caseless != 0, p.utf())
	}
}

// member parses a character of a class, or adds the set that an escape stands for.
func (p *parser) member(set *charSet, quoted bool) (r rune, isSet bool) {
	if quoted || !p.at("\\") {
		return p.character(), false
	}
	found := p.escape(true)
	switch found.letter {
	case 0:
		return found.character, false
	case 'd', 'D', 's', 'S', 'w', 'W', 'h', 'H', 'v', 'V', 'p', 'P':
		p.addEscape(set, found.letter)
		return 0, true
	case 'N':
		p.fail(errNInClass, p.pos-1)
	case 'B', 'R', 'X':
		return rune(found.letter), false
	}
	return rune(found.letter), false
}

// rangeEnd parses `-x` behind a character of a class.
func (p *parser) rangeEnd(quoted *bool) (r rune, ok bool) {
	start := p.pos
	for !*quoted && p.at("\\E") {
		p.pos += 2
	}
	if *quoted && p.at("\\E") {
		*quoted = false
		p.pos += 2
	}
	if *quoted || !p.at("-") {
		if !p.at("-") {
			p.pos = start
		}
		return 0, false
	}
	hyphen := p.pos
	p.pos++
	for p.at("\\E") {
		p.pos += 2
	}
	if p.at("\\Q") {
		p.pos += 2
		if p.at("\\E") {
			p.pos += 2
		} else {
			*quoted = true
		}
	}
	if !p.more() || !*quoted && p.at("]") {
		p.pos = hyphen
		return 0, false
	}
	if *quoted || !p.at("\\") {
		if !*quoted && p.at("[") {
			if _, posix := p.posixEnd(); posix {
				p.fail(errClassRange, p.pos)
			}
		}
		return p.character(), true
	}
	found := p.escape(true)
	switch found.letter {
	case 0:
		return found.character, true
	case 'b':
		return '\b', true
	case 'd', 'D', 's', 'S', 'w', 'W', 'h', 'H', 'v', 'V', 'p', 'P', 'N', 'R', 'X', 'B':
		p.fail(errClassRange, p.pos-1)
	}
	return rune(found.letter), true
}

// posixMember adds [:name:], if it stands at the position.
func (p *parser) posixMember(set *charSet) bool {
	end, ok := p.posixEnd()
	if !ok {
		return false
	}
	if p.peek(1) != ':' {
		p.fail(errPosixCollating, p.pos)
	}
	name, negated := strings.CutPrefix(p.pattern[p.pos+2:end], "^")
	found, known := namedBits(name)
	if !known || len(name) < 2 {
		p.fail(errUnknownPosix, end-len(name))
	}
	if p.flags&Caseless != 0 && (name == "lower" || name == "upper") {
		found, _ = namedBits("alpha")
	}
	if negated {
		found.invert()
		set.highAll = true
	}
	set.low.union(&found)
	p.pos = end + 2
	return true
}
