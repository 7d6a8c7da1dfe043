package lua

import (
	"bytes"
	"iter"
	"math"
	"strings"
)

const (
	maxCaptures = 32
	// maxNesting bounds the recursion of one match, as LuaJIT does.
	maxNesting = 200

	unfinished = -1 // length of a capture that is open
	positional = -2 // length of a position capture
)

// matcher is one match of a Lua pattern.
type matcher struct {
	source, pattern string
	level           int
	captures        [maxCaptures]struct{ start, length int }
	nesting         int
	at              Argument
}

// match matches the pattern from p on with the source from s on; the result is
// the end of the match, or -1.
func (m *matcher) match(s, p int) int {
	if m.nesting++; m.nesting > maxNesting {
		m.at.Fail("pattern too complex")
	}
	end := m.rest(s, p)
	m.nesting--
	return end
}

// rest is match without its limit.
func (m *matcher) rest(s, p int) int {
	for p < len(m.pattern) {
		switch c := m.pattern[p]; {
		case c == '(':
			if p+1 < len(m.pattern) && m.pattern[p+1] == ')' {
				return m.startCapture(s, p+2, positional)
			}
			return m.startCapture(s, p+1, unfinished)
		case c == ')':
			return m.endCapture(s, p+1)
		case c == '$' && p+1 == len(m.pattern):
			if s == len(m.source) {
				return s
			}
			return -1
		case c == '%' && p+1 < len(m.pattern) && m.pattern[p+1] == 'b':
			if s = m.balance(s, p+2); s < 0 {
				return -1
			}
			p += 4
			continue
		case c == '%' && p+1 < len(m.pattern) && m.pattern[p+1] == 'f':
			if p = m.frontier(s, p+2); p < 0 {
				return -1
			}
			continue
		case c == '%' && p+1 < len(m.pattern) && isDigit(m.pattern[p+1]):
			if s = m.back(s, m.pattern[p+1]); s < 0 {
				return -1
			}
			p += 2
			continue
		}
		end := m.classEnd(p)
		suffix := byte(0)
		if end < len(m.pattern) {
			suffix = m.pattern[end]
		}
		switch suffix {
		case '?':
			if s < len(m.source) && m.single(m.source[s], p, end) {
				if found := m.match(s+1, end+1); found >= 0 {
					return found
				}
			}
			p = end + 1
		case '*':
			return m.most(s, p, end, 0)
		case '+':
			return m.most(s, p, end, 1)
		case '-':
			return m.fewest(s, p, end)
		default:
			if s >= len(m.source) || !m.single(m.source[s], p, end) {
				return -1
			}
			s, p = s+1, end
		}
	}
	return s
}

// most matches at least a number of single characters, as many as it can.
func (m *matcher) most(s, p, end, least int) int {
	count := 0
	for s+count < len(m.source) && m.single(m.source[s+count], p, end) {
		count++
	}
	for ; count >= least; count-- {
		if found := m.match(s+count, end+1); found >= 0 {
			return found
		}
	}
	return -1
}

// fewest matches as few single characters as it can.
func (m *matcher) fewest(s, p, end int) int {
	for {
		if found := m.match(s, end+1); found >= 0 {
			return found
		}
		if s >= len(m.source) || !m.single(m.source[s], p, end) {
			return -1
		}
		s++
	}
}

func (m *matcher) startCapture(s, p, length int) int {
	if m.level >= maxCaptures {
		m.at.Fail("too many captures")
	}
	m.captures[m.level].start, m.captures[m.level].length = s, length
	m.level++
	found := m.match(s, p)
	if found < 0 {
		m.level--
	}
	return found
}

func (m *matcher) endCapture(s, p int) int {
	open := m.level - 1
	for open >= 0 && m.captures[open].length != unfinished {
		open--
	}
	if open < 0 {
		m.at.Fail("invalid pattern capture")
	}
	m.captures[open].length = s - m.captures[open].start
	found := m.match(s, p)
	if found < 0 {
		m.captures[open].length = unfinished
	}
	return found
}

// balance matches %bxy.
func (m *matcher) balance(s, p int) int {
	if p+1 >= len(m.pattern) {
		m.at.Fail("unbalanced pattern")
	}
	first, last := m.pattern[p], m.pattern[p+1]
	if s >= len(m.source) || m.source[s] != first {
		return -1
	}
	for depth, i := 1, s+1; i < len(m.source); i++ {
		switch m.source[i] {
		case last:
			if depth--; depth == 0 {
				return i + 1
			}
		case first:
			depth++
		}
	}
	return -1
}

