package regex

import (
	"strings"
	"unicode/utf8"
)

const (
	// maxFrames bounds the memory of one match: 32 MiB.
	maxFrames = 2 << 20
	// maxCalls is how deep recursions may go.
	maxCalls = 5000
	// bytesPerStep is how many bytes that are looked at in one go count as a step, so that a match that looks at
	// long texts again and again comes to an end, too.
	bytesPerStep = 16
	// keptFrames is how large a stack may be that is kept for the next match.
	keptFrames = 1 << 12
	// requiredSearch is how long a subject may be in which PCRE looks for a byte that has to be in a match.
	requiredSearch = 1000
)

// frameKind says what to do when a match comes back to a frame.
type frameKind uint8

const (
	frameBranch  frameKind = iota // go on at pc with pos
	frameGreedy                   // give back one character, down to value
	frameLazy                     // take one character more, value times at most
	frameOne                      // register pc was pos
	frameTwo                      // registers pc and pc+1 were pos and value
	frameBarrier                  // an atomic group or assertion failed
	frameCall                     // a recursion failed
	frameVerb                     // a verb's turn
)

// frame is what a match can come back to.
type frame struct {
	kind       frameKind
	pc         int32
	pos, value int32
}

// call is a recursion that runs.
type call struct {
	group, back, pos int32
	registers        []int32
}

// machine runs a program.
type machine struct {
	re        *Regex
	subject   string
	from      int
	registers []int32
	stack     []frame
	calls     []call
	barrier   int32 // the innermost frame of kind frameBarrier or frameCall
	steps     int   // at this place
	total     int   // at those before
	longest   int32
	skip      int32 // where a verb wants the next try: nowhere for no verb
	err       error
}

// commit is the skip of (*COMMIT): no other try.
const commit = -2

func (m *machine) reset(re *Regex, subject string, from int) {
	m.re, m.subject, m.from = re, subject, from
	m.total, m.err = 0, nil
	if cap(m.registers) < re.registers {
		m.registers = make([]int32, re.registers)
	}
	m.registers = m.registers[:re.registers]
}

func (m *machine) release() {
	m.re, m.subject = nil, ""
	clear(m.calls)
	m.calls = m.calls[:0]
	if cap(m.stack) > keptFrames {
		m.stack = nil
	}
	machines.Put(m)
}

// search tries one place after the other.
func (m *machine) search() (bool, error) {
	re, s := m.re, m.subject
	utf := re.flags&UTF != 0
	lastRequired := -1
	for start := m.from; start <= len(s)-re.least; {
		if re.hasFirst {
			if re.anchored {
				if start == len(s) || !re.first.has(s[start]) {
					return false, nil
				}
			} else {
				for start < len(s) && !re.first.has(s[start]) {
					start++
				}
				if start == len(s) {
					return false, nil
				}
			}
		}
		if re.required >= 0 && lastRequired < start && len(s)-start < requiredSearch {
			if lastRequired = m.findRequired(start); lastRequired < 0 {
				return false, nil
			}
		}
		m.skip = nowhere
		if m.try(start) {
			return true, nil
		}
		if m.total += m.steps; m.total > totalLimit*re.Limit {
			return false, ErrMatchLimit
		}
		if m.err != nil || re.anchored || m.skip == commit {
			return false, m.err
		}
		if int(m.skip) > start {
			start = int(m.skip)
			continue
		}
		start++
		for utf && start < len(s) && !utf8.RuneStart(s[start]) {
			start++
		}
	}
	return false, nil
}

// findRequired returns the last place of the byte that has to be in a match, if that is at start or behind it.
func (m *machine) findRequired(start int) int {
	found := strings.LastIndexByte(m.subject[start:], byte(m.re.required))
	if m.re.requiredOther != m.re.required {
		found = max(found, strings.LastIndexByte(m.subject[start:], byte(m.re.requiredOther)))
	}
	if found < 0 {
		return -1
	}
	return start + found
}

