package shared

import (
	"slices"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// defaultKeys is how many keys get_keys gives unless it is told.
const defaultKeys = 1024

// found is a key that get_keys has found.
type found struct {
	key     string
	written int64
}

// GetKeys is dict:get_keys(max): the keys that have not expired, those first whose
// values were written first.
func (d *Dict) GetKeys() *lua.Table { return d.Keys(defaultKeys) }

// Keys is GetKeys for a number of keys; 0 is for all.
func (d *Dict) Keys(limit float64) *lua.Table {
	n := int(int32Of(limit))
	_, now := d.now()
	var all []found
	for number := range d.slots {
		data, _, _ := d.host.SharedData(d.slotPath(number))
		for len(data) > entryHeader {
			var e entry
			if e, data = decodeOne(data); e.expires == 0 || e.expires > now {
				all = append(all, found{e.key, e.written})
			}
		}
		if n > 0 && len(all) > 2*n+1024 {
			all = oldest(all, n)
		}
	}
	all = oldest(all, n)
	keys := lua.NewTable(len(all))
	for _, each := range all {
		keys.Append(each.key)
	}
	return keys
}

// oldest are the n keys that were written first, or all in that order unless n is
// more than 0.
func oldest(all []found, n int) []found {
	slices.SortStableFunc(all, func(a, b found) int { return int(min(max(a.written-b.written, -1), 1)) })
	if n > 0 && len(all) > n {
		return all[:n]
	}
	return all
}

// FlushAll is dict:flush_all(): no key is there any more.
func (d *Dict) FlushAll() {
	for number := range d.slots {
		for {
			s := d.load(number)
			if len(s.entries) == 0 {
				break
			}
			if s.entries = nil; s.write() {
				d.release(usage{}, usage{}.minus(s.before))
				break
			}
		}
	}
}

// FlushExpired is dict:flush_expired(max): removes what has expired, and returns how
// many keys that were; no more than max, unless that is 0.
func (d *Dict) FlushExpired(limit float64) float64 {
	n, swept := int(int32Of(limit)), 0
	if n <= 0 {
		n = 1<<31 - 1
	}
	for number := range d.slots {
		if swept == n {
			break
		}
		swept += d.sweepSlot(number, n-swept)
	}
	return float64(swept)
}

// Capacity is dict:capacity(): the declared size in bytes.
func (d *Dict) Capacity() float64 { return float64(d.size) }

// FreeSpace is dict:free_space(): the bytes of the pages that nothing is in.
func (d *Dict) FreeSpace() float64 {
	used, _ := d.usage()
	return float64(max(0, d.pages-used.pages()) * pageSize)
}
