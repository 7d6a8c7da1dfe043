package htpasswd

import "strings"

// The tables of DES. An order says which bit of the input, counted from 1 at the left,
// is each bit of the output.

// initialOrder is what happens to a block first.
var initialOrder = [...]uint8{
	58, 50, 42, 34, 26, 18, 10, 2, 60, 52, 44, 36, 28, 20, 12, 4,
	62, 54, 46, 38, 30, 22, 14, 6, 64, 56, 48, 40, 32, 24, 16, 8,
	57, 49, 41, 33, 25, 17, 9, 1, 59, 51, 43, 35, 27, 19, 11, 3,
	61, 53, 45, 37, 29, 21, 13, 5, 63, 55, 47, 39, 31, 23, 15, 7,
}

// finalOrder undoes initialOrder.
var finalOrder = [...]uint8{
	40, 8, 48, 16, 56, 24, 64, 32, 39, 7, 47, 15, 55, 23, 63, 31,
	38, 6, 46, 14, 54, 22, 62, 30, 37, 5, 45, 13, 53, 21, 61, 29,
	36, 4, 44, 12, 52, 20, 60, 28, 35, 3, 43, 11, 51, 19, 59, 27,
	34, 2, 42, 10, 50, 18, 58, 26, 33, 1, 41, 9, 49, 17, 57, 25,
}

// expansion makes 48 bits of a half.
var expansion = [...]uint8{
	32, 1, 2, 3, 4, 5, 4, 5, 6, 7, 8, 9, 8, 9, 10, 11,
	12, 13, 12, 13, 14, 15, 16, 17, 16, 17, 18, 19, 20, 21, 20, 21,
	22, 23, 24, 25, 24, 25, 26, 27, 28, 29, 28, 29, 30, 31, 32, 1,
}

// roundOrder is what happens to the bits that the boxes give.
var roundOrder = [...]uint8{
	16, 7, 20, 21, 29, 12, 28, 17, 1, 15, 23, 26, 5, 18, 31, 10,
	2, 8, 24, 14, 32, 27, 3, 9, 19, 13, 30, 6, 22, 11, 4, 25,
}

// keyOrder makes 56 bits of a key with parity bits.
var keyOrder = [...]uint8{
	57, 49, 41, 33, 25, 17, 9, 1, 58, 50, 42, 34, 26, 18, 10, 2,
	59, 51, 43, 35, 27, 19, 11, 3, 60, 52, 44, 36, 63, 55, 47, 39,
	31, 23, 15, 7, 62, 54, 46, 38, 30, 22, 14, 6, 61, 53, 45, 37,
	29, 21, 13, 5, 28, 20, 12, 4,
}

// subkeyOrder makes 48 bits of these.
var subkeyOrder = [...]uint8{
	14, 17, 11, 24, 1, 5, 3, 28, 15, 6, 21, 10, 23, 19, 12, 4,
	26, 8, 16, 7, 27, 20, 13, 2, 41, 52, 31, 37, 47, 55, 30, 40,
	51, 45, 33, 48, 44, 49, 39, 56, 34, 53, 46, 42, 50, 36, 29, 32,
}

