package lua

// OptNumber is a Lua value that is a number or nil. The zero value is nil.
type OptNumber struct {
	value float64
	ok    bool
}

// NoNumber is the OptNumber that is nil.
var NoNumber = OptNumber{}

// SomeNumber returns the OptNumber that holds n.
func SomeNumber(n float64) OptNumber { return OptNumber{value: n, ok: true} }

// OptNum turns the pair of a conversion that may fail into an OptNumber.
func OptNum(n float64, ok bool) OptNumber {
	if !ok {
		return OptNumber{}
	}
	return SomeNumber(n)
}

// IsNumber reports whether a conversion that may fail gave a number.
func IsNumber(_ float64, ok bool) bool { return ok }

// AsOptNumber returns the number or nil that v has been shown to be.
func AsOptNumber(v any) OptNumber {
	n, ok := Plain(v).(float64)
	return OptNum(n, ok)
}

// Get returns the number and true, or 0 and false for nil.
func (o OptNumber) Get() (float64, bool) { return o.value, o.ok }

// IsNil reports whether the value is nil.
func (o OptNumber) IsNil() bool { return !o.ok }

// Number returns the number that the value has been shown to be.
func (o OptNumber) Number() float64 { return o.value }

// Or returns the number, or fallback for nil: Lua's `value or 1`.
func (o OptNumber) Or(fallback float64) float64 {
	if !o.ok {
		return fallback
	}
	return o.value
}

// Value returns the dynamic value: a number or nil.
func (o OptNumber) Value() Value {
	if !o.ok {
		return nil
	}
	return o.value
}
