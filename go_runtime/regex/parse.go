package regex

import (
	"strings"
	"unicode/utf8"
)

// The parser follows PCRE 8.39, its messages and the places that these name.

const (
	maxNesting    = 250
	maxQuantifier = 65535
	maxName       = 32
	// maxGroups bounds the recursion of a pattern's tree and what it takes in memory.
	maxGroups = 10000
)

// name is a named group. One name can stand for several groups.
type name struct {
	text   string
	number int
}

// parser parses one pattern.
type parser struct {
	pattern string
	pos     int
	flags   Flags
	lazy    bool // (?U): quantifiers are lazy, and greedy with a ?
	groups  int  // how many there are so far
	nesting int
	names   []name
	// open are the groups around the place that is parsed; open[0] is the whole pattern.
	open []*openGroup
	// conditions is the number of conditional groups around that place.
	conditions int
	// behind is the number of lookbehinds around that place.
	behind int
	// later are errors that PCRE sees in its second pass only, in the order of the pattern.
	later []*SyntaxError
	// references are checked when all groups are known.
	references []*pending
	dupNames   bool
	topBack    int // the highest number that is referred to
	bodies     map[int]*node
	work       int // how often nodes were measured
}

// openGroup is a group whose end has not been reached.
type openGroup struct {
	number int
	// before is what has been parsed of the branch, to tell whether a recursion can get here without a step.
	before []*node
	// look says that it is an assertion.
	look bool
	// branches are the alternatives that are over.
	branches []*node
	// first says that no group before has the same number, and selfReferring that a reference inside means it.
	first, selfReferring bool
}

// pending is a reference by name or number to a group that may come later.
type pending struct {
	node   *node
	name   string
	offset int
	set    func(groups []int)
}

// fail ends the parsing with an error at a byte of the pattern.
func (p *parser) fail(message string, offset int) {
	panic(&SyntaxError{message, min(offset, len(p.pattern))})
}

// postpone keeps an error for the case that there is no other one.
func (p *parser) postpone(message string, offset int) {
	p.later = append(p.later, &SyntaxError{message, min(offset, len(p.pattern))})
}

// parse returns the tree of a pattern.
func parse(pattern string, flags Flags) (p *parser, root *node, err error) {
	if end := strings.IndexByte(pattern, 0); end >= 0 {
		pattern = pattern[:end] // PCRE takes it for the end
	}
	p = &parser{pattern: pattern, flags: flags, bodies: map[int]*node{}}
	defer func() {
		switch found := recover().(type) {
		case nil:
		case *SyntaxError:
			err = found
		case *Unsupported:
			err = found
		default:
			panic(found)
		}
	}()
	p.startOptions()
	p.dupNames = p.flags&DupNames != 0
	if p.flags&UTF != 0 && p.flags&NoUTFCheck == 0 {
		p.checkUTF8()
	}
	root = p.alternatives(0)
	if p.pos < len(p.pattern) {
		p.postpone(errUnmatchedParen, p.pos)
	}
	p.resolve()
	p.bodies[0] = root
	p.checkLookbehinds(root)
	if len(p.later) > 0 {
		first := p.later[0]
		for _, other := range p.later {
			if other.Offset < first.Offset {
				first = other
			}
		}
		return p, nil, first
	}
	return p, root, nil
}

// startOptions reads (*UTF8) and the like at the start of a pattern.
func (p *parser) startOptions() {
	for strings.HasPrefix(p.pattern[p.pos:], "(*") {
		rest := p.pattern[p.pos+2:]
		end := strings.IndexByte(rest, ')')
		if end < 0 {
			return
		}
		switch word := rest[:end]; {
		case word == "UTF8" || word == "UTF":
			p.flags |= UTF
		case word == "NO_START_OPT" || word == "NO_AUTO_POSSESS" || word == "LF":
		case word == "UCP" || word == "CR" || word == "CRLF" || word == "ANY" || word == "ANYCRLF" ||
			word == "BSR_ANYCRLF" || word == "BSR_UNICODE" || strings.HasPrefix(word, "LIMIT_"):
			panic(&Unsupported{"(*" + word + ")"})
		default:
			return
		}
		p.pos += end + 3
	}
}

func (p *parser) checkUTF8() {
	for i := 0; i < len(p.pattern); {
		r, size := utf8.DecodeRuneInString(p.pattern[i:])
		if r == utf8.RuneError && size == 1 {
			p.fail(errInvalidUTF8, i)
		}
		i += size
	}
}

func (p *parser) utf() bool { return p.flags&UTF != 0 }