// try matches at one place.
func (m *machine) try(start int) bool {
	for i := range m.registers {
		m.registers[i] = -1
	}
	m.steps = 0
	m.stack, m.calls, m.barrier, m.longest = m.stack[:0], m.calls[:0], nowhere, nowhere
	m.registers[m.keepRegister()] = int32(start)
	end := m.run(start)
	if end < 0 {
		end = int(m.longest)
	}
	if end < 0 || m.err != nil {
		return false
	}
	m.registers[0], m.registers[1] = m.registers[m.keepRegister()], int32(end)
	return true
}

// Groups have two registers for their last match, and one for the start of the next; that of the whole match is
// where it starts.
func (m *machine) openRegister(group int32) int32 { return int32(2*m.re.parsedGroups+2) + group }

func (m *machine) keepRegister() int32 { return m.openRegister(0) }

// push adds a frame.
func (m *machine) push(f frame) {
	if len(m.stack) >= maxFrames && m.err == nil {
		m.err = ErrRecursionLimit
	}
	m.stack = append(m.stack, f)
}

// set changes a register in a way that failing undoes.
func (m *machine) set(register, value int32) {
	m.push(frame{kind: frameOne, pc: register, pos: m.registers[register]})
	m.registers[register] = value
}

// run runs the program at a place. It returns where the match ends, or -1.
func (m *machine) run(pos int) int {
	program, s := m.re.program, m.subject
	pc := int32(0)
	for {
		in := &program[pc]
		switch in.op {
		case opByte:
			if pos < len(s) && s[pos] == in.low {
				pos++
				pc++
				continue
			}
		case opByteFold:
			if pos < len(s) && (s[pos] == in.low || s[pos] == in.high) {
				pos++
				pc++
				continue
			}
		case opSet:
			if pos < len(s) && in.set.has(s[pos]) {
				pos++
				pc++
				continue
			}
		case opUSet:
			if size := uset(in, s, pos); size > 0 {
				pos += size
				pc++
				continue
			}
		case opText:
			if strings.HasPrefix(s[pos:], in.of.text) {
				pos += len(in.of.text)
				pc++
				continue
			}
		case opTextFold:
			if hasPrefixFold(s[pos:], in.of.text) {
				pos += len(in.of.text)
				pc++
				continue
			}
		case opRepeat:
			if end := m.repeat(in, pc, pos); end >= 0 {
				pos = end
				pc++
				continue
			}
		case opSplit:
			if in.set != nil {
				if pos == len(s) || !in.set.has(s[pos]) {
					pc = in.x
					continue
				}
				if in.fold { // what is behind can't begin with this byte
					pc++
					continue
				}
			}
			m.steps++
			m.push(frame{kind: frameBranch, pc: in.x, pos: int32(pos)})
			pc++
			continue
		case opSplitLazy:
			m.steps++
			m.push(frame{kind: frameBranch, pc: pc + 1, pos: int32(pos)})
			pc = in.x
			continue
		case opJump:
			pc = in.x
			continue
		case opAssert:
			if m.holds(in.where, pos) {
				pc++
				continue
			}
		case opFail:
		case opMatch:
			if len(m.calls) > 0 && m.calls[len(m.calls)-1].group == 0 {
				pc = m.leave()
				continue
			}
			if m.re.flags&Longest == 0 {
				return pos
			}
			m.longest = max(m.longest, int32(pos))
		default:
			var ok bool
			if pc, pos, ok = m.step(in, pc, pos); ok {
				continue
			}
		}
		if m.steps > m.re.Limit {
			m.err = ErrMatchLimit
		}
		if pc, pos = m.fail(); pc < 0 || m.err != nil {
			return -1
		}
	}
}

