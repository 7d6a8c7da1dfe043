// Package splitclients is nginx's split_clients: a part of all clients for each value.
package splitclients

// Part is a value and its part of the whole: up to which hash it is taken, 0 for
// all that is left.
type Part struct {
	Below uint32
	Value string
}

// Choose is the value of the part that a text falls into, "" for none.
func Choose(text string, parts ...Part) string {
	hash := murmur2(text)
	for _, part := range parts {
		if part.Below == 0 || hash < part.Below {
			return part.Value
		}
	}
	return ""
}

// murmur2 is MurmurHash2 of 32 bits with the seed 0.
func murmur2(text string) uint32 {
	const m = 0x5bd1e995
	h := uint32(len(text))
	for ; len(text) >= 4; text = text[4:] {
		k := uint32(text[0]) | uint32(text[1])<<8 | uint32(text[2])<<16 | uint32(text[3])<<24
		k *= m
		k ^= k >> 24
		h = h*m ^ k*m
	}
	if n := len(text); n > 0 {
		for i := n - 1; i >= 0; i-- {
			h ^= uint32(text[i]) << (8 * i)
		}
		h *= m
	}
	h ^= h >> 13
	h *= m
	return h ^ h>>15
}