func (p *parser) more() bool { return p.pos < len(p.pattern) }

// at says whether the rest of the pattern begins with a text.
func (p *parser) at(text string) bool { return strings.HasPrefix(p.pattern[p.pos:], text) }

// peek returns the byte some places on, or 0 at the end.
func (p *parser) peek(ahead int) byte {
	if p.pos+ahead < len(p.pattern) {
		return p.pattern[p.pos+ahead]
	}
	return 0
}

// character reads the next character.
func (p *parser) character() rune {
	if !p.utf() {
		p.pos++
		return rune(p.pattern[p.pos-1])
	}
	r, size := utf8.DecodeRuneInString(p.pattern[p.pos:])
	p.pos += size
	return r
}

// Numbers for alternatives.
const (
	noGroup = -1
	inLook  = -2
)

// alternatives parses branches up to a closing parenthesis or the end. Options that are set inside hold up to
// there. number is that of the group, 0 for the pattern inLook for an assertion, and
// noGroup for what is none.
func (p *parser) alternatives(number int) *node {
	content, _ := p.inside(number, true)
	return content
}

// inside is alternatives; it says, too, whether a backreference inside means the group itself.
func (p *parser) inside(number int, first bool) (content *node, selfReferring bool) {
	if p.nesting++; p.nesting > maxNesting+1 {
		p.fail(errTooDeep, p.pos)
	}
	flags, lazy := p.flags, p.lazy
	group := &openGroup{number: number, look: number == inLook, first: first}
	p.open = append(p.open, group)
	branches := []*node{p.branch(group)}
	for p.at("|") {
		p.pos++
		group.branches = branches
		branches = append(branches, p.branch(group))
	}
	p.open = p.open[:len(p.open)-1]
	p.flags, p.lazy = flags, lazy
	p.nesting--
	if len(branches) == 1 {
		return branches[0], group.selfReferring
	}
	return &node{kind: choice, subs: branches}, group.selfReferring
}

// branch parses one alternative.
func (p *parser) branch(group *openGroup) *node {
	group.before = group.before[:0:0]
	var items []*node
	// previous says whether the last item can be repeated.
	previous := false
	for p.more() {
		if p.skipped() {
			continue
		}
		c := p.pattern[p.pos]
		if c == '|' || c == ')' {
			break
		}
		if quantifier, ok := p.quantifier(); ok {
			if !previous {
				p.fail(errNothingToRepeat, quantifier.at)
			}
			last := len(items) - 1
			items[last] = p.repeated(items[last], quantifier)
			previous = false
		} else if c == '\\' && p.peek(1) == 'Q' {
			p.pos += 2
			for p.more() && !p.at("\\E") {
				items = append(items, p.literal(p.character()))
				previous = true
			}
			if p.more() {
				p.pos += 2
			}
		} else if c == '\\' && p.peek(1) == 'E' {
			p.pos += 2
		} else if p.at("[[:<:]]") || p.at("[[:>:]]") {
			items = append(items, p.wordEdge()...)
			previous = true
		} else {
			item, repeatable := p.item()
			if item != nil {
				items = append(items, item)
			}
			previous = repeatable
		}
		group.before = items
	}
	if len(items) == 1 {
		return items[0]
	}
	return &node{kind: sequence, subs: items}
}

// skipped passes over a comment, and with (?x) over white space.
func (p *parser) skipped() bool {
	if p.at("(?#") {
		end := strings.IndexByte(p.pattern[p.pos:], ')')
		if end < 0 {
			p.fail(errMissingCommentEnd, len(p.pattern))
		}
		p.pos += end + 1
		return true
	}
	if p.flags&Extended == 0 {
		return false
	}
	switch c := p.pattern[p.pos]; {
	case c == ' ' || c >= '\t' && c <= '\r':
		p.pos++
		return true
	case c == '#':
		for p.more() && p.pattern[p.pos] != '\n' {
			p.pos++
		}
		if p.more() {
			p.pos++
		}
		return true
	}
	return false
}

// quantifier is a *, +, ? or {n,m} with what follows it.
type quantifier struct {
	min, max         int
	lazy, possessive bool
	at               int // where PCRE sees that there is nothing to repeat
}

// quantifier reads one, if there is one.
func (p *parser) quantifier() (found quantifier, ok bool) {
	found.at = p.pos
	switch p.pattern[p.pos] {
	case '*':
		found.max = unlimited
	case '+':
		found.min, found.max = 1, unlimited
	case '?':
		found.max = 1
	case '{':
		if !p.isCounted() {
			return found, false
		}
		found.min, found.max = p.counts()
		found.at = p.pos
	default:
		return found, false
	}
	p.pos++
	for p.flags&Extended != 0 && p.more() && p.pattern[p.pos] != '(' && p.skipped() {
		continue
	}
	found.lazy = p.lazy
	if p.at("+") {
		found.possessive, found.lazy = true, false
		p.pos++
	} else if p.at("?") {
		found.lazy = !p.lazy
		p.pos++
	}
	return found, true
}