// step runs the rarer instructions.
func (m *machine) step(in *instruction, pc int32, pos int) (nextPC int32, nextPos int, ok bool) {
	switch in.op {
	case opOpen:
		m.set(m.openRegister(in.n), int32(pos))
	case opClose:
		at := 2 * in.n
		m.push(frame{kind: frameTwo, pc: at, pos: m.registers[at], value: m.registers[at+1]})
		m.registers[at], m.registers[at+1] = m.registers[m.openRegister(in.n)], int32(pos)
	case opReturn:
		if len(m.calls) > 0 && m.calls[len(m.calls)-1].group == in.n {
			return m.leave(), pos, true
		}
	case opCall:
		return in.x, pos, m.enter(in.n, pc+1, int32(pos))
	case opReference:
		if m.unfit(ErrUnsupportedInDFA) {
			return pc, pos, false
		}
		end := m.reference(in, pos)
		return pc + 1, end, end >= 0
	case opKeep:
		if m.unfit(ErrUnsupportedInDFA) {
			return pc, pos, false
		}
		m.set(m.keepRegister(), int32(pos))
	case opCount:
		m.set(in.x, 0)
	case opLoop:
		return m.loop(in, pc, pos), pos, true
	case opRound:
		m.set(in.x, m.registers[in.x]+1)
	case opMark:
		m.set(in.x, int32(pos))
	case opProgress:
		if m.registers[in.y] != int32(pos) || in.n > 0 && m.registers[in.n] < in.min {
			return in.x, pos, true
		}
	case opBarrier:
		m.push(frame{kind: frameBarrier, pc: in.x, pos: int32(pos), value: m.barrier})
		m.barrier = int32(len(m.stack) - 1)
	case opCut:
		m.cut()
	case opHold:
		pos = int(m.stack[m.barrier].pos)
		m.cut()
	case opDeny:
		pos = int(m.stack[m.barrier].pos)
		m.unwind()
		return in.x, pos, in.x >= 0
	case opBack:
		pos = back(m.subject, pos, int(in.n), m.re.flags&UTF != 0)
		return pc + 1, pos, pos >= 0
	case opIfSet:
		if m.unfit(ErrConditionInDFA) {
			return pc, pos, false
		}
		return m.either(m.anySet(in.of.groups), pc, in.x), pos, true
	case opIfCalled:
		if in.of != nil && m.unfit(ErrConditionInDFA) {
			return pc, pos, false
		}
		inside := len(m.calls) > 0 && (in.of == nil || m.calls[len(m.calls)-1].group == int32(in.of.groups[0]))
		return m.either(inside, pc, in.x), pos, true
	case opVerb:
		m.push(frame{kind: frameVerb, pc: in.n, pos: int32(pos)})
	}
	return pc + 1, pos, true
}

// unfit says whether the longest match is wanted, and then notes that the pattern can't tell it.
func (m *machine) unfit(why ExecError) bool {
	if m.re.flags&Longest == 0 {
		return false
	}
	m.err = why
	return true
}

func (m *machine) either(yes bool, pc, otherwise int32) int32 {
	if yes {
		return pc + 1
	}
	return otherwise
}

func (m *machine) anySet(groups []int) bool {
	for _, group := range groups {
		if m.registers[2*group+1] >= 0 {
			return true
		}
	}
	return false
}

// fail goes back to the last frame that has another way: where to go on, or -1.
func (m *machine) fail() (pc int32, pos int) {
	for last := len(m.stack) - 1; last >= 0; last-- {
		f := &m.stack[last]
		m.stack = m.stack[:last]
		switch f.kind {
		case frameBranch:
			return f.pc, int(f.pos)
		case frameGreedy:
			if pc, pos, ok := m.giveBack(f); ok {
				return pc, pos
			}
		case frameLazy:
			if pc, pos, ok := m.takeMore(f); ok {
				return pc, pos
			}
		case frameOne:
			m.registers[f.pc] = f.pos
		case frameTwo:
			m.registers[f.pc], m.registers[f.pc+1] = f.pos, f.value
		case frameBarrier:
			m.barrier = f.value
			if f.pc >= 0 {
				return f.pc, int(f.pos)
			}
		case frameCall:
			m.barrier = f.value
			m.calls = m.calls[:len(m.calls)-1]
		case frameVerb:
			m.obey(f)
			return -1, 0
		}
	}
	return -1, 0
}

// obey ends a try as a verb wants it.
func (m *machine) obey(f *frame) {
	switch f.pc {
	case verbCommit:
		m.skip = commit
	case verbSkip:
		m.skip = f.pos
	}
}

// giveBack lets a greedy repeat have one character less.
func (m *machine) giveBack(f *frame) (pc int32, pos int, ok bool) {
	in, least := &m.re.program[f.pc], int(f.value)
	pos = int(f.pos)
	for pos > least {
		m.steps++
		if in.unit == opUSet || in.unit == opText {
			pos = back(m.subject, pos, 1, true)
		} else {
			pos--
		}
		if in.next >= 0 && (pos == len(m.subject) || m.subject[pos] != byte(in.next)) {
			continue
		}
		if pos > least {
			m.stack = m.stack[:len(m.stack)+1] // the frame that was taken off
			f.pos = int32(pos)
		}
		return f.pc + 1, pos, true
	}
	return 0, 0, false
}

