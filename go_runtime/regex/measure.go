package regex

import "unicode/utf8"

// maxWork bounds the measuring of nodes: recursions can make it grow without end.
const maxWork = 1 << 20

// measured counts, and ends the parsing when it was too much.
func (p *parser) measured() {
	if p.work++; p.work == maxWork {
		p.fail(errTooComplicated, len(p.pattern))
	}
}

// canBeEmpty says whether a node can match without a step. inside are the groups that are being looked at.
func (p *parser) canBeEmpty(n *node, inside []int) bool {
	p.measured()
	switch n.kind {
	case literal:
		return n.text == ""
	case class, anyByte, lineEnd:
		return false
	case sequence:
		for _, sub := range n.subs {
			if !p.canBeEmpty(sub, inside) {
				return false
			}
		}
		return true
	case choice:
		for _, sub := range n.subs {
			if p.canBeEmpty(sub, inside) {
				return true
			}
		}
		return false
	case group, atomic:
		return p.canBeEmpty(n.subs[0], inside)
	case repeat:
		return n.min == 0 || p.canBeEmpty(n.subs[0], inside)
	case conditional:
		if len(n.subs) < 2 {
			return true
		}
		return p.canBeEmpty(n.subs[0], inside) || p.canBeEmpty(n.subs[1], inside)
	case recursion:
		for _, number := range inside {
			if number == n.number {
				return true
			}
		}
		body := p.bodies[n.number]
		return body == nil || p.canBeEmpty(body, append(inside, n.number))
	}
	return true
}

// checkLookbehinds refuses lookbehinds of which an alternative has no fixed length.
func (p *parser) checkLookbehinds(n *node) {
	for _, sub := range n.subs {
		p.checkLookbehinds(sub)
	}
	if n.condition.assert != nil {
		p.checkLookbehinds(n.condition.assert)
	}
	if n.kind != look || !n.behind {
		return
	}
	for _, branch := range branches(n.subs[0]) {
		if _, ok := p.fixedLength(branch, nil); !ok {
			p.postpone(errNotFixedLength, n.min)
			return
		}
	}
}

// branches returns the alternatives of a node.
func branches(n *node) []*node {
	if n.kind == choice {
		return n.subs
	}
	return []*node{n}
}

// fixedLength returns how many characters a node matches, if that is always the same.
func (p *parser) fixedLength(n *node, inside []int) (length int, ok bool) {
	p.measured()
	switch n.kind {
	case empty, assertion, look, keep:
		return 0, true
	case verb:
		return 0, true
	case literal:
		if p.utf() {
			return utf8.RuneCountInString(n.text), true
		}
		return len(n.text), true
	case class, anyByte:
		return 1, true
	case sequence:
		for _, sub := range n.subs {
			more, ok := p.fixedLength(sub, inside)
			if !ok {
				return 0, false
			}
			length += more
		}
		return length, true
	case choice:
		for i, sub := range n.subs {
			found, ok := p.fixedLength(sub, inside)
			if !ok || i > 0 && found != length {
				return 0, false
			}
			length = found
		}
		return length, true
	case group, atomic:
		return p.fixedLength(n.subs[0], inside)
	case repeat:
		found, ok := p.fixedLength(n.subs[0], inside)
		return found * n.min, ok && n.min == n.max
	case conditional:
		return p.fixedConditional(n, inside)
	case recursion:
		for _, number := range inside {
			if number == n.number {
				return 0, false
			}
		}
		if body := p.bodies[n.number]; body != nil && n.number > 0 {
			return p.fixedLength(body, append(inside, n.number))
		}
	}
	return 0, false
}

func (p *parser) fixedConditional(n *node, inside []int) (length int, ok bool) {
	if n.condition.kind == never {
		return 0, true
	}
	length, ok = p.fixedLength(n.subs[0], inside)
	if len(n.subs) < 2 {
		return length, ok && length == 0
	}
	other, otherOK := p.fixedLength(n.subs[1], inside)
	return length, ok && otherOK && length == other
}

// maxLength bounds what least returns, so that nested repeats do not overflow it.
const maxLength = 1 << 16

// least returns the smallest number of characters that a match of a node can have.
func least(n *node) int {
	found := 0
	switch n.kind {
	case literal, class, anyByte, lineEnd:
		return 1
	case sequence:
		for _, sub := range n.subs {
			if sub.kind == verb && sub.name == "ACCEPT" {
				return 0
			}
			found += least(sub)
		}
	case choice:
		found = maxLength
		for _, sub := range n.subs {
			found = min(found, least(sub))
		}
	case conditional:
		if len(n.subs) == 2 {
			found = min(least(n.subs[0]), least(n.subs[1]))
		}
	case group, atomic:
		found = least(n.subs[0])
	case repeat:
		found = n.min * least(n.subs[0])
	}
	return min(found, maxLength)
}
