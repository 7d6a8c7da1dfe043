package lua

import "math"

// Max is math.max(first, more…). Of 0 and -0, and of a NaN and anything else, the
// later one counts, as in LuaJIT.
func Max(first float64, more ...float64) float64 {
	for _, n := range more {
		if !(first > n) {
			first = n
		}
	}
	return first
}

// Min is math.min(first, more…), as Max.
func Min(first float64, more ...float64) float64 {
	for _, n := range more {
		if !(first < n) {
			first = n
		}
	}
	return first
}

// Fmod is math.fmod(a, b): the result has the sign of a.
func Fmod(a, b float64) float64 { return math.Mod(a, b) }

// Modf is math.modf(n): the integer part and the fraction.
func Modf(n float64) (whole, fraction float64) {
	if math.IsInf(n, 0) {
		return n, math.Copysign(0, n)
	}
	whole = math.Trunc(n)
	return whole, math.Copysign(n-whole, n)
}

// Deg is math.deg(angle).
func Deg(angle float64) float64 { return angle * (180 / math.Pi) }

// Rad is math.rad(angle).
func Rad(angle float64) float64 { return angle * (math.Pi / 180) }

// Frexp is math.frexp(n): a number of at least 0.5 and below 1, and the power of 2
// that it is to be multiplied with.
func Frexp(n float64) (fraction, exponent float64) {
	fraction, power := math.Frexp(n)
	return fraction, float64(power)
}

// Ldexp is math.ldexp(n, exponent).
func Ldexp(n, exponent float64) float64 {
	const most = 1 << 12 // more makes no difference
	if exponent != exponent {
		return exponent
	}
	return math.Ldexp(n, int(max(-most, min(exponent, most))))
}
