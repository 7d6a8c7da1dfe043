package regex

import "strings"

// parenthesis parses what begins with "(".
func (p *parser) parenthesis() (*node, bool) {
	if p.at("(*") && (isLetter(p.peek(2)) || p.peek(2) == ':') {
		return p.verb(), false
	}
	if !p.at("(?") {
		p.pos++
		return p.capturing(""), true
	}
	switch p.peek(2) {
	case ':':
		p.pos += 3
		return p.closed(&node{kind: group}, p.alternatives(noGroup)), true
	case '|':
		return p.branchReset(), true
	case '>':
		p.pos += 3
		return p.closed(&node{kind: atomic}, p.alternatives(noGroup)), true
	case '=', '!':
		if p.at("(?!)") && !p.quantified(4) {
			p.pos += 4
			return &node{kind: verb, name: "F"}, false
		}
		return p.ahead(), true
	case '<':
		if next := p.peek(3); next == '=' || next == '!' {
			return p.lookbehind(), true
		} else if !isWord(next) {
			p.fail(errAfterLess, p.pos+3)
		}
		p.pos += 3
		return p.namedGroup('>'), true
	case '\'':
		p.pos += 3
		return p.namedGroup('\''), true
	case 'P':
		return p.pythonGroup(), true
	case '(':
		return p.conditional(), true
	case 'R', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '&':
		return p.recursion(), true
	case '-':
		if isDigit(p.peek(3)) {
			return p.recursion(), true
		}
	case 'C':
		return p.callout(), false
	}
	return p.options()
}

func isLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }

// closed reads the closing parenthesis and returns the group with its content.
func (p *parser) closed(found, content *node) *node {
	if !p.at(")") {
		p.fail(errMissingParen, p.pos)
	}
	p.pos++
	found.subs = []*node{content}
	return found
}

// capturing parses a group that captures; the position stands behind its opening.
func (p *parser) capturing(text string) *node {
	p.groups++
	number := p.groups
	if number > maxGroups {
		p.fail(errTooLarge, p.pos)
	}
	if text != "" {
		p.names = append(p.names, name{text, number})
	}
	found := &node{kind: group, number: number}
	first := p.bodies[number] == nil
	if first {
		p.bodies[number] = found
	}
	content, selfReferring := p.inside(number, first)
	found.selfReferring = selfReferring
	return p.closed(found, content)
}

// namedGroup parses a named group; the position stands at its name.
func (p *parser) namedGroup(terminator byte) *node {
	text := p.groupName(terminator)
	for _, known := range p.names {
		sameText, sameNumber := known.text == text, known.number == p.groups+1
		if sameText && !sameNumber && !p.dupNames {
			p.fail(errDuplicateName, p.pos-1)
		}
		if !sameText && sameNumber {
			p.fail(errNamesOfOneNumber, p.pos-1)
		}
	}
	return p.capturing(text)
}

// groupName reads a name up to and with its terminator.
func (p *parser) groupName(terminator byte) string {
	start := p.pos
	if p.more() && isDigit(p.pattern[p.pos]) {
		p.fail(errNameDigit, p.pos)
	}
	for p.more() && isWord(p.pattern[p.pos]) {
		p.pos++
	}
	if !p.more() || p.pattern[p.pos] != terminator {
		p.fail(errNameTerminator, p.pos)
	}
	if p.pos == start {
		p.fail(errNameExpected, p.pos)
	}
	if p.pos-start > maxName {
		p.fail(errNameTooLong, p.pos)
	}
	p.pos++
	return p.pattern[start : p.pos-1]
}

// nameExpected refuses a reference without a name.
func (p *parser) nameExpected() {
	if !isWord(p.peek(0)) {
		p.fail(errNameExpected, p.pos)
	}
}

// pythonGroup parses (?P<name>…), (?P=name) and (?P>name).
func (p *parser) pythonGroup() *node {
	p.pos += 3
	switch p.peek(0) {
	case '<':
		p.pos++
		return p.namedGroup('>')
	case '=':
		return p.referenceNamed(')')
	case '>':
		return p.recursionNamed(')')
	}
	p.fail(errAfterP, p.pos)
	return nil
}

