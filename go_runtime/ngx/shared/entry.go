package shared

import (
	"math"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// kind is the type of a value in a dict; the numbers are Lua's.
type kind byte

const (
	boolean kind = 1
	number  kind = 3
	text    kind = 4
	list    kind = 5
)

// entry is a key with its value.
type entry struct {
	key     string
	kind    kind
	flags   int32
	expires int64  // in milliseconds since 1970; 0 for never
	written int64  // in nanoseconds since 1970
	value   string // the text, the bits of the number, or the items of the list
}

// Before the key and the value of an entry stand the length of the key (2 bytes),
// kind (1), flags (4), expires (8), written (8), and the length of the value (4).
const entryHeader = 27

// expired reports whether a look-up does not find the entry.
func (e *entry) expired(now int64) bool { return e.expires != 0 && e.expires < now }

// usage is what nginx would need for the entry.
func (e *entry) usage() usage {
	var u usage
	if e.kind != list {
		u.add(nodeSize+len(e.key)+len(e.value), 1)
		return u
	}
	u.add((nodeSize+len(e.key)+listHeadSize+7)/8*8, 1)
	for _, item := range itemsOf(e.value) {
		u.add(itemSize+len(item.value), 1)
	}
	return u
}

// lua is the value; a list has none.
func (e *entry) lua() lua.Value { return item{e.kind, e.value}.lua() }

// item is a value, as it is in a list, too.
type item struct {
	kind  kind
	value string
}

// lua is the value as Lua has it.
func (i item) lua() lua.Value {
	switch i.kind {
	case boolean:
		return i.value != "\x00"
	case number:
		return math.Float64frombits(read(i.value, 8))
	default:
		return i.value
	}
}

// itemOf is the item that a Lua value makes; false for values that dicts do not
// take.
func itemOf(v lua.Value) (item, bool) {
	switch v := v.(type) {
	case bool:
		if v {
			return item{boolean, "\x01"}, true
		}
		return item{boolean, "\x00"}, true
	case float64:
		return item{number, bits(v)}, true
	case string:
		return item{text, v}, true
	default:
		return item{}, false
	}
}

// bits are the bytes of a number.
func bits(n float64) string { return string(put(nil, math.Float64bits(n), 8)) }

// Items of a list stand one behind the other: kind (1 byte), length (4), value.
const itemHeader = 5

// itemsOf takes a list apart.
func itemsOf(s string) []item {
	var items []item
	for len(s) >= itemHeader {
		end := itemHeader + int(read(s[1:], 4))
		items = append(items, item{kind(s[0]), s[itemHeader:end]})
		s = s[end:]
	}
	return items
}

// encoded is an item as it stands in a list.
func (i item) encoded() string {
	b := append(make([]byte, 0, itemHeader+len(i.value)), byte(i.kind))
	return string(append(put(b, uint64(len(i.value)), 4), i.value...))
}

// put appends the n lowest bytes of a number, the lowest first.
func put(b []byte, v uint64, n int) []byte {
	for range n {
		b = append(b, byte(v))
		v >>= 8
	}
	return b
}

// read reads a number of n bytes.
func read(s string, n int) uint64 {
	var v uint64
	for i := n - 1; i >= 0; i-- {
		v = v<<8 | uint64(s[i])
	}
	return v
}

// decode takes the text of a slot apart.
func decode(s string) []entry {
	var entries []entry
	for len(s) > entryHeader {
		var e entry
		e, s = decodeOne(s)
		entries = append(entries, e)
	}
	return entries
}

// decodeOne takes the first entry off the text of a slot.
func decodeOne(s string) (e entry, rest string) {
	key := entryHeader + int(read(s, 2))
	end := key + int(read(s[23:], 4))
	return entry{
		key:     s[entryHeader:key],
		kind:    kind(s[2]),
		flags:   int32(read(s[3:], 4)),
		expires: int64(read(s[7:], 8)),
		written: int64(read(s[15:], 8)),
		value:   s[key:end],
	}, s[end:]
}

// encode is the text of a slot.
func encode(entries []entry) string {
	n := 0
	for i := range entries {
		n += entryHeader + len(entries[i].key) + len(entries[i].value)
	}
	b := make([]byte, 0, n)
	for i := range entries {
		e := &entries[i]
		b = put(b, uint64(len(e.key)), 2)
		b = append(b, byte(e.kind))
		b = put(b, uint64(uint32(e.flags)), 4)
		b = put(b, uint64(e.expires), 8)
		b = put(b, uint64(e.written), 8)
		b = put(b, uint64(len(e.value)), 4)
		b = append(append(b, e.key...), e.value...)
	}
	return string(b)
}
