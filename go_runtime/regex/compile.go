package regex

import (
	"slices"
	"unicode/utf8"
)

// op says what an instruction does.
type op uint8

const (
	opByte      op = iota // the byte low
	opByteFold            // the byte low or high
	opSet                 // a byte of set
	opUSet                // a character of chars
	opText                // text
	opTextFold            // text, which is in lower case, in either case
	opRepeat              // unit, min to max times
	opSplit               // go on, and at x if that fails; with set, go on only with a byte of it
	opSplitLazy           // go to x, and on if that fails
	opJump                // to x
	opOpen                // start of group n
	opClose               // end of group n
	opReturn              // end of a recursion of group n
	opCall                // recursion: of group n, to x
	opReference           // what one of groups has matched
	opAssert              // where
	opKeep                // the match starts here
	opCount               // register x = 0
	opLoop                // another round of a counted loop, or on at y
	opRound               // register x + 1
	opMark                // register x = position
	opProgress            // back to x if the position is not that in register y
	opBarrier             // start of an atomic group or assertion; at x if it fails
	opCut                 // end of an atomic group
	opHold                // end of an assertion that holds
	opDeny                // end of an assertion that must not hold; at x then
	opBack                // n characters back
	opIfSet               // on if one of groups is set, else at x
	opIfCalled            // on if in a recursion of group n (-1: of any), else at x
	opFail
	opVerb // n
	opMatch
)

// mode is how a repeated unit takes its characters.
type mode uint8

const (
	greedy mode = iota
	lazy
	possessive
)

// nowhere is a target that stands for failing.
const nowhere = -1

// instruction is a step of a program; which fields count depends on op.
type instruction struct {
	op        op
	unit      op // of opRepeat: opByte, opByteFold, opSet, opUSet, opText
	mode      mode
	where     place
	fold      bool
	low, high byte
	next      int16 // of opRepeat: the byte that has to follow, or -1
	n, x, y   int32
	min, max  int32
	set       *bits
	of        *operand
}

// operand is what few instructions have.
type operand struct {
	chars  *charSet
	text   string
	groups []int
}

// compiler makes a program of a tree.
type compiler struct {
	parser    *parser
	program   []instruction
	registers int
	starts    map[int]int32 // where groups begin
	calls     []int         // opCalls to be given their targets
	called    map[int]bool
}

func compile(p *parser, root *node) *Regex {
	p.work = 0
	c := &compiler{parser: p, registers: 3*(p.groups+1) + 1, starts: map[int]int32{}, called: map[int]bool{}}
	c.findCalled(root)
	c.emit(root, nil)
	c.add(instruction{op: opMatch})
	for _, at := range c.calls {
		c.program[at].x = c.starts[int(c.program[at].n)]
	}
	re := &Regex{program: c.program, flags: p.flags, groups: p.groups, parsedGroups: p.groups, registers: c.registers}
	if p.flags&Longest != 0 {
		re.groups = 0
	}
	if first, canBeEmpty := c.first(root); !canBeEmpty {
		re.first, re.hasFirst = first, true
	}
	re.required, re.requiredOther = -1, -1
	if text, fold := c.required(root); text != "" {
		last := text[len(text)-1]
		re.required, re.requiredOther = int(last), int(last)
		if fold {
			re.requiredOther = int(swapCase(last))
		}
	}
	re.least = least(root)
	re.anchored = p.flags&Anchored != 0 || anchored(root)
	return re
}

// findCalled notes which groups recursions call.
func (c *compiler) findCalled(n *node) {
	if n.kind == recursion {
		c.called[n.number] = true
	}
	if n.condition.assert != nil {
		c.findCalled(n.condition.assert)
	}
	for _, sub := range n.subs {
		c.findCalled(sub)
	}
}

func (c *compiler) add(in instruction) int {
	c.program = append(c.program, in)
	return len(c.program) - 1
}

func (c *compiler) here() int32 { return int32(len(c.program)) }

func (c *compiler) register() int32 {
	c.registers++
	return int32(c.registers - 1)
}

