package regex

import "strconv"

// SyntaxError says why PCRE does not take a pattern, and where: at a byte of the pattern, or at its end.
type SyntaxError struct {
	Message string
	Offset  int
}

func (e *SyntaxError) Error() string {
	return e.Message + " at offset " + strconv.Itoa(e.Offset)
}

// Unsupported is what PCRE takes and this package does not.
type Unsupported struct{ Feature string }

func (e *Unsupported) Error() string { return "regex feature is not supported: " + e.Feature }

// ExecError is an error of a match, with PCRE's number.
type ExecError int

// What can go wrong in a match.
const (
	// ErrMatchLimit: more steps than the limit.
	ErrMatchLimit ExecError = -8
	// ErrBadUTF8: the subject is not UTF-8.
	ErrBadUTF8 ExecError = -10
	// ErrBadUTF8Offset: the match would begin inside of a character.
	ErrBadUTF8Offset ExecError = -11
	// ErrUnsupportedInDFA: what the longest match can't be told for: backreferences, \K.
	ErrUnsupportedInDFA ExecError = -16
	// ErrConditionInDFA: a condition on a group, where the longest match is wanted.
	ErrConditionInDFA ExecError = -17
	// ErrRecursionLimit: more memory than a match may use.
	ErrRecursionLimit ExecError = -21
	// ErrBadOffset: the match would begin behind the subject.
	ErrBadOffset ExecError = -24
	// ErrRecursionLoop: a recursion that gets nowhere.
	ErrRecursionLoop ExecError = -26
)

func (e ExecError) Error() string { return "error " + strconv.Itoa(int(e)) }

// PCRE's messages.
const (
	errBackslashAtEnd      = "\\ at end of pattern"
	errControlAtEnd        = "\\c at end of pattern"
	errQuantifierOrder     = "numbers out of order in {} quantifier"
	errQuantifierTooBig    = "number too big in {} quantifier"
	errMissingBracket      = "missing terminating ] for character class"
	errEscapeInClass       = "invalid escape sequence in character class"
	errRangeOrder          = "range out of order in character class"
	errNothingToRepeat     = "nothing to repeat"
	errAfterQuestionMark   = "unrecognized character after (? or (?-"
	errPosixOutside        = "POSIX named classes are supported only within a class"
	errMissingParen        = "missing )"
	errNoSuchGroup         = "reference to non-existent subpattern"
	errMissingCommentEnd   = "missing ) after comment"
	errUnmatchedParen      = "unmatched parentheses"
	errAfterLess           = "unrecognized character after (?<"
	errNotFixedLength      = "lookbehind assertion is not fixed length"
	errMalformedCondition  = "malformed number or name after (?("
	errTooManyBranches     = "conditional group contains more than two branches"
	errAssertionExpected   = "assertion expected after (?( or (?(?C)"
	errRecursionClose      = "(?R or (?[+-]digits must be followed by )"
	errUnknownPosix        = "unknown POSIX class name"
	errPosixCollating      = "POSIX collating elements are not supported"
	errCharacterTooLarge   = "character value in \\x{} or \\o{} is too large"
	errConditionZero       = "invalid condition (?(0)"
	errSingleByteBehind    = "\\C not allowed in lookbehind assertion"
	errPerlEscape          = "PCRE does not support \\L, \\l, \\N{name}, \\U, or \\u"
	errCalloutNumber       = "number after (?C is > 255"
	errCalloutClose        = "closing ) for (?C expected"
	errRecursionForever    = "recursive call could loop indefinitely"
	errAfterP              = "unrecognized character after (?P"
	errNameTerminator      = "syntax error in subpattern name (missing terminator)"
	errDuplicateName       = "two named subpatterns have the same name"
	errInvalidUTF8         = "invalid UTF-8 string"
	errMalformedProperty   = "malformed \\P or \\p sequence"
	errUnknownProperty     = "unknown property name after \\P or \\p"
	errNameTooLong         = "subpattern name is too long (maximum 32 characters)"
	errOctalTooLarge       = "octal value is greater than \\377 in 8-bit non-UTF-8 mode"
	errDefineBranches      = "DEFINE group contains more than one branch"
	errDefineRepeat        = "repeating a DEFINE group is not allowed"
	errAfterG              = "\\g is not followed by a braced, angle-bracketed, or quoted name/number or by a plain number"
	errReferenceZero       = "a numbered reference must not be zero"
	errVerbArgument        = "an argument is not allowed for (*ACCEPT), (*FAIL), or (*COMMIT)"
	errVerb                = "(*VERB) not recognized or malformed"
	errNumberTooBig        = "number is too big"
	errNameExpected        = "subpattern name expected"
	errDigitExpected       = "digit expected after (?+"
	errBracketInJavaScript = "] is an invalid data character in JavaScript compatibility mode"
	errNamesOfOneNumber    = "different names for subpatterns of the same number are not allowed"
	errControlNotASCII     = "\\c must be followed by an ASCII character"
	errAfterK              = "\\k is not followed by a braced, angle-bracketed, or quoted name"
	errNInClass            = "\\N is not supported in a class"
	errSurrogate           = "disallowed Unicode code point (>= 0xd800 && <= 0xdfff)"
	errUnicodeEscape       = "character value in \\u.... sequence is too large"
	errHexBrace            = "non-hex character in \\x{} (closing brace missing?)"
	errOctalBrace          = "non-octal character in \\o{} (closing brace missing?)"
	errOctalOpen           = "missing opening brace after \\o"
	errTooDeep             = "parentheses are too deeply nested"
	errClassRange          = "invalid range in character class"
	errNameDigit           = "group name must start with a non-digit"
	errDigitsMissing       = "digits missing in \\x{} or \\o{}"
	errTooLarge            = "regular expression is too large"
	errTooComplicated      = "regular expression is too complicated"
)