// branchReset parses (?|…): each branch numbers its groups from the same start.
func (p *parser) branchReset() *node {
	p.pos += 3
	start, most := p.groups, p.groups
	found := &node{kind: group}
	if p.nesting++; p.nesting > maxNesting+1 {
		p.fail(errTooDeep, p.pos)
	}
	flags, lazy := p.flags, p.lazy
	around := &openGroup{number: noGroup}
	p.open = append(p.open, around)
	var branches []*node
	for {
		p.groups = start
		branches = append(branches, p.branch(around))
		most = max(most, p.groups)
		if !p.at("|") {
			break
		}
		p.pos++
	}
	p.groups = most
	p.open = p.open[:len(p.open)-1]
	p.flags, p.lazy = flags, lazy
	p.nesting--
	return p.closed(found, &node{kind: choice, subs: branches})
}

// ahead parses a lookahead.
func (p *parser) ahead() *node {
	negated := p.peek(2) == '!'
	p.pos += 3
	return p.closed(&node{kind: look, negated: negated}, p.alternatives(inLook))
}

// quantified says whether a quantifier stands some places on.
func (p *parser) quantified(ahead int) bool {
	switch p.peek(ahead) {
	case '*', '+', '?':
		return true
	case '{':
		there := *p
		there.pos += ahead
		return there.isCounted()
	}
	return false
}

// lookbehind parses a lookbehind; whether its length is fixed is checked later.
func (p *parser) lookbehind() *node {
	found := &node{kind: look, behind: true, negated: p.peek(3) == '!'}
	p.pos += 4
	p.behind++
	content := p.alternatives(inLook)
	p.behind--
	found.min = p.pos // where PCRE sees that the length is not fixed
	return p.closed(found, content)
}

// options parses (?i), (?i-s) or (?i:…).
func (p *parser) options() (*node, bool) {
	p.pos += 2
	flags, lazy, dup, on := p.flags, p.lazy, p.dupNames, true
	for {
		if !p.more() {
			p.fail(errAfterQuestionMark, p.pos)
		}
		flag := Flags(0)
		switch c := p.pattern[p.pos]; c {
		case ')':
			p.pos++
			p.flags, p.lazy, p.dupNames = flags, lazy, dup
			return nil, false
		case ':':
			p.pos++
			return p.withOptions(flags, lazy), true
		case '-':
			on = false
		case 'i':
			flag = Caseless
		case 'm':
			flag = Multiline
		case 's':
			flag = DotAll
		case 'x':
			flag = Extended
		case 'U':
			lazy = on
		case 'J':
			dup = on
		case 'X':
			if on {
				panic(&Unsupported{"(?X)"})
			}
		default:
			p.fail(errAfterQuestionMark, p.pos)
		}
		p.pos++
		if on {
			flags |= flag
		} else {
			flags &^= flag
		}
	}
}

// withOptions parses the content of (?i:…).
func (p *parser) withOptions(flags Flags, lazy bool) *node {
	outer, outerLazy := p.flags, p.lazy
	p.flags, p.lazy = flags, lazy
	content := p.alternatives(noGroup)
	p.flags, p.lazy = outer, outerLazy
	return p.closed(&node{kind: group}, content)
}

// callout passes over (?C) and (?C5), which do nothing without a function to call.
func (p *parser) callout() *node {
	p.pos += 3
	n := 0
	for p.more() && isDigit(p.pattern[p.pos]) {
		n = min(n*10+int(p.pattern[p.pos]-'0'), 1000)
		p.pos++
	}
	if !p.at(")") {
		p.fail(errCalloutClose, p.pos)
	}
	if n > 255 {
		p.fail(errCalloutNumber, p.pos)
	}
	p.pos++
	return &node{kind: empty}
}