// boxes make four bits of six, of which the first and the last choose a row.
var boxes = [8][64]uint8{
	{
		14, 4, 13, 1, 2, 15, 11, 8, 3, 10, 6, 12, 5, 9, 0, 7,
		0, 15, 7, 4, 14, 2, 13, 1, 10, 6, 12, 11, 9, 5, 3, 8,
		4, 1, 14, 8, 13, 6, 2, 11, 15, 12, 9, 7, 3, 10, 5, 0,
		15, 12, 8, 2, 4, 9, 1, 7, 5, 11, 3, 14, 10, 0, 6, 13,
	},
	{
		15, 1, 8, 14, 6, 11, 3, 4, 9, 7, 2, 13, 12, 0, 5, 10,
		3, 13, 4, 7, 15, 2, 8, 14, 12, 0, 1, 10, 6, 9, 11, 5,
		0, 14, 7, 11, 10, 4, 13, 1, 5, 8, 12, 6, 9, 3, 2, 15,
		13, 8, 10, 1, 3, 15, 4, 2, 11, 6, 7, 12, 0, 5, 14, 9,
	},
	{
		10, 0, 9, 14, 6, 3, 15, 5, 1, 13, 12, 7, 11, 4, 2, 8,
		13, 7, 0, 9, 3, 4, 6, 10, 2, 8, 5, 14, 12, 11, 15, 1,
		13, 6, 4, 9, 8, 15, 3, 0, 11, 1, 2, 12, 5, 10, 14, 7,
		1, 10, 13, 0, 6, 9, 8, 7, 4, 15, 14, 3, 11, 5, 2, 12,
	},
	{
		7, 13, 14, 3, 0, 6, 9, 10, 1, 2, 8, 5, 11, 12, 4, 15,
		13, 8, 11, 5, 6, 15, 0, 3, 4, 7, 2, 12, 1, 10, 14, 9,
		10, 6, 9, 0, 12, 11, 7, 13, 15, 1, 3, 14, 5, 2, 8, 4,
		3, 15, 0, 6, 10, 1, 13, 8, 9, 4, 5, 11, 12, 7, 2, 14,
	},
	{
		2, 12, 4, 1, 7, 10, 11, 6, 8, 5, 3, 15, 13, 0, 14, 9,
		14, 11, 2, 12, 4, 7, 13, 1, 5, 0, 15, 10, 3, 9, 8, 6,
		4, 2, 1, 11, 10, 13, 7, 8, 15, 9, 12, 5, 6, 3, 0, 14,
		11, 8, 12, 7, 1, 14, 2, 13, 6, 15, 0, 9, 10, 4, 5, 3,
	},
	{
		12, 1, 10, 15, 9, 2, 6, 8, 0, 13, 3, 4, 14, 7, 5, 11,
		10, 15, 4, 2, 7, 12, 9, 5, 6, 1, 13, 14, 0, 11, 3, 8,
		9, 14, 15, 5, 2, 8, 12, 3, 7, 0, 4, 10, 1, 13, 11, 6,
		4, 3, 2, 12, 9, 5, 15, 10, 11, 14, 1, 7, 6, 0, 8, 13,
	},
	{
		4, 11, 2, 14, 15, 0, 8, 13, 3, 12, 9, 7, 5, 10, 6, 1,
		13, 0, 11, 7, 4, 9, 1, 10, 14, 3, 5, 12, 2, 15, 8, 6,
		1, 4, 11, 13, 12, 3, 7, 14, 10, 15, 6, 8, 0, 5, 9, 2,
		6, 11, 13, 8, 1, 4, 10, 7, 9, 5, 0, 15, 14, 2, 3, 12,
	},
	{
		13, 2, 8, 4, 6, 15, 11, 1, 10, 9, 3, 14, 5, 0, 12, 7,
		1, 15, 13, 8, 10, 3, 7, 4, 12, 5, 6, 11, 0, 14, 9, 2,
		7, 11, 4, 1, 9, 12, 14, 2, 0, 6, 10, 13, 15, 3, 5, 8,
		2, 1, 14, 7, 4, 10, 8, 13, 15, 12, 9, 0, 3, 5, 6, 11,
	},
}

// shifts are how far the halves of the key turn in front of each round.
var shifts = [16]int{1, 1, 2, 2, 2, 2, 2, 2, 1, 2, 2, 2, 2, 2, 2, 1}

// pick puts the bits of in, of which there are width, into another order.
func pick(in uint64, width int, order []uint8) uint64 {
	var out uint64
	for _, bit := range order {
		out = out<<1 | in>>(width-int(bit))&1
	}
	return out
}

// subkeys are the keys of the rounds.
func subkeys(key uint64) (keys [16]uint64) {
	const half = 1<<28 - 1
	both := pick(key, 64, keyOrder[:])
	left, right := both>>28, both&half
	for round, n := range shifts {
		left = (left<<n | left>>(28-n)) & half
		right = (right<<n | right>>(28-n)) & half
		keys[round] = pick(left<<28|right, 56, subkeyOrder[:])
	}
	return keys
}

// encrypt is DES but for one thing: where salt has a bit, the bit of the expanded half
// and the one 24 further change places.
func encrypt(block uint64, keys *[16]uint64, salt uint64) uint64 {
	block = pick(block, 64, initialOrder[:])
	left, right := block>>32, block&0xffffffff
	for _, key := range keys {
		wide := pick(right, 32, expansion[:])
		swapped := (wide ^ wide>>24) & salt
		wide ^= swapped | swapped<<24
		wide ^= key
		var narrow uint64
		for i := range boxes {
			six := wide >> (42 - 6*i) & 63
			narrow = narrow<<4 | uint64(boxes[i][six&32|(six&1)<<4|six>>1&15])
		}
		left, right = right, left^pick(narrow, 32, roundOrder[:])
	}
	return pick(right<<32|left, 64, finalOrder[:])
}

// descrypt is the oldest crypt(): DES, 25 times, on zeros, with the first eight
// characters of the password as the key and two digits of salt. It fails when these are
// no digits.
func descrypt(password, setting string) (string, bool) {
	var salt, key uint64
	for i := range 2 {
		digit := -1
		if i < len(setting) {
			digit = strings.IndexByte(cryptDigits, setting[i])
		}
		if digit < 0 {
			return "", false
		}
		for bit := range 6 { // the lowest one of the first digit is for the first bit
			salt |= uint64(digit>>bit&1) << (23 - 6*i - bit)
		}
	}
	for i := range 8 {
		key <<= 8
		if i < len(password) {
			key |= uint64(password[i]) << 1 & 0xff
		}
	}
	keys := subkeys(key)
	var block uint64
	for range 25 {
		block = encrypt(block, &keys, salt)
	}
	out := []byte(setting[:2])
	for i := range 11 { // the last digit has two bits of zeros
		six := block << 2
		if i < 10 {
			six = block >> (58 - 6*i)
		}
		out = append(out, cryptDigits[six&63])
	}
	return string(out), true
}
