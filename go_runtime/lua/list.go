package lua

import (
	"iter"
	"strings"
)

// Lists of strings that nothing else sees are Go slices; these are the operations
// on them that Go does not have, or does otherwise.

// Push is append where nothing bounds how often: as with a table, too many
// elements are "not enough memory".
func Push(list []string, text string) []string {
	if len(list) >= maxItems {
		ThrowValue("not enough memory")
	}
	countMade()
	return append(list, text)
}

// Item is list[i], counted from 1; nil where the list has none.
func Item(list []string, i float64) OptString {
	if at := int(i); i >= 1 && i <= float64(len(list)) && float64(at) == i {
		return Some(list[at-1])
	}
	return None
}

// ItemOf is Item for a key of any kind.
func ItemOf(list []string, key Value) OptString {
	if i, ok := Plain(key).(float64); ok {
		return Item(list, i)
	}
	return None
}

// Each is what ipairs(list) goes through, counted from 1.
func Each(list []string) iter.Seq2[float64, string] {
	return func(yield func(float64, string) bool) {
		for i, text := range list {
			if !yield(float64(i+1), text) {
				return
			}
		}
	}
}

// JoinTexts is table.concat(list, separator).
func JoinTexts(list []string, separator string) string {
	size := len(separator) * max(len(list)-1, 0)
	for _, text := range list {
		if size += len(text); size > maxString {
			ThrowValue("not enough memory")
		}
	}
	return strings.Join(list, separator)
}
