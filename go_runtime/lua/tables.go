package lua

import (
	"math"
	"strings"
)

// TableOf returns a table with these fields: keys and values in turn.
func TableOf(fields ...any) *Table { return NewTable(0).With(fields...) }

// With sets more fields of a table that is being made: keys and values in turn.
func (t *Table) With(fields ...any) *Table {
	for i := 0; i+1 < len(fields); i += 2 {
		t.RawSet(fields[i], fields[i+1])
	}
	return t
}

// SetIndex is v[key] = value for a v that should be a table; op names v in the
// error that anything else raises.
func SetIndex(v any, key, value Value, op Operand) {
	table, ok := Plain(v).(*Table)
	if !ok {
		throwSetField(v, op)
	}
	key = Plain(key)
	if table.meta != nil && table.meta.store(table, key, Plain(value), op) {
		return
	}
	checkKey(key, op)
	table.RawSet(key, value)
}

// AppendTo is v[#v + 1] = value; op names v in errors.
func AppendTo(v any, value Value, op Operand) { SetIndex(v, LengthOf(v, op)+1, value, op) }

// checkKey raises the error about a key that no table takes.
func checkKey(key Value, op Operand) {
	switch n := key.(type) {
	case nil:
		Throw("table index is nil", op)
	case float64:
		if n != n {
			Throw("table index is NaN", op)
		}
	}
}

// RawGetOf is rawget(t, key).
func RawGetOf(t, key any, at Argument) Value { return at.Table(t).RawGet(key) }

// RawSetOf is rawset(t, key, value).
func RawSetOf(t, key, value any, at Argument) *Table {
	table := at.Table(t)
	checkKey(Plain(key), Operand{})
	table.RawSet(key, value)
	return table
}

// RawEqual is rawequal(a, b).
func RawEqual(a, b any) bool { return Plain(a) == Plain(b) }

// Insert is table.insert(t, …) with the arguments behind t.
func Insert(t any, at Argument, args ...Value) {
	table := at.Table(t)
	switch len(args) {
	case 1:
		table.rawAppend(args[0])
	case 2:
		i := Int(at.After(1).Number(args[0]))
		for n := table.Len() + 1; n > i; n-- {
			table.RawSet(float64(n), table.RawGet(float64(n-1)))
		}
		table.RawSet(float64(i), args[1])
	default:
		at.Fail("wrong number of arguments to 'insert'")
	}
}

// Remove is table.remove(t, …) with the arguments behind t.
func Remove(t any, at Argument, args ...Value) Values {
	table := at.Table(t)
	n := table.Len()
	i := n
	if len(args) > 0 {
		i = Int(at.After(1).NumberOr(args[0], float64(n)))
	}
	if i < 1 || i > n {
		return nil
	}
	removed := table.RawGet(float64(i))
	for ; i < n; i++ {
		table.RawSet(float64(i), table.RawGet(float64(i+1)))
	}
	table.RawSet(float64(n), nil)
	return Values{removed}
}

// JoinAll is table.concat(t, separator).
func JoinAll(t any, separator Value, at Argument) string { return Join(t, separator, nil, nil, at) }

// Join is table.concat(t, separator, first, last); nil arguments have their
// defaults.
func Join(t any, separator, first, last Value, at Argument) string {
	table := at.Table(t)
	between := at.After(1).TextOr(separator, "")
	from := Int(at.After(2).NumberOr(first, 1))
	to := Int(at.After(3).NumberOr(last, float64(table.Len())))
	var b strings.Builder
	for i := from; i <= to; i++ {
		switch value := table.RawGet(float64(i)).(type) {
		case string:
			b.WriteString(value)
		case float64:
			b.WriteString(FormatNumber(value))
		default:
			at.Fail("invalid value (" + TypeName(value) + ") at index " + FormatNumber(float64(i)) +
				" in table for 'concat'")
		}
		if i < to {
			b.WriteString(between)
		}
		if b.Len() > maxString {
			ThrowValue("not enough memory")
		}
	}
	return b.String()
}

// Unpack is unpack(t, first, last); nil arguments have their defaults.
func Unpack(t any, first, last Value, at Argument) Values {
	table := at.Table(t)
	from := Int(at.After(1).NumberOr(first, 1))
	to := Int(at.After(2).NumberOr(last, float64(table.Len())))
	if to-from >= 8000 { // LuaJIT's limit depends on the room on its stack
		at.Fail("too many results to unpack")
	}
	var found Values
	for i := from; i <= to; i++ {
		found = append(found, table.RawGet(float64(i)))
	}
	return found
}

// Sort is table.sort(t, less); less is nil for the order of `<`.
func Sort(t any, less Value, at Argument) {
	table := at.Table(t)
	before := func(a, b Value) bool { return Less(a, b, Operand{}) }
	if Plain(less) != nil {
		f, ok := Plain(less).(*Function)
		if !ok {
			at.After(1).wrong("function", less)
		}
		before = func(a, b Value) bool { return Truthy(f.callBack(at.at(), a, b)) }
	}
	(&sorter{table, before, at}).sort(1, table.Len())
}