// isCounted says whether a { begins a quantifier: {n}, {n,}, {n,m}.
func (p *parser) isCounted() bool {
	i := p.pos + 1
	digits := func() bool {
		start := i
		for i < len(p.pattern) && isDigit(p.pattern[i]) {
			i++
		}
		return i > start
	}
	if !digits() || i == len(p.pattern) {
		return false
	}
	if p.pattern[i] == '}' {
		return true
	}
	if p.pattern[i] != ',' {
		return false
	}
	i++
	digits()
	return i < len(p.pattern) && p.pattern[i] == '}'
}

// counts reads the numbers of {n,m} and leaves the position at the closing brace.
func (p *parser) counts() (least, most int) {
	p.pos++
	number := func() int {
		n := 0
		for p.more() && isDigit(p.pattern[p.pos]) {
			n = n*10 + int(p.pattern[p.pos]-'0')
			p.pos++
			if n > maxQuantifier {
				p.fail(errQuantifierTooBig, p.pos)
			}
		}
		return n
	}
	least = number()
	if p.at("}") {
		return least, least
	}
	p.pos++
	if p.at("}") {
		return least, unlimited
	}
	most = number()
	if most < least {
		p.fail(errQuantifierOrder, p.pos)
	}
	return least, most
}

// repeated returns an item with its quantifier.
func (p *parser) repeated(item *node, q quantifier) *node {
	if item.kind == conditional && item.condition.kind == never {
		p.postpone(errDefineRepeat, q.at)
	}
	if item.kind == look {
		if q.min > 0 {
			return item
		}
		if q.max > 1 || q.max == unlimited {
			q.max = 1
		}
	}
	found := &node{kind: repeat, subs: []*node{item}, min: q.min, max: q.max, lazy: q.lazy}
	if q.possessive {
		return &node{kind: atomic, subs: []*node{found}}
	}
	return found
}

// literal is one character.
func (p *parser) literal(r rune) *node {
	fold := p.flags&Caseless != 0
	if !p.utf() {
		return &node{kind: literal, text: string([]byte{byte(r)}), fold: fold && swapCase(byte(r)) != byte(r)}
	}
	if fold {
		set := &charSet{}
		set.addRange(r, r, true, true)
		if !set.single(r) {
			return &node{kind: class, set: set}
		}
	}
	return &node{kind: literal, text: string(r)}
}

// single says whether a character is the only one of a set that has it.
func (s *charSet) single(r rune) bool {
	count := len(s.high)
	for c := 0; c < 256; c++ {
		if s.low.has(byte(c)) {
			count++
		}
	}
	return count == 1 && s.has(r)
}

// item parses what is neither a quantifier nor the end of a branch. It says whether that can be repeated.
func (p *parser) item() (*node, bool) {
	switch p.pattern[p.pos] {
	case '^':
		p.pos++
		if p.flags&Multiline != 0 {
			return &node{kind: assertion, where: lineStart}, false
		}
		return &node{kind: assertion, where: subjectStart}, false
	case '$':
		p.pos++
		if p.flags&Multiline != 0 {
			return &node{kind: assertion, where: lineEndPlace}, false
		}
		return &node{kind: assertion, where: finalLineEnd}, false
	case '.':
		p.pos++
		return p.dot(), true
	case '[':
		return p.bracket(), true
	case '(':
		return p.parenthesis()
	case '\\':
		return p.escapeItem()
	case ']':
		if p.flags&JavaScript != 0 {
			p.fail(errBracketInJavaScript, p.pos)
		}
	}
	return p.literal(p.character()), true
}

// dot is the set of `.`.
func (p *parser) dot() *node {
	set := &charSet{highAll: true}
	set.low = allBytes
	if p.flags&DotAll == 0 {
		set.low[0] &^= 1 << '\n'
	}
	return &node{kind: class, set: set}
}

func isDigit(c byte) bool { return c >= '0' && c <= '9' }

func isHex(c byte) bool { return isDigit(c) || c|0x20 >= 'a' && c|0x20 <= 'f' }

func hexValue(c byte) int {
	if isDigit(c) {
		return int(c - '0')
	}
	return int(c|0x20-'a') + 10
}
