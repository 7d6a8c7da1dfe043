package regex

import (
	"slices"
	"sync"
	"unicode/utf8"
)

// Flags change what a pattern means.
type Flags uint16

// The options of PCRE that ngx_lua and nginx have.
const (
	Caseless   Flags = 1 << iota // i
	Multiline                    // m: ^ and $ at every line
	DotAll                       // s: . takes \n
	Extended                     // x: white space and comments
	Anchored                     // a: only where the match starts
	DupNames                     // D: names need not be unique
	JavaScript                   // J: PCRE_JAVASCRIPT_COMPAT
	UTF                          // u: characters are UTF-8
	NoUTFCheck                   // U, with UTF: nobody looks whether they are
	Longest                      // d: the longest match, as pcre_dfa_exec finds it, without groups
)

// DefaultLimit is how many steps a match may take at one place of the subject: PCRE's default.
const DefaultLimit = 10_000_000

// totalLimit is how many times the limit all places together may take, which PCRE does not bound.
const totalLimit = 5

// Regex is a compiled pattern. It is immutable; matches can run at the same time.
type Regex struct {
	program []instruction
	flags   Flags
	groups  int
	// parsedGroups is groups, also where those are not reported (Longest).
	parsedGroups int
	names        []Name
	// Registers: two for each group, then what the program needs.
	registers int
	// first are the bytes that a match can begin with, if it can't be empty.
	first    bits
	hasFirst bool
	// required is a byte that is in every match, or -1; requiredOther is it in the other case.
	required, requiredOther int
	least                   int  // how long a match is at least
	anchored                bool // matches at the first place or nowhere
	// Limit is how many steps a match may take at one place of the subject, DefaultLimit unless it is changed before
	// the first match.
	Limit int
}

// Name is a named group.
type Name struct {
	Text  string
	Group int
}

// Compile compiles a pattern.
//
// An error is a *SyntaxError where PCRE refuses the pattern, an *Unsupported where this package does.
func Compile(pattern string, flags Flags) (*Regex, error) {
	parsed, root, err := parse(pattern, flags)
	if err != nil {
		return nil, err
	}
	re := compile(parsed, root)
	re.Limit = DefaultLimit
	for _, found := range parsed.names {
		re.addName(Name{found.text, found.number})
	}
	return re, nil
}

// addName adds a name to those of the pattern, which are in order; it does so once.
func (re *Regex) addName(added Name) {
	at := len(re.names)
	for i, known := range re.names {
		if known == added {
			return
		}
		if known.Text > added.Text {
			at = min(at, i)
		}
	}
	re.names = slices.Insert(re.names, at, added)
}

// Groups is the number of groups that capture.
func (re *Regex) Groups() int { return re.groups }

// Names are the named groups by name, those of one name in their order.
func (re *Regex) Names() []Name { return re.names }

var machines = sync.Pool{New: func() any { return new(machine) }}

// Match looks for the first match in a subject that starts at a place or behind it. It returns the places of the
// whole match and of the groups, each as start and end, -1 for groups without a part in it; nil if there is no
// match. The result uses the memory of captures if that is large enough. The error is an ExecError.
func (re *Regex) Match(subject string, from int, captures []int) ([]int, error) {
	if from < 0 || from > len(subject) {
		return nil, ErrBadOffset
	}
	if re.flags&(UTF|NoUTFCheck) == UTF {
		if !utf8.ValidString(subject) {
			return nil, ErrBadUTF8
		}
		if from < len(subject) && !utf8.RuneStart(subject[from]) {
			return nil, ErrBadUTF8Offset
		}
	}
	m := machines.Get().(*machine)
	defer m.release()
	m.reset(re, subject, from)
	found, err := m.search()
	if err != nil || !found {
		return nil, err
	}
	captures = captures[:0]
	for _, place := range m.registers[:2*(re.groups+1)] {
		captures = append(captures, int(place))
	}
	return captures, nil
}
