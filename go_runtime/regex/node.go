package regex

// kind says what a node of a parsed pattern is.
type kind uint8

const (
	empty       kind = iota
	literal          // text, with fold
	class            // set
	anyByte          // \C
	assertion        // where says which
	sequence         // subs, one after the other
	choice           // subs, the first that fits
	group            // subs[0], captured as number if that is not 0
	atomic           // subs[0]
	look             // subs[0], negated, behind
	repeat           // subs[0], min to max times
	reference        // groups: what the first of them that took part has matched
	recursion        // number
	conditional      // condition, subs[0] and subs[1]
	keep             // \K
	verb             // name
	lineEnd          // \R
)

// unlimited is the max of a repeat without an upper bound.
const unlimited = -1

// place is a position that an assertion asks for.
type place uint8

const (
	lineStart       place = iota // ^ with Multiline
	subjectStart                 // ^, \A
	matchStart                   // \G
	lineEndPlace                 // $ with Multiline
	subjectEnd                   // \z
	finalLineEnd                 // $, \Z
	wordBoundary                 // \b
	notWordBoundary              // \B
)

// node is a part of a parsed pattern; which fields count depends on its kind.
type node struct {
	kind   kind
	text   string
	fold   bool
	set    *charSet
	where  place
	subs   []*node
	number int
	// selfReferring says of a group that a backreference inside means it: PCRE makes such a group atomic.
	selfReferring   bool
	negated, behind bool
	min, max        int
	lazy            bool
	groups          []int
	name            string
	condition       condition
}

// condition is what a conditional group asks for.
type condition struct {
	kind   conditionKind
	groups []int
	assert *node
}

type conditionKind uint8

const (
	groupIsSet     conditionKind = iota
	inRecursion                  // (?(R): of any group
	inRecursionOf                // (?(R1): of the one in groups
	never                        // (?(DEFINE)
	assertionHolds               // assert
)