// emit adds the code of a node. follow are the bytes that what comes behind it can begin with; nil if that is not
// known, or can be nothing.
func (c *compiler) emit(n *node, follow *bits) {
	switch n.kind {
	case literal, class, anyByte:
		c.add(c.unit(n))
	case assertion:
		c.add(instruction{op: opAssert, where: n.where})
	case sequence:
		c.sequence(n.subs, follow)
	case choice:
		c.choice(n.subs, nil, follow)
	case group:
		c.group(n, follow)
	case atomic:
		c.atomic(n.subs[0], follow)
	case look:
		c.look(n)
	case repeat:
		c.repeat(n, follow)
	case reference:
		c.add(instruction{op: opReference, of: &operand{groups: n.groups}, fold: n.fold})
	case recursion:
		c.calls = append(c.calls, c.add(instruction{op: opCall, n: int32(n.number)}))
	case conditional:
		c.conditional(n, follow)
	case keep:
		c.add(instruction{op: opKeep})
	case lineEnd:
		c.lineEnd()
	case verb:
		c.verb(n.name)
	}
}

// unit returns the instruction for one character, or a text.
func (c *compiler) unit(n *node) instruction {
	switch {
	case n.kind == anyByte:
		return instruction{op: opSet, set: &allBytes}
	case n.kind == class && (!c.parser.utf() || n.set.onlyASCII()):
		return instruction{op: opSet, set: &n.set.low}
	case n.kind == class:
		return instruction{op: opUSet, of: &operand{chars: n.set}}
	case len(n.text) > 1:
		return instruction{op: opText, of: &operand{text: n.text}}
	case n.fold:
		return instruction{op: opByteFold, low: n.text[0], high: swapCase(n.text[0])}
	}
	return instruction{op: opByte, low: n.text[0]}
}

// sequence emits items one after the other; characters in a row become one text.
func (c *compiler) sequence(items []*node, follow *bits) {
	for i := 0; i < len(items); {
		end, fold := i, false
		for end < len(items) && items[end].kind == literal {
			fold = fold || items[end].fold
			end++
		}
		if end-i < 2 || fold && c.parser.utf() {
			c.emit(items[i], c.following(items[i], items[i+1:], follow))
			i++
			continue
		}
		c.text(items[i:end], fold)
		i = end
	}
}

// text emits characters in a row. Those that have one case only are not changed by lowering.
func (c *compiler) text(items []*node, fold bool) {
	text := make([]byte, 0, len(items))
	for i, item := range items {
		if fold && !item.fold && swapCase(item.text[0]) != item.text[0] { // (?i) ends in the middle
			if i > 0 {
				c.text(items[:i], true)
			}
			c.emit(item, nil)
			if i+1 < len(items) {
				c.text(items[i+1:], true)
			}
			return
		}
		if fold {
			text = append(text, lowerCase(item.text[0]))
		} else {
			text = append(text, item.text...)
		}
	}
	switch {
	case len(items) == 1:
		c.emit(items[0], nil)
	case fold:
		c.add(instruction{op: opTextFold, of: &operand{text: string(text)}})
	default:
		c.add(instruction{op: opText, of: &operand{text: string(text)}})
	}
}

// following returns what can follow an item, for those items that make use of it.
func (c *compiler) following(item *node, rest []*node, follow *bits) *bits {
	if item.kind == literal || item.kind == class || item.kind == assertion {
		return nil
	}
	found, canBeEmpty := c.firstOf(rest)
	if !canBeEmpty {
		return &found
	}
	if follow == nil {
		return nil
	}
	found.union(follow)
	return &found
}

// choice emits alternatives; back, if there, holds how far each goes back first.
func (c *compiler) choice(subs []*node, back []int, follow *bits) {
	var ends []int
	for i, sub := range subs {
		split := -1
		if i+1 < len(subs) {
			split = c.add(instruction{op: opSplit})
			if first, canBeEmpty := c.first(sub); !canBeEmpty && back == nil {
				c.program[split].set = &first
			}
		}
		if back != nil {
			c.add(instruction{op: opBack, n: int32(back[i])})
		}
		c.emit(sub, follow)
		if split >= 0 {
			ends = append(ends, c.add(instruction{op: opJump}))
			c.program[split].x = c.here()
		}
	}
	for _, end := range ends {
		c.program[end].x = c.here()
	}
}

