package shared

// nginx keeps a dict in a slab pool: pages of 4 KB, each of which holds chunks of
// one size, a power of two; what is larger than half a page takes whole pages.
// usage counts the chunks, so that a dict is full when nginx's would be. (What
// nginx loses to pages that are almost empty is not counted.)

const (
	pageSize    = 4096
	smallest    = 32 // bytes of the smallest chunk that a dict needs
	classes     = 7  // sizes of chunks, from smallest to half a page
	largest     = smallest << (classes - 1)
	usageLength = 4 * (classes + 1)

	// What nginx itself has in the memory of a dict: before the pages, and of each.
	poolHeader = 704
	perPage    = 24

	// A key's node, an item's node in a list, and the head of the list.
	nodeSize     = 68
	itemSize     = 21
	listHeadSize = 16
)

// usage is how many chunks of each size are in use, and, behind that, how many
// whole pages.
type usage [classes + 1]int32

// class is the place in a usage of what has that size, and how much it adds there.
func class(size int) (place int, count int32) {
	if size > largest {
		return classes, int32((size + pageSize - 1) / pageSize)
	}
	chunk := smallest
	for chunk < size {
		chunk <<= 1
		place++
	}
	return place, 1
}

// add counts n things of a size.
func (u *usage) add(size int, n int32) {
	place, count := class(size)
	u[place] += n * count
}

// plus is the sum of two.
func (u usage) plus(v usage) usage {
	for i := range u {
		u[i] += v[i]
	}
	return u
}

// minus is the difference of two.
func (u usage) minus(v usage) usage {
	for i := range u {
		u[i] -= v[i]
	}
	return u
}

// grows reports whether anything is more than nothing.
func (u usage) grows() bool {
	for _, n := range u {
		if n > 0 {
			return true
		}
	}
	return false
}

// pages is the number of pages that are in use.
func (u usage) pages() int {
	n := int(u[classes])
	for i, count := range u[:classes] {
		chunks := int32(pageSize / (smallest << i))
		if i == 0 {
			chunks-- // the smallest ones keep their bitmap in the page
		}
		n += int((count + chunks - 1) / chunks)
	}
	return n
}

// initial is what nginx itself has in a dict with that name.
func initial(name string) usage {
	var u usage
	u.add(80, 1)
	u.add(len(" in lua_shared_dict zone \"\"\x00")+len(name), 1)
	return u
}

// pagesOf is the number of pages of a dict of so many bytes.
func pagesOf(size int) int {
	pages := max(0, size-poolHeader) / (pageSize + perPage)
	start := (poolHeader + pages*perPage + pageSize - 1) / pageSize * pageSize
	return max(0, min(pages, (size-start)/pageSize))
}