// frontier matches %f[set]; the result is the place in the pattern behind it.
func (m *matcher) frontier(s, p int) int {
	if p >= len(m.pattern) || m.pattern[p] != '[' {
		m.at.Fail("missing '[' after '%f' in pattern")
	}
	end := m.classEnd(p)
	before, after := byte(0), byte(0)
	if s > 0 {
		before = m.source[s-1]
	}
	if s < len(m.source) {
		after = m.source[s]
	}
	if m.set(before, p, end-1) || !m.set(after, p, end-1) {
		return -1
	}
	return end
}

// back matches what a capture holds once more.
func (m *matcher) back(s int, digit byte) int {
	i := int(digit - '1')
	if i < 0 || i >= m.level || m.captures[i].length == unfinished {
		m.at.Fail("invalid capture index")
	}
	held := m.captures[i]
	if held.length < 0 || !strings.HasPrefix(m.source[s:], m.source[held.start:held.start+held.length]) {
		return -1
	}
	return s + held.length
}

// classEnd is the place behind the character class at p.
func (m *matcher) classEnd(p int) int {
	c := m.pattern[p]
	p++
	switch c {
	case '%':
		if p >= len(m.pattern) {
			m.at.Fail("malformed pattern (ends with '%')")
		}
		return p + 1
	case '[':
		if p < len(m.pattern) && m.pattern[p] == '^' {
			p++
		}
		for first := true; first || p >= len(m.pattern) || m.pattern[p] != ']'; first = false {
			if p >= len(m.pattern) {
				m.at.Fail("malformed pattern (missing ']')")
			}
			if m.pattern[p] == '%' {
				p++
				if p >= len(m.pattern) {
					m.at.Fail("malformed pattern (missing ']')")
				}
			}
			p++
		}
		return p + 1
	}
	return p
}

// single reports whether c is in the class from p to end.
func (m *matcher) single(c byte, p, end int) bool {
	switch m.pattern[p] {
	case '.':
		return true
	case '%':
		return inClass(c, m.pattern[p+1])
	case '[':
		return m.set(c, p, end-1)
	default:
		return m.pattern[p] == c
	}
}

// set reports whether c is in the set from p to its bracket at end.
func (m *matcher) set(c byte, p, end int) bool {
	wanted := true
	p++
	if m.pattern[p] == '^' {
		wanted = false
		p++
	}
	for ; p < end; p++ {
		switch {
		case m.pattern[p] == '%':
			p++
			if inClass(c, m.pattern[p]) {
				return wanted
			}
		case p+2 < end && m.pattern[p+1] == '-':
			if m.pattern[p] <= c && c <= m.pattern[p+2] {
				return wanted
			}
			p += 2
		case m.pattern[p] == c:
			return wanted
		}
	}
	return !wanted
}

// inClass reports whether c is in %class.
func inClass(c, class byte) bool {
	var in bool
	switch class | 0x20 {
	case 'a':
		in = isLetter(c)
	case 'c':
		in = c < ' ' || c == 0x7f
	case 'd':
		in = isDigit(c)
	case 'l':
		in = 'a' <= c && c <= 'z'
	case 'p':
		in = c > ' ' && c < 0x7f && !isLetter(c) && !isDigit(c)
	case 's':
		in = c == ' ' || '\t' <= c && c <= '\r'
	case 'u':
		in = 'A' <= c && c <= 'Z'
	case 'w':
		in = isLetter(c) || isDigit(c)
	case 'x':
		in = isDigit(c) || 'a' <= c|0x20 && c|0x20 <= 'f'
	case 'g':
		in = c > ' ' && c < 0x7f
	case 'z':
		in = c == 0
	default:
		return class == c
	}
	if !isLetter(class) {
		return class == c
	}
	return in == (class >= 'a')
}

func isDigit(c byte) bool  { return '0' <= c && c <= '9' }
func isLetter(c byte) bool { return 'a' <= c|0x20 && c|0x20 <= 'z' }

// capture is what the capture in place i holds; without any, 0 is the whole match.
func (m *matcher) capture(i, start, end int) Value {
	if i >= m.level {
		if i != 0 {
			m.at.Fail("invalid capture index")
		}
		return m.source[start:end]
	}
	held := m.captures[i]
	switch held.length {
	case unfinished:
		m.at.Fail("unfinished capture")
	case positional:
		return float64(held.start + 1)
	}
	return m.source[held.start : held.start+held.length]
}

