package lua

// Sub is string.sub(s, i, j): the bytes from position i to j, both counted
// from 1, or from the end when negative.
func Sub(s string, i, j float64) string {
	start, end := position(i, len(s)), position(j, len(s))
	if start < 1 {
		start = 1
	}
	if end > len(s) {
		end = len(s)
	}
	if start > end {
		return ""
	}
	return s[start-1 : end]
}

// position makes an index of string.sub absolute. Fractions are cut off; what
// lies outside of 32 bits is taken to the border, which no string reaches.
func position(i float64, length int) int {
	const border = 1 << 31
	switch {
	case i != i:
		return 0
	case i > border:
		return border
	case i < -border:
		return -border
	}
	n := int(i)
	if n < 0 {
		n += length + 1
		if n < 0 {
			n = 0
		}
	}
	return n
}

// Len is #s: the number of bytes.
func Len(s string) float64 { return float64(len(s)) }

// Clock tells the time to os.time(); a request is one.
type Clock interface {
	// UnixNano is the wall clock's time in nanoseconds since 1970. (A time.Time
	// would bring all its formatting into every module.)
	UnixNano() int64
}

// Time is os.time(): whole seconds since 1970.
func Time(c Clock) float64 { return float64(c.UnixNano() / 1e9) }
