package lua

import "math"

// generator is LuaJIT's generator of random numbers: four shift registers, 223
// bits in all.
type generator [4]uint64

// random is the generator of the whole VM, as LuaJIT's is of an nginx worker: it
// begins the same way in each, and all handlers draw from it.
var random = generator{0xa0d277570a345b8c, 0x764a296c5d4aa64f, 0x51220704070adeaa, 0x2a2717b5a7b7b927}

// registers are the sizes and steps of the four registers.
var registers = [...]struct{ size, tap, step uint }{{63, 31, 18}, {58, 19, 28}, {55, 24, 7}, {47, 21, 8}}

// next steps all registers.
func (g *generator) next() uint64 {
	var found uint64
	for i, r := range registers {
		z := g[i]
		g[i] = ((z<<r.tap)^z)>>(r.size-r.step) ^ (z&(math.MaxUint64<<(64-r.size)))<<r.step
		found ^= g[i]
	}
	return found
}

// draw is a number from 0 on and below 1.
func (g *generator) draw() float64 {
	return math.Float64frombits(g.next()&(1<<52-1)|1023<<52) - 1
}

// seed starts the generator from a number.
func (g *generator) seed(n float64) {
	const rounds = 10
	for i, r := range registers {
		n = float64(n*math.Pi) + math.E
		bits := math.Float64bits(n)
		if least := uint64(1) << (64 - r.size); bits < least {
			bits += least
		}
		g[i] = bits
	}
	for range rounds {
		g.next()
	}
}

// Random is math.random(): a number from 0 on and below 1.
func Random() float64 { return random.draw() }

// RandomUpTo is math.random(last): a whole number from 1 on.
func RandomUpTo(last float64) float64 { return math.Floor(random.draw()*last) + 1 }

// RandomBetween is math.random(first, last).
func RandomBetween(first, last float64) float64 {
	return math.Floor(random.draw()*(last-first+1)) + first
}

// RandomOf is math.random(bounds...).
func RandomOf(bounds ...float64) float64 {
	switch len(bounds) {
	case 0:
		return Random()
	case 1:
		return RandomUpTo(bounds[0])
	default:
		return RandomBetween(bounds[0], bounds[1])
	}
}

// RandomSeed is math.randomseed(n).
func RandomSeed(n float64) { random.seed(n) }
