package lua

// LibraryString is the string that a function of a Lua library takes: one that
// asks for the length of its parameter called name before anything else. The error
// that another value raises carries no position: in nginx it is one in the file
// of the library.
func LibraryString(v any, name string) string {
	text, ok := Plain(v).(string)
	if !ok {
		GetLength.Throw(Plain(v), Local(name, 0))
	}
	return text
}

// LibraryNumber is the number that a function of a Lua library takes; a text that
// reads as one counts as one.
func LibraryNumber(v any) (n float64, ok bool) { return numberOf(v) }

// LibraryText is LibraryString for a function that gives its argument to a
// function of the string library, which takes numbers, too.
func LibraryText(v any, function string) string {
	text, ok := textOf(v)
	if !ok {
		ThrowValue("bad argument #1 to '" + function + "' (string expected, got " + TypeName(v) + ")")
	}
	return text
}