// verb parses (*FAIL) and its like.
func (p *parser) verb() *node {
	start := p.pos + 2
	p.pos = start
	for p.more() && isLetter(p.pattern[p.pos]) {
		p.pos++
	}
	word := p.pattern[start:p.pos]
	if p.at(":") {
		if word == "ACCEPT" || word == "FAIL" || word == "F" || word == "COMMIT" {
			end := strings.IndexByte(p.pattern[p.pos:], ')')
			if end < 0 {
				p.fail(errVerb, len(p.pattern))
			}
			p.fail(errVerbArgument, p.pos+end)
		}
		panic(&Unsupported{"(*" + word + ":NAME)"})
	}
	if !p.at(")") {
		p.fail(errVerb, p.pos)
	}
	p.pos++
	switch word {
	case "F", "FAIL":
		return &node{kind: verb, name: "F"}
	case "ACCEPT", "COMMIT", "PRUNE", "SKIP":
		if len(p.open) > 1 {
			panic(&Unsupported{"(*" + word + ") inside of a group"})
		}
		return &node{kind: verb, name: word}
	case "THEN":
		panic(&Unsupported{"(*THEN)"})
	}
	p.fail(errVerb, p.pos-1)
	return nil
}

// recursion parses (?R), (?1), (?-1), (?+1) and (?&name).
func (p *parser) recursion() *node {
	p.pos += 2
	switch c := p.pattern[p.pos]; {
	case c == '&':
		return p.recursionNamed(')')
	case c == 'R':
		p.pos++
		if !p.at(")") {
			p.fail(errRecursionClose, p.pos)
		}
		p.pos++
		return p.recurseTo(0, p.pos-1)
	}
	return p.recursionNumbered(')')
}

// recursionNumbered parses the number of a recursion, with its sign and terminator.
func (p *parser) recursionNumbered(terminator byte) *node {
	sign := p.pattern[p.pos]
	if sign == '+' || sign == '-' {
		p.pos++
		if sign == '+' && !isDigit(p.peek(0)) {
			p.fail(errDigitExpected, p.pos)
		}
	}
	n := 0
	for p.more() && isDigit(p.pattern[p.pos]) {
		if n = n*10 + int(p.pattern[p.pos]-'0'); n > 1<<26 {
			for p.more() && isDigit(p.pattern[p.pos]) {
				p.pos++
			}
			p.fail(errNumberTooBig, p.pos)
		}
		p.pos++
	}
	if !p.more() || p.pattern[p.pos] != terminator {
		p.fail(errRecursionClose, p.pos)
	}
	p.pos++
	switch sign {
	case '-':
		if n == 0 {
			p.fail(errReferenceZero, p.pos-1)
		}
		if n > p.groups {
			p.fail(errNoSuchGroup, p.pos-1)
		}
		n = p.groups - n + 1
	case '+':
		if n == 0 {
			p.fail(errReferenceZero, p.pos-1)
		}
		n += p.groups
	}
	return p.recurseTo(n, p.pos-1)
}

// recursionNamed parses a name at the position behind the one at which it stands.
func (p *parser) recursionNamed(terminator byte) *node {
	p.pos++
	at := p.pos
	p.nameExpected()
	text := p.groupName(terminator)
	found := &node{kind: recursion, number: -1}
	opened := p.snapshot()
	p.references = append(p.references, &pending{node: found, name: text, offset: at + len(text), set: func(groups []int) {
		found.number = groups[0]
		p.checkForever(found.number, opened, at+len(text))
	}})
	return found
}

// subroutine parses \g<name>, \g'1' and the like.
func (p *parser) subroutine() *node {
	terminator := byte('>')
	if p.peek(2) == '\'' {
		terminator = '\''
	}
	if next := p.peek(3); next == '+' || next == '-' || isDigit(next) {
		p.pos += 3
		start := p.pos
		for i := start; ; i++ {
			if i == len(p.pattern) || p.pattern[i] == terminator {
				break
			}
			if c := p.pattern[i]; !isDigit(c) && (i > start || c != '+' && c != '-') {
				p.fail(errAfterG, i)
			}
		}
		return p.recursionNumbered(terminator)
	}
	p.pos += 2
	return p.recursionNamed(terminator)
}

// recurseTo is a recursion of a group by its number.
func (p *parser) recurseTo(number, offset int) *node {
	found := &node{kind: recursion, number: number}
	opened := p.snapshot()
	p.references = append(p.references, &pending{node: found, offset: offset, set: func([]int) {
		if number > p.groups {
			p.postpone(errNoSuchGroup, offset)
			return
		}
		p.checkForever(number, opened, offset)
	}})
	return found
}