// takeMore lets a lazy repeat have one character more.
func (m *machine) takeMore(f *frame) (pc int32, pos int, ok bool) {
	m.steps++
	in := &m.re.program[f.pc]
	end := m.span(in, int(f.pos), 1)
	if end == int(f.pos) {
		return 0, 0, false
	}
	if f.value != 1 {
		m.stack = m.stack[:len(m.stack)+1]
		f.pos = int32(end)
		if f.value > 0 {
			f.value--
		}
	}
	return f.pc + 1, end, true
}

// repeat takes the characters of a repeated unit. It returns where they end, or -1 if there are too few.
func (m *machine) repeat(in *instruction, pc int32, pos int) int {
	least := pos
	if in.min > 0 {
		var count int
		if least, count = m.count(in, pos, int(in.min)); count < int(in.min) {
			return -1
		}
	}
	m.steps++
	more := unlimited
	if in.max != unlimited {
		more = int(in.max - in.min)
		if more == 0 {
			return least
		}
	}
	if in.mode == lazy {
		m.push(frame{kind: frameLazy, pc: pc, pos: int32(least), value: int32(max(more, 0))})
		return least
	}
	end := m.span(in, least, more)
	m.steps += (end - least) / bytesPerStep
	if in.mode == greedy && end > least {
		m.push(frame{kind: frameGreedy, pc: pc, pos: int32(end), value: int32(least)})
	}
	return end
}

// span returns where up to a number of characters of a unit end.
func (m *machine) span(in *instruction, pos, most int) int {
	end, _ := m.count(in, pos, most)
	return end
}

// count takes up to a number of characters of a unit, and tells where they end and how many there are.
func (m *machine) count(in *instruction, pos, most int) (end, count int) {
	s := m.subject
	if in.unit == opUSet || in.unit == opText {
		for most == unlimited || count < most {
			size := 0
			if in.unit == opUSet {
				size = uset(in, s, pos)
			} else if strings.HasPrefix(s[pos:], in.of.text) {
				size = len(in.of.text)
			}
			if size == 0 {
				break
			}
			pos += size
			count++
		}
		return pos, count
	}
	limit := len(s)
	if most != unlimited && most < limit-pos {
		limit = pos + most
	}
	end = pos
	switch in.unit {
	case opByte:
		for end < limit && s[end] == in.low {
			end++
		}
	case opByteFold:
		for end < limit && (s[end] == in.low || s[end] == in.high) {
			end++
		}
	default:
		for end < limit && in.set.has(s[end]) {
			end++
		}
	}
	return end, end - pos
}

// uset returns the size of the character at a place, if it is in the instruction's set, else 0.
func uset(in *instruction, s string, pos int) int {
	if pos == len(s) {
		return 0
	}
	r, size := rune(s[pos]), 1
	if r >= utf8.RuneSelf {
		if r, size = utf8.DecodeRuneInString(s[pos:]); r == utf8.RuneError && size == 1 {
			r = rune(s[pos])
		}
	}
	if in.of.chars.has(r) {
		return size
	}
	return 0
}

// hasPrefixFold says whether a text begins with another one, which is in lower case, ASCII letters in any case.
func hasPrefixFold(s, prefix string) bool {
	if len(s) < len(prefix) {
		return false
	}
	for i := range len(prefix) {
		if lowerCase(s[i]) != prefix[i] {
			return false
		}
	}
	return true
}

// loop decides about another round of a counted loop: where to go on.
func (m *machine) loop(in *instruction, pc int32, pos int) int32 {
	count := m.registers[in.x]
	switch {
	case count < in.min:
		return pc + 1
	case in.max != unlimited && count >= in.max:
		return in.y
	}
	m.steps++
	if in.mode == lazy {
		m.push(frame{kind: frameBranch, pc: pc + 1, pos: int32(pos)})
		return in.y
	}
	m.push(frame{kind: frameBranch, pc: in.y, pos: int32(pos)})
	return pc + 1
}

