package exact

import "math"

// halfPi is π/2 in parts.
var halfPi = [...]float64{0x1.921fb54442d18p+0, 0x1.1a62633145c07p-54, -0x1.f1976b7ed8fbcp-110}

// maxAngle is up to where an angle is taken apart here. A larger one is for Go's
// package math.
const maxAngle = 1 << 30

// sinCos are sine and cosine of an angle of at most π/4 or so.
func sinCos(a double) (sine, cosine double) {
	const terms = 27
	square := a.times(a).negated()
	sine, cosine = double{1, 0}, double{1, 0}
	for n := float64(terms); n > 1; n -= 2 {
		sine = square.over(double{n * (n - 1), 0}).times(sine).plus(double{1, 0})
		cosine = square.over(double{(n - 1) * (n - 2), 0}).times(cosine).plus(double{1, 0})
		if n == 3 {
			break
		}
	}
	return sine.times(a), cosine
}

// turned are sine and cosine of an angle below maxAngle.
func turned(x float64) (sine, cosine double) {
	quarters := math.Round(x / halfPi[0])
	rest := double{x, 0}
	for _, part := range halfPi {
		rest = rest.minus(product(quarters, part))
	}
	sine, cosine = sinCos(rest)
	switch int(quarters) & 3 {
	case 1:
		return cosine, sine.negated()
	case 2:
		return sine.negated(), cosine.negated()
	case 3:
		return cosine.negated(), sine
	}
	return sine, cosine
}

// isTurn reports whether turned takes an angle.
func isTurn(x float64) bool { return math.Abs(x) <= maxAngle && math.Abs(x) > 1e-150 }

// Sin is math.sin(x).
func Sin(x float64) float64 {
	if !isTurn(x) {
		return math.Sin(x)
	}
	sine, _ := turned(x)
	return sine.rounded(0)
}

// Cos is math.cos(x).
func Cos(x float64) float64 {
	if !isTurn(x) {
		return math.Cos(x)
	}
	_, cosine := turned(x)
	return cosine.rounded(0)
}

// Tan is math.tan(x).
func Tan(x float64) float64 {
	if !isTurn(x) {
		return math.Tan(x)
	}
	sine, cosine := turned(x)
	return sine.over(cosine).rounded(0)
}

// angle is the angle of the point (x, y), which is near to guess.
func angle(y, x double, guess float64) float64 {
	sine, cosine := turned(guess)
	off := y.times(cosine).minus(x.times(sine)).over(x.times(cosine).plus(y.times(sine)))
	return double{guess, 0}.plus(off).rounded(0)
}

// Atan2 is math.atan2(y, x).
func Atan2(y, x float64) float64 {
	guess := math.Atan2(y, x)
	large, small := math.Max(math.Abs(x), math.Abs(y)), math.Min(math.Abs(x), math.Abs(y))
	if !isTurn(guess) || small == 0 || large > 1e150 || small < 1e-150 {
		return guess
	}
	return angle(double{y, 0}, double{x, 0}, guess)
}

// Atan is math.atan(x).
func Atan(x float64) float64 { return Atan2(x, 1) }

// Asin is math.asin(x).
func Asin(x float64) float64 {
	guess := math.Asin(x)
	if !isTurn(guess) || math.Abs(x) == 1 {
		return guess
	}
	return angle(double{x, 0}, other(x), guess)
}

// Acos is math.acos(x).
func Acos(x float64) float64 {
	guess := math.Acos(x)
	if !isTurn(guess) || math.Abs(x) == 1 {
		return guess
	}
	return angle(other(x), double{x, 0}, guess)
}

// other is the second coordinate of a point at the distance 1 from the centre.
func other(x float64) double { return sum(1, -x).times(sum(1, x)).root() }
