// Package lrucache is lua-resty-lrucache's resty.lrucache for compiled handlers: a
// cache of Lua values in one VM. The values are kept as they are, tables too.
package lrucache

import (
	"container/list"
	"math"

	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// Cache is the object that lrucache.new returns.
type Cache struct {
	clock    lua.Clock
	capacity float64
	size     int // the number of keys that there can be
	nodes    map[lua.Value]*list.Element
	used     *list.List // of *node, the one that was used last first
}

// node is a key with its value.
type node struct {
	key, value lua.Value
	expires    float64 // in seconds since 1970; less than 0 for never
	flags      float64
}

// New is lrucache.new(size): nil and an error for a size below 1.
func New(r *ngx.Request, size float64) (*Cache, lua.OptString) {
	if size < 1 {
		return nil, lua.Some("size too small")
	}
	return &Cache{
		clock:    r.Clock(),
		capacity: size,
		size:     int(min(size, math.MaxInt32)),
		nodes:    map[lua.Value]*list.Element{},
		used:     list.New(),
	}, lua.None
}

// Size is the size of a new cache, which may be anything.
func Size(v any, at lua.Argument) float64 {
	n, ok := lua.Plain(v).(float64)
	if !ok {
		at.Fail("attempt to compare " + lua.TypeName(v) + " with number")
	}
	return n
}

// now is ngx.now().
func (c *Cache) now() float64 { return float64(c.clock.UnixNano()/1e6) / 1000 }

// Get is cache:get(key): the value, nil, and its flags; if it has expired nil, the
// value, and its flags; nil where there is none.
func (c *Cache) Get(key any) (value, stale, flags lua.Value) {
	element := c.nodes[lua.Plain(key)]
	if element == nil || element.Value.(*node).value == nil {
		return nil, nil, nil
	}
	c.used.MoveToFront(element)
	n := element.Value.(*node)
	if n.expires >= 0 && n.expires < c.now() {
		return nil, n.value, n.flags
	}
	return n.value, nil, n.flags
}

// Option is an argument of Set behind the value.
type Option func(c *Cache, n *node)

// TTL is how long a value lives, in seconds.
func TTL(seconds float64) Option {
	return func(c *Cache, n *node) { n.expires = c.now() + seconds }
}

// Flags are a number that is kept with a value.
func Flags(flags float64) Option {
	return func(_ *Cache, n *node) {
		if flags >= 0 {
			n.flags = float64(uint32(int64(min(flags, math.MaxInt64/2))))
		}
	}
}

// CheckTTL is TTL for an argument that may be anything.
func CheckTTL(v any, at lua.Argument) Option {
	if !lua.Truthy(v) {
		return func(*Cache, *node) {}
	}
	n, ok := lua.ToNumberOf(v).(float64)
	if !ok {
		at.Fail("attempt to perform arithmetic on local 'ttl' (a " + lua.TypeName(v) + " value)")
	}
	return TTL(n)
}

// CheckFlags is Flags for an argument that may be anything.
func CheckFlags(v any) Option {
	n, ok := lua.Plain(v).(float64)
	if !ok {
		n = 0
	}
	return Flags(n)
}

// Key is a key of Set or Delete, which may be anything; it raises Lua's errors for
// keys that no table has.
func Key(v any, at lua.Argument) lua.Value {
	key := lua.Plain(v)
	if key == nil {
		at.Fail("table index is nil")
	}
	if n, ok := key.(float64); ok && math.IsNaN(n) {
		at.Fail("table index is NaN")
	}
	return key
}

// Set is cache:set(key, value, ttl, flags). The key that was not used for longest
// makes way.
func (c *Cache) Set(key, value any, options ...Option) {
	key = lua.Plain(key)
	element := c.nodes[key]
	switch {
	case element != nil:
		c.used.MoveToFront(element)
	case c.used.Len() >= c.size:
		element = c.used.Back()
		delete(c.nodes, element.Value.(*node).key)
		c.used.MoveToFront(element)
		c.nodes[key] = element
	default:
		element = c.used.PushFront(&node{})
		c.nodes[key] = element
	}
	n := element.Value.(*node)
	*n = node{key: key, value: lua.Plain(value), expires: -1}
	for _, set := range options {
		set(c, n)
	}
}

// Delete is cache:delete(key): whether the key was there.
func (c *Cache) Delete(key any) bool {
	key = lua.Plain(key)
	element := c.nodes[key]
	if element == nil {
		return false
	}
	delete(c.nodes, key)
	c.used.Remove(element)
	return true
}

// Count is cache:count(): the number of keys.
func (c *Cache) Count() float64 { return float64(c.used.Len()) }

// Capacity is cache:capacity().
func (c *Cache) Capacity() float64 { return c.capacity }

// FlushAll is cache:flush_all().
func (c *Cache) FlushAll() {
	clear(c.nodes)
	c.used.Init()
}

// GetKeys is cache:get_keys(): all keys, the one that was used last first.
func (c *Cache) GetKeys() *lua.Table { return c.Keys(nil, nil, lua.Argument{}) }

// Keys is cache:get_keys(max, keys): no more than max, unless that is nil or 0, in a
// table that may be given.
func (c *Cache) Keys(limit, into any, at lua.Argument) *lua.Table {
	n := c.Count()
	if given := lua.Plain(limit); lua.Truthy(given) && given != 0.0 {
		number, ok := given.(float64)
		if !ok {
			at.Fail("attempt to compare number with " + lua.TypeName(given))
		}
		n = number
	}
	keys, ok := lua.Plain(into).(*lua.Table)
	if !ok {
		keys = lua.NewTable(0)
	}
	i := 0.0
	for element := c.used.Front(); element != nil && i < n; element = element.Next() {
		i++
		keys.Set(i, element.Value.(*node).key)
	}
	keys.Set(i+1, nil)
	return keys
}
