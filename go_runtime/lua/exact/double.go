// Package exact has the functions of Lua's math library whose results Go's own
// package math gives with an error in the last digit. Here they are computed
// with twice the digits and then rounded, so that a result is the number nearest
// to the true one. nginx's come from the C library of its machine; glibc's are
// the nearest ones, too, in all but a few of a thousand cases.
package exact

import "math"

// double is a number of some 106 bits: the sum of hi and a lo that is too small to
// change hi.
type double struct{ hi, lo float64 }

// sum is a + b, exactly.
func sum(a, b float64) double {
	s := a + b
	c := s - a
	return double{s, (a - (s - c)) + (b - c)}
}

// product is a * b, exactly.
func product(a, b float64) double {
	p := a * b
	return double{p, math.FMA(a, b, -p)}
}

// normal is a + b for a b that is smaller than a.
func normal(a, b float64) double {
	s := a + b
	return double{s, b - (s - a)}
}

func (a double) plus(b double) double {
	s, t := sum(a.hi, b.hi), sum(a.lo, b.lo)
	s = normal(s.hi, s.lo+t.hi)
	return normal(s.hi, s.lo+t.lo)
}

func (a double) negated() double { return double{-a.hi, -a.lo} }

func (a double) minus(b double) double { return a.plus(b.negated()) }

func (a double) times(b double) double {
	p := product(a.hi, b.hi)
	return normal(p.hi, p.lo+(a.hi*b.lo+a.lo*b.hi))
}

func (a double) over(b double) double {
	q := a.hi / b.hi
	rest := a.minus(b.times(double{q, 0}))
	more := rest.hi / b.hi
	rest = rest.minus(b.times(double{more, 0}))
	found := normal(q, more)
	return normal(found.hi, found.lo+rest.hi/b.hi)
}

// scaled is a * factor for a factor that is a power of two.
func (a double) scaled(factor float64) double { return double{a.hi * factor, a.lo * factor} }

func (a double) root() double {
	if a.hi <= 0 {
		return double{math.Sqrt(a.hi), 0}
	}
	r := math.Sqrt(a.hi)
	rest := a.minus(product(r, r))
	return normal(r, rest.hi/(2*r))
}

// tie is how near to the middle between two numbers a result has to be to be taken
// for the middle itself, as a part of the result.
const tie = 1.0 / (1 << 48) / (1 << 47)

// rounded is a * 2**exponent as the nearest number, the even one in the middle
// between two.
func (a double) rounded(exponent int) float64 {
	const least = -1074 // of the exponents of the smallest numbers
	if a.hi == 0 || math.IsInf(a.hi, 0) || a.hi != a.hi {
		return math.Ldexp(a.hi, exponent)
	}
	if _, own := math.Frexp(a.hi); own+exponent < -1021 { // too small for all 53 bits
		unit := math.Ldexp(1.5, 52+least-exponent)
		s := sum(math.Copysign(unit, a.hi), a.hi)
		return math.Ldexp((s.hi+(s.lo+a.lo))-math.Copysign(unit, a.hi), exponent)
	}
	if a.lo != 0 {
		next := math.Nextafter(a.hi, math.Inf(int(math.Copysign(1, a.lo))))
		half := (next - a.hi) / 2
		if math.Abs(a.lo-half) <= math.Abs(a.hi)*tie && math.Float64bits(a.hi)&1 == 1 {
			return math.Ldexp(next, exponent)
		}
	}
	return math.Ldexp(a.hi, exponent)
}