// reference matches what a group has matched. It returns where that ends, or -1.
func (m *machine) reference(in *instruction, pos int) int {
	for _, group := range in.of.groups {
		start, end := m.registers[2*group], m.registers[2*group+1]
		if end < 0 {
			continue
		}
		text := m.subject[start:end]
		if !in.fold {
			if !strings.HasPrefix(m.subject[pos:], text) {
				return -1
			}
			m.steps += len(text) / bytesPerStep
			return pos + len(text)
		}
		return m.foldedReference(text, pos)
	}
	if m.re.flags&JavaScript != 0 {
		return pos
	}
	return -1
}

// foldedReference matches a text in any case.
func (m *machine) foldedReference(text string, pos int) int {
	s := m.subject
	if m.re.flags&UTF == 0 {
		if len(s)-pos < len(text) {
			return -1
		}
		for i := range len(text) {
			if lowerCase(s[pos+i]) != lowerCase(text[i]) {
				return -1
			}
		}
		return pos + len(text)
	}
	for text != "" {
		wanted, size := utf8.DecodeRuneInString(text)
		found, foundSize := utf8.DecodeRuneInString(s[pos:])
		if foundSize == 0 || !strings.EqualFold(string(wanted), string(found)) {
			return -1
		}
		text, pos = text[size:], pos+foundSize
	}
	return pos
}

// holds says whether an assertion is true of a place.
func (m *machine) holds(where place, pos int) bool {
	s := m.subject
	switch where {
	case lineStart:
		return pos == 0 || s[pos-1] == '\n' && pos < len(s)
	case subjectStart:
		return pos == 0
	case matchStart:
		return pos == m.from
	case lineEndPlace:
		return pos == len(s) || s[pos] == '\n'
	case subjectEnd:
		return pos == len(s)
	case finalLineEnd:
		return pos == len(s) || pos == len(s)-1 && s[pos] == '\n'
	}
	before, behind := pos > 0 && isWord(s[pos-1]), pos < len(s) && isWord(s[pos])
	return (before != behind) == (where == wordBoundary)
}

// cut ends an atomic group or assertion: no way leads back into it, but what it did to registers can be undone.
func (m *machine) cut() {
	start := m.barrier
	m.barrier = m.stack[start].value
	kept := m.stack[:start]
	for _, f := range m.stack[start+1:] {
		if f.kind == frameOne || f.kind == frameTwo {
			kept = append(kept, f)
		}
	}
	m.stack = kept
}

// unwind undoes an assertion that must not hold, but does.
func (m *machine) unwind() {
	start := m.barrier
	for last := len(m.stack) - 1; last > int(start); last-- {
		switch f := &m.stack[last]; f.kind {
		case frameOne:
			m.registers[f.pc] = f.pos
		case frameTwo:
			m.registers[f.pc], m.registers[f.pc+1] = f.pos, f.value
		}
	}
	m.barrier = m.stack[start].value
	m.stack = m.stack[:start]
}

// enter begins a recursion. It is atomic, and leaves groups as they were.
func (m *machine) enter(group, back, pos int32) bool {
	for i := range m.calls {
		if m.calls[i].group == group && m.calls[i].pos == pos {
			m.err = ErrRecursionLoop
			return false
		}
	}
	if len(m.calls) >= maxCalls {
		m.err = ErrRecursionLimit
		return false
	}
	m.steps += 1 + len(m.calls)/bytesPerStep
	m.push(frame{kind: frameCall, value: m.barrier})
	m.barrier = int32(len(m.stack) - 1)
	m.calls = append(m.calls, call{group, back, pos, append([]int32(nil), m.registers...)})
	return true
}

// leave ends a recursion: where to go on. What it did with \K stays.
func (m *machine) leave() int32 {
	last := len(m.calls) - 1
	ended := m.calls[last]
	m.calls = m.calls[:last]
	keep := m.registers[m.keepRegister()]
	copy(m.registers, ended.registers)
	start := m.barrier
	m.barrier = m.stack[start].value
	m.stack = m.stack[:start]
	m.set(m.keepRegister(), keep)
	return ended.back
}