// all is what all captures hold; the whole match if there are none and whole is
// set.
func (m *matcher) all(start, end int, whole bool) Values {
	count := m.level
	if count == 0 && whole {
		count = 1
	}
	found := make(Values, count)
	for i := range found {
		found[i] = m.capture(i, start, end)
	}
	return found
}

// start begins a match at s, with nothing captured.
func (m *matcher) start(s, p int) int {
	m.level, m.nesting = 0, 0
	return m.match(s, p)
}

// inC is a pattern as C reads it: up to the first zero byte.
func inC(pattern string) string {
	pattern, _, _ = strings.Cut(pattern, "\x00")
	return pattern
}

// anchor splits the ^ from a pattern.
func anchor(pattern string) (int, bool) {
	if strings.HasPrefix(pattern, "^") {
		return 1, true
	}
	return 0, false
}

// search is string.find and string.match: the first match from init on.
func search(s, pattern string, init float64, at Argument) (m *matcher, start, end int) {
	from := first(s, init)
	pattern = inC(pattern)
	p, anchored := anchor(pattern)
	literal := literalPrefix(pattern[p:])
	if anchored && !strings.HasPrefix(s[from:], literal) {
		return nil, -1, -1
	}
	for ; from <= len(s); from++ {
		if !anchored {
			next := strings.Index(s[from:], literal)
			if next < 0 {
				break
			}
			from += next
		}
		if m == nil {
			m = &matcher{source: s, pattern: pattern, at: at}
		}
		if end := m.start(from, p); end >= 0 {
			return m, from, end
		}
		if anchored {
			break
		}
	}
	return m, -1, -1
}

// literalPrefix is the text that every match of a pattern begins with.
func literalPrefix(pattern string) string {
	n := strings.IndexAny(pattern, "$*+?.()[]%-")
	switch {
	case n < 0:
		return pattern
	case n > 0 && strings.IndexByte("*?-", pattern[n]) >= 0:
		return pattern[:n-1] // the last character may be absent
	default:
		return pattern[:n]
	}
}

// first is the index, from 0, that a position of string.find means.
func first(s string, init float64) int {
	i := Int(init)
	if i < 0 {
		i += len(s)
	} else {
		i--
	}
	return min(max(i, 0), len(s))
}

// Find is string.find(s, pattern, init, plain).
func Find(s, pattern string, init float64, plain bool, at Argument) Values {
	from := first(s, init)
	if plain || !strings.ContainsAny(pattern, "^$*+?.([%-") {
		i := strings.Index(s[from:], pattern)
		if i < 0 {
			return Values{nil}
		}
		return Values{float64(from + i + 1), float64(from + i + len(pattern))}
	}
	m, start, end := search(s, pattern, init, at)
	if start < 0 {
		return Values{nil}
	}
	return append(Values{float64(start + 1), float64(end)}, m.all(start, end, false)...)
}

// Found is string.find(s, pattern) where only its truth counts, for a pattern in
// which no error can be.
func Found(s, pattern string) bool {
	_, start, _ := search(s, pattern, 1, Argument{})
	return start >= 0
}

// Match is string.match(s, pattern, init).
func Match(s, pattern string, init float64, at Argument) Values {
	m, start, end := search(s, pattern, init, at)
	if start < 0 {
		return Values{nil}
	}
	return m.all(start, end, true)
}

// MatchOne is string.match(s, pattern) for a pattern that captures one text, and
// in which no error can be.
func MatchOne(s, pattern string) (string, bool) {
	text, ok := Match(s, pattern, 1, Argument{}).At(0).(string)
	return text, ok
}

// MatchTwo is MatchOne for a pattern that captures two texts: both are there, or
// none.
func MatchTwo(s, pattern string) (first, second OptString) {
	found := Match(s, pattern, 1, Argument{})
	return AsOptString(found.At(0)), AsOptString(found.At(1))
}

// MatchThree is MatchTwo for three texts.
func MatchThree(s, pattern string) (first, second, third OptString) {
	found := Match(s, pattern, 1, Argument{})
	return AsOptString(found.At(0)), AsOptString(found.At(1)), AsOptString(found.At(2))
}

// MatchFour is MatchTwo for four texts.
func MatchFour(s, pattern string) (first, second, third, fourth OptString) {
	found := Match(s, pattern, 1, Argument{})
	return AsOptString(found.At(0)), AsOptString(found.At(1)), AsOptString(found.At(2)), AsOptString(found.At(3))
}

