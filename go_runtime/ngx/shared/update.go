package shared

// Update changes the text under a key, "" where there is none, for what the runtime
// itself keeps in a dict. f is given the text, and the time in milliseconds since
// 1970, again when another worker changed it meanwhile; it gives the new one, ""
// to remove it, and when that expires, in milliseconds since 1970; or says that
// nothing changes. Unless others may make way for it, there may be no room.
func (d *Dict) Update(key string, othersMakeWay bool, f func(old string, now int64) (text string, expires int64, changes bool)) (hasRoom bool) {
	r := d.change(key, !othersMakeWay, func(s *slot, now int64) bool {
		i, old := s.find(key), ""
		if i >= 0 && !s.entries[i].expired(now) {
			old = s.entries[i].value
		}
		value, expires, changes := f(old, now)
		switch {
		case !changes:
			return false
		case value != "":
			s.put(entry{key: key, kind: text, value: value, expires: expires})
		case i >= 0:
			s.remove(i)
		}
		return true
	})
	return !r.full
}
