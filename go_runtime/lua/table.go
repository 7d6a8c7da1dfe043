package lua

import "math"

// Table is a Lua table. Keys 1, 2, 3, … that are added in order live in a
// slice, all others in a map; Next goes over the slice first and then in the
// order in which keys were added, where LuaJIT's order is arbitrary.
type Table struct {
	list    []Value
	index   map[Value]int
	entries []entry
	deleted int // entries without a value
	meta    behaviour
}

// behaviour is what a metatable changes. That there is one implementation for
// each of the ways in which a table comes to have one keeps out of plugins what
// they do not use.
type behaviour interface {
	// lookup is t[key] for a key that is not in t.
	lookup(t *Table, key Value, op Operand) Value
	// store is t[key] = value; false leaves it to be done as usual.
	store(t *Table, key, value Value, op Operand) bool
	// handler returns the metamethod of an event, nil when there is none.
	handler(event string) Value
}

// SetAbsent lets f answer for keys that are not in the table, as a metatable's
// __index does.
func (t *Table) SetAbsent(f func(key Value) Value) { t.meta = absent(f) }

// absent is the behaviour of a table of the runtime's own.
type absent func(key Value) Value

func (f absent) lookup(_ *Table, key Value, _ Operand) Value { return f(key) }
func (f absent) store(*Table, Value, Value, Operand) bool    { return false }
func (f absent) handler(string) Value                        { return nil }

// entry is a key outside of the list. A deleted one keeps its place with a nil
// value until the next key is added, so that assigning nil while iterating is
// allowed, as in Lua.
type entry struct{ key, value Value }

// NewTable returns an empty table with room for n list items.
func NewTable(n int) *Table {
	countMade()
	return &Table{list: make([]Value, 0, n)}
}

// ListOf returns a table with the given items under the keys 1, 2, 3, ….
func ListOf(items ...Value) *Table {
	t := NewTable(len(items))
	for _, item := range items {
		t.list = append(t.list, Plain(item))
	}
	t.trim()
	return t
}

// Get returns t[key], nil when there is none.
func (t *Table) Get(key Value) Value { return t.get(Plain(key), Operand{}) }

func (t *Table) get(key Value, op Operand) Value {
	value := t.RawGet(key)
	if value == nil && t.meta != nil {
		return t.meta.lookup(t, key, op)
	}
	return value
}

// RawGet is Get without metamethods.
func (t *Table) RawGet(key Value) Value {
	key = Plain(key)
	if i, ok := t.listIndex(key); ok {
		return t.list[i]
	}
	if i, ok := t.index[key]; ok {
		if value := t.entries[i].value; value != nil {
			return value
		}
	}
	return nil
}

// Set is t[key] = value. A nil or NaN key is for the caller to refuse; here it
// is ignored.
func (t *Table) Set(key, value Value) {
	if t.meta == nil || !t.meta.store(t, Plain(key), Plain(value), Operand{}) {
		t.RawSet(key, value)
	}
}

// RawSet is Set without metamethods.
func (t *Table) RawSet(key, value Value) {
	key, value = Plain(key), Plain(value)
	if n, isNumber := key.(float64); key == nil || isNumber && math.IsNaN(n) {
		return
	}
	if i, ok := t.listIndex(key); ok {
		t.list[i] = value
		if value == nil {
			t.trim()
		}
		return
	}
	i, known := t.index[key]
	switch {
	case value != nil && key == float64(len(t.list)+1):
		if known {
			t.replace(i, nil)
		}
		checkSize(len(t.list))
		t.list = append(t.list, value)
		t.adopt()
	case known:
		t.replace(i, value)
	case value != nil:
		t.add(key, value)
	}
}

// maxItems bounds a table as maxString bounds a string.
const maxItems = 4 << 20

// checkSize raises an error where a table would grow beyond its bound.
func checkSize(n int) {
	if n >= maxItems {
		ThrowValue("not enough memory")
	}
}

// trim drops the nils at the end of the list.
func (t *Table) trim() {
	n := len(t.list)
	for n > 0 && t.list[n-1] == nil {
		n--
	}
	t.list = t.list[:n]
}

// add appends an entry, and first drops the deleted ones once they are the
// majority.
func (t *Table) add(key, value Value) {
	if t.index == nil {
		t.index = map[Value]int{}
	}
	if t.deleted > len(t.entries)/2 {
		live := t.entries[:0]
		for _, e := range t.entries {
			if e.value == nil {
				delete(t.index, e.key)
				continue
			}
			t.index[e.key] = len(live)
			live = append(live, e)
		}
		clear(t.entries[len(live):])
		t.entries, t.deleted = live, 0
	}
	checkSize(len(t.entries))
	if key == 0.0 {
		key = 0.0 // -0 is that key, too
	}
	t.index[key] = len(t.entries)
	t.entries = append(t.entries, entry{key, value})
}

// replace sets the value of entry i.
func (t *Table) replace(i int, value Value) {
	if had, has := t.entries[i].value != nil, value != nil; had && !has {
		t.deleted++
	} else if !had && has {
		t.deleted--
	}
	t.entries[i].value = value
}

// Append is t[#t+1] = value.
func (t *Table) Append(value Value) {
	if t.meta != nil {
		t.Set(float64(t.Len()+1), value)
		return
	}
	t.rawAppend(value)
}

// Insert is table.insert(t, value), which asks no metatable.
func (t *Table) Insert(value Value) { t.rawAppend(value) }

// rawAppend adds value behind the last list item.
func (t *Table) rawAppend(value Value) {
	if value = Plain(value); value == nil || len(t.entries) > 0 {
		t.RawSet(float64(t.Len()+1), value)
		return
	}
	checkSize(len(t.list))
	t.list = append(t.list, value)
}

// Len is #t: a border, the last one of the list, which never ends with nil.
func (t *Table) Len() int { return len(t.list) }

// Next returns the pair after the given key, or the first one for nil. It
// returns nil, nil at the end and ok = false when key is not in the table.
func (t *Table) Next(key Value) (nextKey, value Value, ok bool) {
	at := 0
	if key = Plain(key); key != nil {
		if i, inList := t.listIndex(key); inList {
			at = i + 1
		} else if i, known := t.index[key]; known {
			at = len(t.list) + i + 1
		} else if n, isNumber := key.(float64); isNumber && n > 0 && n == math.Trunc(n) {
			at = len(t.list) // it was the list's end, and is gone since
		} else {
			return nil, nil, false
		}
	}
	for ; at < len(t.list); at++ {
		if t.list[at] != nil {
			return float64(at + 1), t.list[at], true
		}
	}
	for i := at - len(t.list); i < len(t.entries); i++ {
		if t.entries[i].value != nil {
			return t.entries[i].key, t.entries[i].value, true
		}
	}
	return nil, nil, true
}

// listIndex returns the place of key in the list.
func (t *Table) listIndex(key Value) (int, bool) {
	n, ok := key.(float64)
	if !ok || n < 1 || n > float64(len(t.list)) {
		return 0, false
	}
	i := int(n)
	return i - 1, float64(i) == n
}

// adopt moves keys that now continue the list out of the map.
func (t *Table) adopt() {
	for len(t.index) > 0 {
		i, ok := t.index[float64(len(t.list)+1)]
		if !ok || t.entries[i].value == nil {
			return
		}
		t.list = append(t.list, t.entries[i].value)
		t.replace(i, nil)
	}
}
