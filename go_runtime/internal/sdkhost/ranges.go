package sdkhost

// maxRanges bounds what Ranges remembers, should two configurations take turns.
const maxRanges = 1 << 14

// Ranges maps streams to their root contexts. The gateway numbers contexts one
// after another and starts again at zero after the highest number; streams that
// follow each other mostly have the same root. So it holds where the root
// changed, which needs nothing per request.
type Ranges struct {
	changes []change
}

// change says that the streams from first on belong to root.
type change struct {
	first, root uint32
}

// Add notes the root of a new stream.
func (r *Ranges) Add(id, root uint32) {
	last := len(r.changes) - 1
	if last >= 0 && r.changes[last].root == root {
		// Ages are told apart up to half of the numbers' range.
		if newest := &r.changes[last]; id-newest.first > 1<<30 {
			newest.first = id - 1<<29
			r.changes = r.changes[last:]
		}
		return
	}
	if len(r.changes) == maxRanges {
		r.changes = append(r.changes[:0], r.changes[maxRanges/2:]...)
	}
	r.changes = append(r.changes, change{first: id, root: root})
}

// Of is the root of a stream, 0 when it is too old to be known.
func (r *Ranges) Of(id uint32) uint32 {
	for i := len(r.changes) - 1; i >= 0; i-- {
		if int32(id-r.changes[i].first) >= 0 {
			return r.changes[i].root
		}
	}
	return 0
}