// snapshot returns the groups that are open, with what comes before the position in each. In a conditional group PCRE
// does not look at them.
func (p *parser) snapshot() []openGroup {
	if p.conditions > 0 {
		return nil
	}
	found := make([]openGroup, len(p.open))
	for i, group := range p.open {
		found[i] = *group
	}
	return found
}

// checkForever refuses a recursion of an open group that is reached without a step.
func (p *parser) checkForever(number int, opened []openGroup, offset int) {
	for i := range opened {
		if opened[i].number != number || !opened[i].first {
			continue
		}
		for _, group := range opened[i:] {
			if group.look && group.branches != nil && !p.anyEmpty(group.branches) {
				return
			}
			for _, item := range group.before {
				if !p.canBeEmpty(item, nil) {
					return
				}
			}
		}
		p.postpone(errRecursionForever, offset)
		return
	}
}

// anyEmpty says whether one of some nodes can match without a step.
func (p *parser) anyEmpty(nodes []*node) bool {
	for _, n := range nodes {
		if p.canBeEmpty(n, nil) {
			return true
		}
	}
	return false
}

// numberedReference is a backreference.
func (p *parser) numberedReference(number int) *node {
	p.topBack = max(p.topBack, number)
	for _, group := range p.open {
		if group.number == number {
			group.selfReferring = true
		}
	}
	return &node{kind: reference, groups: []int{number}, fold: p.flags&Caseless != 0}
}

// namedReference parses \k<name>, \k'name', \k{name} and \g{name}; the opening stands at a place.
func (p *parser) namedReference(opening int) *node {
	terminator := map[byte]byte{'<': '>', '\'': '\'', '{': '}'}[p.pattern[opening]]
	p.pos = opening
	return p.referenceNamed(terminator)
}

// referenceNamed is a backreference by name, which stands behind the position.
func (p *parser) referenceNamed(terminator byte) *node {
	p.pos++
	p.nameExpected()
	text := p.groupName(terminator)
	found := &node{kind: reference, fold: p.flags&Caseless != 0}
	p.references = append(p.references, &pending{node: found, name: text, offset: p.pos - 1, set: func(groups []int) {
		found.groups = groups
	}})
	return found
}

// resolve fills in what the references refer to.
func (p *parser) resolve() {
	for _, waiting := range p.references {
		if waiting.name == "" {
			waiting.set(nil)
			continue
		}
		var groups []int
		for _, known := range p.names {
			if known.text == waiting.name {
				groups = append(groups, known.number)
			}
		}
		if groups == nil {
			p.postpone(errNoSuchGroup, waiting.offset)
			continue
		}
		waiting.set(groups)
	}
	if p.topBack > p.groups {
		p.postpone(errNoSuchGroup, len(p.pattern))
	}
}

// conditional parses (?(condition)yes|no).
func (p *parser) conditional() *node {
	found := &node{kind: conditional}
	p.pos += 2
	switch {
	case p.at("(?C"):
		panic(&Unsupported{"(?C) as a condition"})
	case p.at("(?=") || p.at("(?!"):
		found.condition.kind = assertionHolds
		found.condition.assert = p.ahead()
	case p.at("(?<=") || p.at("(?<!"):
		found.condition.kind = assertionHolds
		found.condition.assert = p.lookbehind()
	default:
		p.groupCondition(found)
	}
	p.conditions++
	content := p.alternatives(noGroup)
	p.conditions--
	branches := []*node{content}
	if content.kind == choice {
		branches = content.subs
	}
	if !p.at(")") {
		p.fail(errMissingParen, p.pos)
	}
	if found.condition.kind == never && len(branches) > 1 {
		p.postpone(errDefineBranches, p.pos)
	} else if len(branches) > 2 {
		p.postpone(errTooManyBranches, p.pos)
	}
	p.pos++
	found.subs = branches
	return found
}