// GMatch is string.gmatch(s, pattern); a ^ has no meaning in its pattern.
func GMatch(s, pattern string, at Argument) *Function {
	from := 0
	pattern = inC(pattern)
	return NewFunction(func(Values) Values {
		m := &matcher{source: s, pattern: pattern, at: at}
		for ; from <= len(s); from++ {
			end := m.start(from, 0)
			if end < 0 {
				continue
			}
			start := from
			from = end
			if end == start {
				from++
			}
			return m.all(start, end, true)
		}
		return nil
	})
}

// Matches gives what string.gmatch(s, pattern) gives for a pattern with one
// capture at most, which is no position, and in which no error can be.
func Matches(s, pattern string) iter.Seq[string] {
	return func(yield func(string) bool) {
		for m, span := range matches(s, pattern) {
			if !yield(m.text(0, span)) {
				return
			}
		}
	}
}

// MatchPairs is Matches for a pattern with two captures or more: the first two.
func MatchPairs(s, pattern string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		for m, span := range matches(s, pattern) {
			if !yield(m.text(0, span), m.text(1, span)) {
				return
			}
		}
	}
}

// matches gives every match, with its start and end.
func matches(s, pattern string) iter.Seq2[*matcher, [2]int] {
	pattern = inC(pattern)
	return func(yield func(*matcher, [2]int) bool) {
		for from := 0; from <= len(s); from++ {
			m := &matcher{source: s, pattern: pattern}
			end := m.start(from, 0)
			if end < 0 {
				continue
			}
			if !yield(m, [2]int{from, end}) {
				return
			}
			from = max(from, end-1)
		}
	}
}

// text is a capture of a match that is no position.
func (m *matcher) text(i int, span [2]int) string {
	if m.level == 0 {
		return m.source[span[0]:span[1]]
	}
	held := m.captures[i]
	return m.source[held.start : held.start+held.length]
}

// GSub is string.gsub(s, pattern, replacement, limit): the new string and the
// number of matches, of which there are at most as many as the limit says; at is the
// first argument.
func GSub(s, pattern string, replacement any, limit float64, at Argument) (string, float64) {
	replacement = Plain(replacement)
	switch replacement.(type) {
	case string, float64, *Table, *Function:
	default:
		at.After(2).Throw("string/function/table expected")
	}
	pattern = inC(pattern)
	p, anchored := anchor(pattern)
	m := &matcher{source: s, pattern: pattern, at: at}
	var b bytes.Buffer
	from, count, most := 0, 0, int(int32(truncated(limit)))
	for count < most {
		end := m.start(from, p)
		if end >= 0 {
			count++
			m.replace(&b, replacement, from, end)
		}
		switch {
		case end > from:
			from = end
		case from < len(s):
			b.WriteByte(s[from])
			from++
		default:
			return b.String(), float64(count)
		}
		if b.Len() > maxString {
			ThrowValue("not enough memory")
		}
		if anchored {
			break
		}
	}
	b.WriteString(s[from:])
	return b.String(), float64(count)
}

// Replace is the string that string.gsub(s, pattern, replacement) gives, where no
// error can be in it.
func Replace(s, pattern string, replacement any) string {
	return First(GSub(s, pattern, replacement, math.MaxInt32, Argument{}))
}

// replace writes what takes the place of a match.
func (m *matcher) replace(b *bytes.Buffer, replacement any, start, end int) {
	var value Value
	switch replacement := replacement.(type) {
	case *Table:
		value = replacement.Get(m.capture(0, start, end))
	case *Function:
		value = replacement.callBack(m.at.at(), m.all(start, end, true)...)
	default:
		m.expand(b, ToString(replacement), start, end)
		return
	}
	switch value := Plain(value).(type) {
	case nil:
		b.WriteString(m.source[start:end])
	case bool:
		if value {
			m.at.Fail("invalid replacement value (a boolean)")
		}
		b.WriteString(m.source[start:end])
	case string, float64:
		b.WriteString(ToString(value))
	default:
		m.at.Fail("invalid replacement value (a " + TypeName(value) + ")")
	}
}

// expand writes a replacement string with its %1 and so on.
func (m *matcher) expand(b *bytes.Buffer, text string, start, end int) {
	for i := 0; i < len(text); i++ {
		if text[i] != '%' {
			b.WriteByte(text[i])
			continue
		}
		i++
		switch {
		case i == len(text):
			b.WriteByte(0) // C's end of the string
		case text[i] == '0':
			b.WriteString(m.source[start:end])
		case isDigit(text[i]):
			b.WriteString(ToString(m.capture(int(text[i]-'1'), start, end)))
		default:
			b.WriteByte(text[i])
		}
	}
}
