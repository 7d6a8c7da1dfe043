package lua

// OptString is a Lua value that is a string or nil. The zero value is nil.
type OptString struct {
	value string
	ok    bool
}

// None is the OptString that is nil.
var None = OptString{}

// Some returns the OptString that holds s.
func Some(s string) OptString { return OptString{value: s, ok: true} }

// Opt turns the pair of a read that may fail into an OptString.
func Opt(s string, ok bool) OptString {
	if !ok {
		return None
	}
	return Some(s)
}

// OrEmpty returns the string of a read that may fail, "" if it did: Lua's
// `value or ""`.
func OrEmpty(s string, ok bool) string { return Opt(s, ok).Or("") }

// Given reports whether a read that may fail gave a string.
func Given(_ string, ok bool) bool { return ok }

// Get returns the string and true, or "" and false for nil.
func (o OptString) Get() (string, bool) { return o.value, o.ok }

// IsNil reports whether the value is nil.
func (o OptString) IsNil() bool { return !o.ok }

// Is reports whether the value is this string.
func (o OptString) Is(s string) bool { return o.ok && o.value == s }

// Or returns the string, or fallback for nil: Lua's `value or "fallback"`.
func (o OptString) Or(fallback string) string {
	if !o.ok {
		return fallback
	}
	return o.value
}

// Value returns the dynamic value: a string or nil.
func (o OptString) Value() Value {
	if !o.ok {
		return nil
	}
	return o.value
}

// String returns the text that tostring() gives: the string itself or "nil".
func (o OptString) String() string { return o.Or("nil") }
