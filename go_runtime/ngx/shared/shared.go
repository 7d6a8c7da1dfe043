// Package shared is ngx.shared for compiled handlers: dicts that all workers of
// the gateway share.
//
// The gateway keeps values by key for all VMs with the same id. It has no way to
// remove one, to list them, or to let them expire. So a dict is a fixed number of
// slots, values of the gateway, and a key with its value is a part of the slot that
// the key's hash names: what a dict takes of the gateway's memory is bounded,
// whatever keys clients think up. A slot is read, changed and written back, again
// if somebody else wrote it meanwhile. One more value counts what is in use.
//
// What the functions do was read off nginx 1.22 with ngx_lua 0.10.23; the tests
// compare with that nginx.
package shared

import (
	"strconv"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// Dict is ngx.shared.NAME.
type Dict struct {
	host  host.Host
	name  string
	size  int    // in bytes, as declared
	pages int    // what nginx would have
	slots uint32 // at least 1
	path  string // of its values in the gateway
}

const (
	// maxSlots bounds what get_keys and flush_all go over.
	maxSlots = 1 << 16
	// maxEntries bounds a slot, which holds about 32 entries when a dict is full:
	// who makes up keys for the same slot must not slow down its other keys.
	maxEntries = 1024
)

// Open is ngx.shared.NAME, a dict of that many bytes.
func Open(r *ngx.Request, name string, size int) *Dict {
	pages := pagesOf(size)
	return &Dict{
		host:  r.Stream().Host(),
		name:  name,
		size:  size,
		pages: pages,
		slots: uint32(min(max(pages, 1), maxSlots)),
		path:  "lua_shared_dict/" + strconv.Itoa(size) + "/" + name + "/",
	}
}

// Sizes are the sizes of dicts, by name.
type Sizes map[string]int

// Find is ngx.shared[name]: nil where there is no such dict.
func Find(r *ngx.Request, name lua.Value, sizes Sizes) *Dict {
	if name, ok := lua.Plain(name).(string); ok {
		if size, ok := sizes[name]; ok {
			return Open(r, name, size)
		}
	}
	return nil
}

// now is the time in nanoseconds, and in milliseconds, since 1970.
func (d *Dict) now() (ns, ms int64) {
	ns = d.host.Now()
	return ns, ns / 1e6
}

// slotOf is the number of a key's slot.
func (d *Dict) slotOf(key string) uint32 {
	h := uint32(2166136261)
	for i := 0; i < len(key); i++ {
		h = (h ^ uint32(key[i])) * 16777619
	}
	h ^= h >> 15
	return h % d.slots
}

// anyVersion is a version that no value has: a write with it makes a key, and
// fails if the key is there.
const anyVersion = 1<<32 - 1

// slot is a slot while it is changed.
type slot struct {
	dict    *Dict
	number  uint32
	version uint32
	before  usage
	entries []entry // the one that was written last is the last one
	// otherwise takes the place of a changed entry that there is no room for.
	otherwise *entry
}

// path is the slot's key in the gateway.
func (d *Dict) slotPath(number uint32) string { return d.path + strconv.Itoa(int(number)) }

// load reads a slot.
func (d *Dict) load(number uint32) *slot {
	s := &slot{dict: d, number: number, version: anyVersion}
	if data, version, ok := d.host.SharedData(d.slotPath(number)); ok {
		s.version, s.entries = version, decode(data)
	}
	s.before = s.usage()
	return s
}

// usage is what all entries take.
func (s *slot) usage() usage {
	var u usage
	for i := range s.entries {
		u = u.plus(s.entries[i].usage())
	}
	return u
}

// find is the place of a key, -1 if it is not there.
func (s *slot) find(key string) int {
	for i := range s.entries {
		if s.entries[i].key == key {
			return i
		}
	}
	return -1
}

// remove takes an entry out.
func (s *slot) remove(i int) { s.entries = append(s.entries[:i], s.entries[i+1:]...) }

// put adds an entry, or another value for its key, as the last one.
func (s *slot) put(e entry) {
	if i := s.find(e.key); i >= 0 {
		s.remove(i)
	}
	s.entries = append(s.entries, e)
}

// sweep takes out up to n entries that have expired, from the oldest on.
func (s *slot) sweep(now int64, n int) (swept int) {
	kept := s.entries[:0]
	for _, e := range s.entries {
		if swept < n && e.expires != 0 && e.expires <= now {
			swept++
			continue
		}
		kept = append(kept, e)
	}
	s.entries = kept
	return swept
}

// write writes the slot back. It is false if somebody else was faster.
func (s *slot) write() bool {
	ok, err := s.dict.host.SetSharedData(s.dict.slotPath(s.number), encode(s.entries), s.version)
	if err != nil {
		lua.ThrowValue(err.Error())
	}
	return ok
}

// evictions is how many entries nginx removes at most to make room for one.
const evictions = 30

// result is how a change went.
type result struct {
	full     bool // there was no room
	forcible bool // entries that had not expired were removed to make room
}

// change changes the slot of a key. f is called with the slot as it is, again when
// somebody else changed it meanwhile, and says whether there is something to be
// written. What f adds may need room: for a safe change nothing but what has expired
// makes way. Where there is no room, the key is gone.
func (d *Dict) change(key string, safe bool, f func(s *slot, now int64) bool) (r result) {
	for {
		ns, now := d.now()
		s := d.load(d.slotOf(key))
		s.sweep(now, 2)
		if !f(s, now) {
			return r
		}
		if last := len(s.entries) - 1; last >= 0 {
			s.entries[last].written = ns
		}
		more, reserved := d.reserve(s, key, safe, ns)
		r.full, r.forcible = more.full, r.forcible || more.forcible
		if s.write() {
			d.release(reserved, s.usage().minus(s.before))
			return r
		}
		d.release(reserved, usage{})
	}
}

// reserve counts what a slot takes more than before. Where that does not fit it
// makes room, or undoes the change: takes the key out of the slot.
func (d *Dict) reserve(s *slot, key string, safe bool, now int64) (r result, reserved usage) {
	for attempt := 0; ; attempt++ {
		delta := s.usage().minus(s.before)
		if !delta.grows() {
			return r, usage{}
		}
		if len(s.entries) <= maxEntries && d.count(delta) {
			return r, delta
		}
		if attempt == 0 && d.sweepOthers(s.number, now) {
			continue
		}
		if safe || attempt > evictions || !d.evict(s, key) {
			if i := s.find(key); i >= 0 {
				s.remove(i)
			}
			if s.otherwise != nil {
				s.put(*s.otherwise)
			}
			r.full = true
			return r, usage{}
		}
		r.forcible = true
	}
}

// release corrects the count from what was reserved to what it came to.
func (d *Dict) release(reserved, actual usage) {
	if delta := actual.minus(reserved); delta != (usage{}) {
		d.adjust(delta, true)
	}
}

// count adds to what is in use, if that fits.
func (d *Dict) count(delta usage) bool { return d.adjust(delta, false) }

// adjust adds to what is in use; unless it must be, only if that fits.
func (d *Dict) adjust(delta usage, always bool) bool {
	for {
		used, version := d.usage()
		used = used.plus(delta)
		if !always && used.pages() > d.pages {
			return false
		}
		b := make([]byte, 0, usageLength)
		for _, n := range used {
			b = put(b, uint64(uint32(n)), 4)
		}
		ok, err := d.host.SetSharedData(d.path+"used", string(b), version)
		if err != nil {
			lua.ThrowValue(err.Error())
		}
		if ok {
			return true
		}
	}
}

// usage is what is in use.
func (d *Dict) usage() (used usage, version uint32) {
	data, version, ok := d.host.SharedData(d.path + "used")
	if !ok {
		return initial(d.name), anyVersion
	}
	for i := range used {
		used[i] = int32(read(data[4*i:], 4))
	}
	return used, version
}

// evict removes an entry to make room: the oldest of the slot that needs it, but not
// the key, else the oldest of the next slot that has any.
func (d *Dict) evict(s *slot, key string) bool {
	for i := range s.entries {
		if s.entries[i].key != key {
			s.remove(i)
			return true
		}
	}
	for i := uint32(1); i < d.slots; i++ {
		other := d.load((s.number + i) % d.slots)
		if len(other.entries) == 0 {
			continue
		}
		other.remove(0)
		if other.write() {
			d.release(usage{}, other.usage().minus(other.before))
			return true
		}
	}
	return false
}

// sweptSlots is how many slots one call sweeps to make room.
const sweptSlots = 8

// sweepOthers removes what has expired in some slots, other ones each time. It
// reports whether there was any.
func (d *Dict) sweepOthers(but uint32, now int64) (found bool) {
	start := uint32(now/1000) % d.slots
	for i := range min(sweptSlots, d.slots) {
		if number := (start + i) % d.slots; number != but {
			found = d.sweepSlot(number, maxEntries) > 0 || found
		}
	}
	return found
}

// sweepSlot removes up to n entries that have expired, and returns how many.
func (d *Dict) sweepSlot(number uint32, n int) int {
	for {
		_, now := d.now()
		s := d.load(number)
		swept := s.sweep(now, n)
		if swept == 0 {
			return 0
		}
		if s.write() {
			d.release(usage{}, s.usage().minus(s.before))
			return swept
		}
	}
}