func (c *compiler) group(n *node, follow *bits) {
	if n.number == 0 {
		c.emit(n.subs[0], follow)
		return
	}
	number := int32(n.number)
	called := c.called[n.number]
	if called {
		follow = nil
	}
	if n.selfReferring {
		c.add(instruction{op: opBarrier, x: nowhere})
		defer func() { c.add(instruction{op: opCut}) }()
	}
	if _, again := c.starts[n.number]; !again {
		c.starts[n.number] = c.here()
	}
	c.add(instruction{op: opOpen, n: number})
	c.emit(n.subs[0], follow)
	c.add(instruction{op: opClose, n: number})
	if called {
		c.add(instruction{op: opReturn, n: number})
	}
}

func (c *compiler) atomic(n *node, follow *bits) {
	if n.kind == repeat && n.max != 0 && !n.lazy && isUnit(n.subs[0]) {
		c.repeatUnit(n, possessive)
		return
	}
	c.add(instruction{op: opBarrier, x: nowhere})
	c.emit(n, follow)
	c.add(instruction{op: opCut})
}

// look emits a lookahead or lookbehind.
func (c *compiler) look(n *node) {
	start := c.add(instruction{op: opBarrier, x: nowhere})
	c.lookBody(n)
	if !n.negated {
		c.add(instruction{op: opHold})
		return
	}
	c.add(instruction{op: opDeny, x: nowhere})
	c.program[start].x = c.here()
}

func (c *compiler) lookBody(n *node) {
	if !n.behind {
		c.emit(n.subs[0], nil)
		return
	}
	alternatives := branches(n.subs[0])
	back := make([]int, len(alternatives))
	for i, branch := range alternatives {
		back[i], _ = c.parser.fixedLength(branch, nil)
	}
	c.choice(alternatives, back, nil)
}

// isUnit says whether a node matches exactly one character.
func isUnit(n *node) bool { return n.kind == literal || n.kind == class || n.kind == anyByte }

func (c *compiler) repeat(n *node, follow *bits) {
	body := n.subs[0]
	switch {
	case n.max == 0:
		over := c.add(instruction{op: opJump}) // a recursion may still call groups inside
		c.emit(body, nil)
		c.program[over].x = c.here()
	case n.min == 1 && n.max == 1:
		c.emit(body, follow)
	case isUnit(body):
		how := greedy
		if n.lazy {
			how = lazy
		}
		if first, _ := c.first(body); follow != nil && !first.meets(follow) {
			how = possessive
		}
		c.repeatUnit(n, how)
		if how == greedy && follow != nil {
			c.program[len(c.program)-1].next = only(follow)
		}
	case n.max == 1:
		split := c.split(n, follow)
		c.emit(body, follow)
		c.program[split].x = c.here()
	case n.max == unlimited && n.min <= 1:
		c.loop(n, follow)
	default:
		c.counted(n)
	}
}

// only returns the one byte of a set, or -1 if it has not exactly one.
func only(set *bits) int16 {
	found := int16(-1)
	for b := range 256 {
		if set.has(byte(b)) {
			if found >= 0 {
				return -1
			}
			found = int16(b)
		}
	}
	return found
}

func (c *compiler) repeatUnit(n *node, how mode) {
	in := c.unit(n.subs[0])
	in.unit, in.op, in.mode = in.op, opRepeat, how
	in.min, in.max, in.next = int32(n.min), int32(n.max), -1
	c.add(in)
}

// split emits the choice between a body and what is behind it; it needs no way back where only one of them can
// begin with the byte that is there.
func (c *compiler) split(n *node, follow *bits) int {
	if n.lazy {
		return c.add(instruction{op: opSplitLazy})
	}
	at := c.add(instruction{op: opSplit})
	if first, canBeEmpty := c.first(n.subs[0]); !canBeEmpty {
		c.program[at].set = &first
		c.program[at].fold = follow != nil && !first.meets(follow)
	}
	return at
}