// groupCondition parses a condition that is no assertion, with its parentheses.
func (p *parser) groupCondition(found *node) {
	p.pos++
	terminator := byte(')')
	switch p.peek(0) {
	case '<':
		terminator = '>'
	case '\'':
		terminator = '\''
	case '+', '-':
		p.relativeCondition(found)
		return
	case '?':
		p.fail(errAssertionExpected, p.pos)
	}
	if terminator != ')' {
		p.pos++
	}
	start := p.pos
	switch c := p.peek(0); {
	case p.at("R&") && terminator == ')':
		p.pos += 2
		start = p.pos
		found.condition.kind = inRecursionOf
	case !isWord(c):
		p.fail(errAssertionExpected, p.pos)
	case isDigit(c):
		p.numberedCondition(found, terminator)
		return
	}
	for p.more() && isWord(p.pattern[p.pos]) {
		p.pos++
	}
	text := p.pattern[start:p.pos]
	if terminator != ')' && p.more() && p.pattern[p.pos] == terminator {
		p.pos++
	} else if terminator != ')' {
		p.fail(errMalformedCondition, p.pos)
	}
	if !p.at(")") {
		p.fail(errMalformedCondition, p.pos)
	}
	at := p.pos
	p.pos++
	p.namedCondition(found, text, at, terminator == ')')
}

// namedCondition is a condition on a group's name; R and DEFINE mean something else unless a group has the name.
func (p *parser) namedCondition(found *node, text string, at int, bare bool) {
	special := conditionKind(groupIsSet)
	number := 0
	if bare && found.condition.kind != inRecursionOf {
		digits := strings.TrimPrefix(text, "R")
		switch {
		case text == "DEFINE":
			special = never
		case text == "R":
			special = inRecursion
		case digits != text && strings.Trim(digits, "0123456789") == "":
			special = inRecursionOf
			for _, c := range digits {
				number = min(number*10+int(c-'0'), 1<<20)
			}
		}
	}
	if special == never {
		found.condition.kind = never // a name DEFINE of a group is looked for below
	}
	p.references = append(p.references, &pending{node: found, offset: at, set: func([]int) {
		var groups []int
		for _, known := range p.names {
			if known.text == text {
				groups = append(groups, known.number)
			}
		}
		switch {
		case groups != nil:
			found.condition.groups = groups
			if found.condition.kind == never {
				found.condition.kind = groupIsSet
			}
		case special == groupIsSet:
			p.postpone(errNoSuchGroup, at+1)
		default:
			found.condition.kind, found.condition.groups = special, []int{number}
		}
	}})
}

// numberedCondition parses the number of a group.
func (p *parser) numberedCondition(found *node, terminator byte) {
	n := 0
	for p.more() && isDigit(p.pattern[p.pos]) {
		if n = n*10 + int(p.pattern[p.pos]-'0'); n > 1<<26 {
			p.fail(errNumberTooBig, p.pos)
		}
		p.pos++
	}
	if terminator != ')' && p.more() && p.pattern[p.pos] == terminator {
		p.pos++
	}
	if !p.at(")") {
		p.fail(errMalformedCondition, p.pos)
	}
	p.condition(found, n)
}

// relativeCondition parses (?(+1) and (?(-1).
func (p *parser) relativeCondition(found *node) {
	negative := p.at("-")
	p.pos++
	n, start := 0, p.pos
	for p.more() && isDigit(p.pattern[p.pos]) {
		n = min(n*10+int(p.pattern[p.pos]-'0'), 1<<26)
		p.pos++
	}
	if p.pos == start || !p.at(")") {
		p.fail(errMalformedCondition, p.pos)
	}
	if n == 0 {
		p.condition(found, 0)
		return
	}
	if negative {
		if n > p.groups {
			p.fail(errNoSuchGroup, p.pos)
		}
		n = p.groups - n + 1
	} else {
		n += p.groups
	}
	p.condition(found, n)
}

// condition sets the group that a condition asks for; the position stands at its closing parenthesis.
func (p *parser) condition(found *node, number int) {
	at := p.pos
	p.pos++
	if number == 0 {
		p.postpone(errConditionZero, at+1)
	}
	found.condition.groups = []int{number}
	p.references = append(p.references, &pending{node: found, offset: at, set: func([]int) {
		if number > p.groups {
			p.postpone(errNoSuchGroup, at+1)
		}
	}})
}
