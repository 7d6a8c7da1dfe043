package shared

import "snippet2wasm.internal/plugin/runtime/lua"

// Lists are values, too: their items stand in the order of the list.

// listKey is the key of a list, which has to be a text or a number.
func listKey(key any, at lua.Argument) (string, lua.OptString) {
	if lua.Plain(key) == nil {
		return "", lua.Some("nil key")
	}
	return checkedKey(at.Text(key))
}

// LPush is dict:lpush(key, value): the length of the list, with the value as its
// first item; or nil and an error.
func (d *Dict) LPush(key, value any, at lua.Argument) (length lua.Value, err lua.OptString) {
	return d.push(key, value, at, func(items, added string) string { return added + items })
}

// RPush is dict:rpush(key, value): the value is the last item.
func (d *Dict) RPush(key, value any, at lua.Argument) (length lua.Value, err lua.OptString) {
	return d.push(key, value, at, func(items, added string) string { return items + added })
}

// push adds an item.
func (d *Dict) push(key, value any, at lua.Argument, join func(items, added string) string) (length lua.Value, err lua.OptString) {
	k, err := listKey(key, at)
	if !err.IsNil() {
		return nil, err
	}
	added, ok := itemOf(lua.Plain(value))
	if !ok || added.kind == boolean {
		return nil, lua.Some("bad value type")
	}
	problem, n, known := "", 0, false
	r := d.change(k, true, func(s *slot, now int64) bool {
		e := entry{key: k, kind: list}
		if i := s.find(k); i >= 0 && !s.entries[i].expired(now) {
			if e = s.entries[i]; e.kind != list {
				problem = "value not a list"
				return false
			}
		}
		problem = ""
		if known = e.value != ""; known {
			s.otherwise = &entry{key: k, kind: list, expires: e.expires, value: e.value}
		}
		e.value = join(e.value, added.encoded())
		n = len(itemsOf(e.value))
		s.put(e)
		return true
	})
	if r.full && !known {
		return false, lua.Some("no memory")
	}
	if r.full {
		problem = "no memory"
	}
	if problem != "" {
		return nil, lua.Some(problem)
	}
	return float64(n), lua.None
}

// LPop is dict:lpop(key): the first item, which is taken off; or nil, and an error
// if the key is no list.
func (d *Dict) LPop(key any, at lua.Argument) (value lua.Value, err lua.OptString) {
	return d.pop(key, at, func(items []item) (item, []item) { return items[0], items[1:] })
}

// RPop is dict:rpop(key): the last item.
func (d *Dict) RPop(key any, at lua.Argument) (value lua.Value, err lua.OptString) {
	return d.pop(key, at, func(items []item) (item, []item) {
		last := len(items) - 1
		return items[last], items[:last]
	})
}

// pop takes an item off.
func (d *Dict) pop(key any, at lua.Argument, take func([]item) (item, []item)) (value lua.Value, err lua.OptString) {
	k, err := listKey(key, at)
	if !err.IsNil() {
		return nil, err
	}
	problem := ""
	d.change(k, true, func(s *slot, now int64) bool {
		value, problem = nil, ""
		i := s.find(k)
		if i < 0 || s.entries[i].expired(now) {
			return false
		}
		e := s.entries[i]
		if e.kind != list {
			problem = "value not a list"
			return false
		}
		taken, rest := take(itemsOf(e.value))
		value = taken.lua()
		if len(rest) == 0 {
			s.remove(i)
			return true
		}
		e.value = ""
		for _, each := range rest {
			e.value += each.encoded()
		}
		s.put(e)
		return true
	})
	if problem != "" {
		return nil, lua.Some(problem)
	}
	return value, lua.None
}

// LLen is dict:llen(key): the number of items, 0 where there is no list; or nil and
// an error.
func (d *Dict) LLen(key any, at lua.Argument) (length lua.Value, err lua.OptString) {
	k, err := listKey(key, at)
	if !err.IsNil() {
		return nil, err
	}
	_, now := d.now()
	e, ok := d.lookup(k)
	switch {
	case !ok || e.expired(now):
		return 0.0, lua.None
	case e.kind != list:
		return nil, lua.Some("value not a list")
	default:
		return float64(len(itemsOf(e.value))), lua.None
	}
}