// loop emits x* and x+. A round that gets nowhere ends it.
func (c *compiler) loop(n *node, follow *bits) {
	body := n.subs[0]
	first, canBeEmpty := c.first(body)
	inner := (*bits)(nil)
	if follow != nil && !canBeEmpty {
		first.union(follow)
		inner = &first
	}
	split := -1
	start := c.here()
	if n.min == 0 {
		split = c.split(n, follow)
	}
	mark := int32(0)
	if canBeEmpty {
		mark = c.register()
		c.add(instruction{op: opMark, x: mark})
	}
	c.emit(body, inner)
	if n.min == 0 {
		c.again(canBeEmpty, start, mark)
		c.program[split].x = c.here()
		return
	}
	over := -1
	if canBeEmpty { // on to the choice only if there was progress
		progress := c.here() + 2
		c.add(instruction{op: opProgress, x: progress, y: mark})
		over = c.add(instruction{op: opJump})
	}
	split = c.split(n, follow)
	c.add(instruction{op: opJump, x: start})
	c.program[split].x = c.here()
	if over >= 0 {
		c.program[over].x = c.here()
	}
}

// again emits the way back to the start of a loop.
func (c *compiler) again(canBeEmpty bool, start, mark int32) {
	if canBeEmpty {
		c.add(instruction{op: opProgress, x: start, y: mark})
		return
	}
	c.add(instruction{op: opJump, x: start})
}

// counted emits x{n,m}.
func (c *compiler) counted(n *node) {
	_, canBeEmpty := c.first(n.subs[0])
	counter := c.register()
	c.add(instruction{op: opCount, x: counter})
	how := greedy
	if n.lazy {
		how = lazy
	}
	loop := c.add(instruction{op: opLoop, x: counter, mode: how, min: int32(n.min), max: int32(n.max)})
	mark := int32(0)
	if canBeEmpty {
		mark = c.register()
		c.add(instruction{op: opMark, x: mark})
	}
	c.add(instruction{op: opRound, x: counter})
	c.emit(n.subs[0], nil)
	if canBeEmpty && n.max == unlimited {
		c.add(instruction{op: opProgress, x: int32(loop), y: mark, n: counter, min: int32(n.min)})
	} else {
		c.add(instruction{op: opJump, x: int32(loop)})
	}
	c.program[loop].y = c.here()
}

func (c *compiler) conditional(n *node, follow *bits) {
	var test int
	switch n.condition.kind {
	case never:
		test = c.add(instruction{op: opJump})
	case groupIsSet:
		test = c.add(instruction{op: opIfSet, of: &operand{groups: n.condition.groups}})
	case inRecursion:
		test = c.add(instruction{op: opIfCalled, n: -1})
	case inRecursionOf:
		test = c.add(instruction{op: opIfCalled, of: &operand{groups: n.condition.groups}})
	case assertionHolds:
		test = c.assertion(n.condition.assert)
	}
	c.emit(n.subs[0], follow)
	end := c.add(instruction{op: opJump})
	c.program[test].x = c.here()
	if len(n.subs) > 1 {
		c.emit(n.subs[1], follow)
	}
	c.program[end].x = c.here()
}

// assertion emits one that is a condition. The instruction whose x is where to go on if it does not hold is
// returned.
func (c *compiler) assertion(n *node) int {
	start := c.add(instruction{op: opBarrier, x: nowhere})
	c.lookBody(n)
	if !n.negated {
		c.add(instruction{op: opHold})
		return start
	}
	deny := c.add(instruction{op: opDeny})
	c.program[start].x = c.here()
	return deny
}

// lineEnd emits \R.
func (c *compiler) lineEnd() {
	c.add(instruction{op: opBarrier, x: nowhere})
	set := &charSet{}
	set.low, _ = namedBits("v")
	set.high = verticalSpaces
	pair := &node{kind: sequence, subs: []*node{{kind: literal, text: "\r"}, {kind: literal, text: "\n"}}}
	c.choice([]*node{pair, {kind: class, set: set}}, nil, nil)
	c.add(instruction{op: opCut})
}

// Verbs that say what failing behind them does.
const (
	verbCommit = iota
	verbPrune
	verbSkip
)