// sorter is LuaJIT's quicksort: which of two equal items comes first is seen in
// the result, so the algorithm has to be the same.
type sorter struct {
	table  *Table
	before func(a, b Value) bool
	at     Argument
}

func (s *sorter) item(i int) Value { return s.table.RawGet(float64(i)) }

func (s *sorter) swap(i, j int) {
	a, b := s.item(i), s.item(j)
	s.table.RawSet(float64(i), b)
	s.table.RawSet(float64(j), a)
}

// swapIfBefore swaps i and j if item j belongs in front of item i.
func (s *sorter) swapIfBefore(i, j int) bool {
	wrong := s.before(s.item(j), s.item(i))
	if wrong {
		s.swap(i, j)
	}
	return wrong
}

func (s *sorter) sort(low, high int) {
	for low < high {
		s.swapIfBefore(low, high)
		if high-low == 1 {
			return
		}
		middle := (low + high) / 2
		if !s.swapIfBefore(low, middle) {
			s.swapIfBefore(middle, high)
		}
		if high-low == 2 {
			return
		}
		pivot := s.item(middle)
		s.swap(middle, high-1)
		border := s.partition(low, high, pivot)
		if border-low < high-border {
			s.sort(low, border-1)
			low = border + 1
		} else {
			s.sort(border+1, high)
			high = border - 1
		}
	}
}

// partition moves what belongs before the pivot to the left; the result is the
// pivot's place.
func (s *sorter) partition(low, high int, pivot Value) int {
	i, j := low, high-1
	for {
		for i++; s.before(s.item(i), pivot); i++ {
			if i >= high {
				s.at.Fail("invalid order function for sorting")
			}
		}
		for j--; s.before(pivot, s.item(j)); j-- {
			if j <= low {
				s.at.Fail("invalid order function for sorting")
			}
		}
		if j < i {
			s.swap(high-1, i)
			return i
		}
		s.swap(i, j)
	}
}

// MaxN is table.maxn(t).
func MaxN(t any, at Argument) float64 {
	most := 0.0
	for key := range at.Table(t).Pairs() {
		if n, ok := key.(float64); ok && n > most {
			most = n
		}
	}
	return most
}

// GetN is table.getn(t).
func GetN(t any, at Argument) float64 { return float64(at.Table(t).Len()) }

// ForEach is table.foreach(t, f): what f gives first for a pair, unless it is nil.
func ForEach(t, f any, at Argument) Values {
	table, function := at.Table(t), at.After(1).callable(f)
	for key, value := range table.Pairs() {
		if found := function.call(at.at(), Values{key, value}).At(0); found != nil {
			return Values{found}
		}
	}
	return nil
}

// ForEachI is table.foreachi(t, f): ForEach over t[1], … t[#t].
func ForEachI(t, f any, at Argument) Values {
	table, function := at.Table(t), at.After(1).callable(f)
	for i, n := 1, table.Len(); i <= n; i++ {
		if found := function.call(at.at(), Values{float64(i), table.Get(float64(i))}).At(0); found != nil {
			return Values{found}
		}
	}
	return nil
}

// Move is table.move(from, first, last, place, to); a nil to is from. The result is
// to.
func Move(from any, first, last, place float64, to any, at Argument) *Table {
	source := at.Table(from)
	target := source
	if Plain(to) != nil {
		target = at.After(4).Table(to)
	}
	by := place - first
	if place > last || place <= first || target != source {
		for i := first; i <= last; i++ {
			target.Set(i+by, source.Get(i))
		}
		return target
	}
	for i := last; i >= first; i-- {
		target.Set(i+by, source.Get(i))
	}
	return target
}

// SizedTable is table.new(items, fields): an empty table. The sizes only have to be
// numbers, as LuaJIT's are a hint.
func SizedTable(items, _ float64) *Table {
	const most = 1 << 10
	if !(items > 0) {
		items = 0
	}
	return NewTable(int(min(items, most)))
}

// Clear is table.clear(t).
func Clear(t any, at Argument) {
	table := at.Table(t)
	for key := range table.Pairs() {
		table.Set(key, nil)
	}
}

// KeyCount is table.nkeys(t).
func KeyCount(t any, at Argument) float64 {
	count := 0.0
	for range at.Table(t).Pairs() {
		count++
	}
	return count
}

// IsArray is table.isarray(t): all keys are whole numbers.
func IsArray(t any, at Argument) bool {
	for key := range at.Table(t).Pairs() {
		if n, ok := key.(float64); !ok || n != math.Trunc(n) || math.IsInf(n, 0) {
			return false
		}
	}
	return true
}

// IsEmpty is table.isempty(t).
func IsEmpty(t any, at Argument) bool {
	for range at.Table(t).Pairs() {
		return false
	}
	return true
}

// Clone is table.clone(t): another table with the same fields.
func Clone(t any, at Argument) *Table {
	table := at.Table(t)
	clone := NewTable(table.Len())
	for key, value := range table.Pairs() {
		clone.Set(key, value)
	}
	return clone
}

// SetFrom sets t[i], t[i+1], … to the values of a list.
func (t *Table) SetFrom(i int, values Values) {
	for n, value := range values {
		t.RawSet(float64(i+n), value)
	}
}
