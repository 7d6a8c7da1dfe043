package exact

import "math"

var (
	ln2       = double{0x1.62e42fefa39efp-1, 0x1.abc9e3b39803fp-56}
	oneByLn2  = double{0x1.71547652b82fep+0, 0x1.777d0ffda0d24p-56}
	oneByLn10 = double{0x1.bcb7b1526e50ep-2, 0x1.95355baaafad3p-57}
)

// expMinus1 is e**a - 1 for a small a; the error is small beside the result.
func expMinus1(a double) double {
	const halvings, terms = 8, 11
	a = a.scaled(1.0 / (1 << halvings))
	series := double{1, 0}
	for n := terms; n > 1; n-- {
		series = a.over(double{float64(n), 0}).times(series).plus(double{1, 0})
	}
	found := a.times(series)
	for range halvings {
		found = found.scaled(2).plus(found.times(found))
	}
	return found
}

// exponential is e**a as a number and an exponent of 2.
func exponential(a double) (double, int) {
	n := math.Round(a.hi * oneByLn2.hi)
	rest := a.minus(product(n, ln2.hi)).minus(product(n, ln2.lo))
	return expMinus1(rest).plus(double{1, 0}), int(n)
}

// logarithm is the natural logarithm of a finite x above 0, in two parts: that of
// a number near 1, and how often 2 is a factor of x.
func logarithm(x float64) (double, float64) {
	m, e := math.Frexp(x)
	if m < math.Sqrt2/2 {
		m *= 2
		e--
	}
	guess := math.Log(m)
	off := double{m - 1, 0}.plus(expMinus1(double{-guess, 0}).times(double{m, 0}))
	square := off.hi * off.hi
	return double{guess, 0}.plus(off).minus(double{square / 2, 0}), float64(e)
}

// natural is the logarithm of a finite x above 0.
func natural(x float64) double {
	found, twos := logarithm(x)
	return product(twos, ln2.hi).plus(product(twos, ln2.lo)).plus(found)
}

// isPlain reports whether x has a logarithm that is a number.
func isPlain(x float64) bool { return x > 0 && x <= math.MaxFloat64 }

// Log is math.log(x).
func Log(x float64) float64 {
	if !isPlain(x) {
		return math.Log(x)
	}
	return natural(x).rounded(0)
}

// log2 is the logarithm to the base 2.
func log2(x float64) float64 {
	if !isPlain(x) {
		return math.Log2(x)
	}
	found, twos := logarithm(x)
	return found.times(oneByLn2).plus(double{twos, 0}).rounded(0)
}

// LogBase is math.log(x, base); LuaJIT makes it of two logarithms to the base 2.
func LogBase(x, base float64) float64 { return log2(x) * (1 / log2(base)) }

// LogOf is math.log(x, more...), of which one number counts.
func LogOf(x float64, more ...float64) float64 {
	if len(more) == 0 {
		return Log(x)
	}
	return LogBase(x, more[0])
}

// Log10 is math.log10(x).
func Log10(x float64) float64 {
	if !isPlain(x) {
		return math.Log10(x)
	}
	return natural(x).times(oneByLn10).rounded(0)
}

// tooLarge bounds what e is raised to: beyond it nothing is left but 0 and infinity.
const tooLarge = 750

// Exp is math.exp(x).
func Exp(x float64) float64 {
	if !(math.Abs(x) < tooLarge) {
		return math.Exp(x)
	}
	found, twos := exponential(double{x, 0})
	return found.rounded(twos)
}

// Pow is x ^ y.
func Pow(x, y float64) float64 {
	if x == 0 || y == 0 || x != x || y != y || math.IsInf(x, 0) || math.IsInf(y, 0) || x == 1 {
		return math.Pow(x, y)
	}
	sign := 1.0
	if x < 0 {
		if y != math.Trunc(y) {
			return math.NaN()
		}
		if math.Mod(y, 2) != 0 {
			sign = -1
		}
		x = -x
	}
	log := natural(x)
	if power := log.hi * y; power > tooLarge {
		return math.Copysign(math.Inf(1), sign)
	} else if power < -tooLarge {
		return math.Copysign(0, sign)
	}
	found, twos := exponential(log.times(double{y, 0}))
	return sign * found.rounded(twos)
}

// Sinh is math.sinh(x).
func Sinh(x float64) float64 {
	size := math.Abs(x)
	switch {
	case !(size < tooLarge) || size < 1e-150:
		return math.Sinh(x)
	case size < 0.3:
		e := expMinus1(double{size, 0})
		return math.Copysign(e.plus(e.over(e.plus(double{1, 0}))).scaled(0.5).rounded(0), x)
	}
	e, twos := exponential(double{size, 0})
	return math.Copysign(e.minus(inverse(e, twos)).rounded(twos-1), x)
}

// Cosh is math.cosh(x).
func Cosh(x float64) float64 {
	if !(math.Abs(x) < tooLarge) {
		return math.Cosh(x)
	}
	e, twos := exponential(double{math.Abs(x), 0})
	return e.plus(inverse(e, twos)).rounded(twos - 1)
}

// inverse is 1/(e * 2**twos), in units of 2**twos.
func inverse(e double, twos int) double {
	return double{1, 0}.over(e).scaled(math.Ldexp(1, -2*twos))
}

// Tanh is math.tanh(x).
func Tanh(x float64) float64 {
	size := math.Abs(x)
	if !(size < 20) || size < 1e-150 {
		return math.Tanh(x)
	}
	var e double
	if size < 0.15 {
		e = expMinus1(double{2 * size, 0})
	} else {
		power, twos := exponential(double{2 * size, 0})
		e = power.scaled(math.Ldexp(1, twos)).minus(double{1, 0})
	}
	return math.Copysign(e.over(e.plus(double{2, 0})).rounded(0), x)
}
