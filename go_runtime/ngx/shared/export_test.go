package shared

// SlotOf is the number of a key's slot.
func SlotOf(d *Dict, key string) uint32 { return d.slotOf(key) }