func (c *compiler) verb(name string) {
	switch name {
	case "ACCEPT":
		c.add(instruction{op: opMatch})
	case "COMMIT":
		c.add(instruction{op: opVerb, n: verbCommit})
	case "PRUNE":
		c.add(instruction{op: opVerb, n: verbPrune})
	case "SKIP":
		c.add(instruction{op: opVerb, n: verbSkip})
	default:
		c.add(instruction{op: opFail})
	}
}

// first returns the bytes that a match of a node can begin with, and whether it can be empty.
func (c *compiler) first(n *node) (found bits, canBeEmpty bool) {
	if c.parser.flags&Longest != 0 {
		return allBytes, true // what it can't do is an error where it gets there
	}
	switch n.kind {
	case literal:
		found.add(n.text[0])
		if n.fold {
			found.add(swapCase(n.text[0]))
		}
		return found, false
	case class:
		return c.firstOfSet(n.set), false
	case anyByte:
		return allBytes, false
	case lineEnd:
		found.addRange('\n', '\r')
		found.add(0x85)
		found.add(0xc2)
		found.add(0xe2)
		return found, false
	case sequence:
		return c.firstOf(n.subs)
	case choice, conditional:
		canBeEmpty = n.kind == conditional && len(n.subs) < 2
		for _, sub := range n.subs {
			more, empty := c.first(sub)
			found.union(&more)
			canBeEmpty = canBeEmpty || empty
		}
		return found, canBeEmpty
	case group, atomic:
		return c.first(n.subs[0])
	case repeat:
		if n.max == 0 {
			return found, true
		}
		found, canBeEmpty = c.first(n.subs[0])
		return found, canBeEmpty || n.min == 0
	case reference, recursion:
		return allBytes, true
	case verb:
		if n.name == "F" {
			return found, false
		}
		return allBytes, true
	}
	return found, true
}

// recurses says whether there is a recursion in a node.
func recurses(n *node) bool {
	return n.kind == recursion || slices.ContainsFunc(n.subs, recurses)
}

// firstOf is first for items one after the other.
func (c *compiler) firstOf(items []*node) (found bits, canBeEmpty bool) {
	for _, item := range items {
		if item.kind == verb && item.name != "F" {
			return allBytes, true // a match can end here, and failing goes elsewhere
		}
		if item.kind == recursion || item.kind == look && recurses(item) {
			return allBytes, true // that it gets nowhere is an error
		}
		more, empty := c.first(item)
		found.union(&more)
		if !empty {
			return found, false
		}
	}
	return found, true
}

func (c *compiler) firstOfSet(set *charSet) bits {
	if !c.parser.utf() || set.onlyASCII() {
		return set.low
	}
	found := set.low
	found[2], found[3] = ^uint64(0), ^uint64(0)
	return found
}

// required returns a text that is in every match of a node: the last that can be found.
func (c *compiler) required(n *node) (text string, fold bool) {
	switch n.kind {
	case literal:
		return n.text, n.fold
	case sequence:
		for i := len(n.subs) - 1; i >= 0; i-- {
			if n.subs[i].kind == verb {
				return "", false
			}
			if text == "" {
				text, fold = c.required(n.subs[i])
			}
		}
		return text, fold
	case group, atomic:
		return c.required(n.subs[0])
	case repeat:
		if n.min > 0 {
			return c.required(n.subs[0])
		}
	}
	return "", false
}

// anchored says whether every match of a node starts at the start of the subject, or where the search does.
func anchored(n *node) bool {
	switch n.kind {
	case assertion:
		return n.where == subjectStart || n.where == matchStart
	case sequence:
		for _, sub := range n.subs {
			if sub.kind == look || sub.kind == keep {
				continue
			}
			return anchored(sub)
		}
	case choice:
		for _, sub := range n.subs {
			if !anchored(sub) {
				return false
			}
		}
		return true
	case group, atomic:
		return anchored(n.subs[0])
	case repeat:
		return n.min > 0 && anchored(n.subs[0])
	}
	return false
}

// back returns the place a number of characters before another one, or -1.
func back(s string, pos, count int, utf bool) int {
	if !utf {
		return max(pos-count, -1)
	}
	for ; count > 0; count-- {
		if pos == 0 {
			return -1
		}
		pos--
		for pos > 0 && !utf8.RuneStart(s[pos]) {
			pos--
		}
	}
	return pos
}
