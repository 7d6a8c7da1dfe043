package shared

import (
	"math"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// maxKey is the length of the longest key, in bytes.
const maxKey = 65535

// keyOf is the text of a key, or what is wrong with it.
func keyOf(key any) (string, lua.OptString) {
	key = lua.Plain(key)
	if key == nil {
		return "", lua.Some("nil key")
	}
	return checkedKey(lua.ToString(key))
}

// checkedKey is the key, or what is wrong with it.
func checkedKey(key string) (string, lua.OptString) {
	switch {
	case key == "":
		return "", lua.Some("empty key")
	case len(key) > maxKey:
		return "", lua.Some("key too long")
	default:
		return key, lua.None
	}
}

// lookup finds a key, without a change.
func (d *Dict) lookup(key string) (e entry, ok bool) {
	data, _, _ := d.host.SharedData(d.slotPath(d.slotOf(key)))
	for len(data) > entryHeader {
		if e, data = decodeOne(data); e.key == key {
			return e, true
		}
	}
	return entry{}, false
}

// Get is dict:get(key): the value, and its flags if they are not 0; or nil, and an
// error if it is none that there is no such key.
func (d *Dict) Get(key any) (value, flags lua.Value) {
	k, err := keyOf(key)
	if !err.IsNil() {
		return nil, err.Value()
	}
	_, now := d.now()
	e, ok := d.lookup(k)
	if !ok || e.expired(now) {
		return nil, nil
	}
	return e.result()
}

// GetStale is dict:get_stale(key): as Get, but for a third result, whether the value
// has expired, and it may have.
func (d *Dict) GetStale(key any) (value, flags, stale lua.Value) {
	k, err := keyOf(key)
	if !err.IsNil() {
		return nil, err.Value(), nil
	}
	_, now := d.now()
	e, ok := d.lookup(k)
	if !ok {
		return nil, nil, nil
	}
	value, flags = e.result()
	if e.kind == list {
		return value, flags, nil
	}
	return value, flags, e.expired(now)
}

// result is what a read gives: the value, and flags or an error.
func (e *entry) result() (value, flags lua.Value) {
	if e.kind == list {
		return nil, "value is a list"
	}
	if e.flags == 0 {
		return e.lua(), nil
	}
	return e.lua(), float64(e.flags)
}

// Option is an argument behind the value of Set and its like, or of Incr.
type Option struct {
	what  option
	value float64
}

type option int

const (
	lifetime option = iota
	flags
	initialValue
)

// TTL is how long a value lives, in seconds; 0 is for ever.
func TTL(seconds float64) Option { return Option{lifetime, seconds} }

// Flags are a number that is kept with a value.
func Flags(n float64) Option { return Option{flags, n} }

// Init is the number that Incr starts with where there is none.
func Init(n float64) Option { return Option{initialValue, n} }

// CheckTTL is TTL for an argument that may be anything, or less than nothing. It
// raises nginx's errors.
func CheckTTL(seconds any, at lua.Argument) Option {
	switch v := lua.Plain(seconds).(type) {
	case nil:
		return TTL(0)
	case bool:
		if !v {
			return TTL(0)
		}
	case float64:
		if v < 0 {
			at.Fail("bad \"exptime\" argument")
		}
		return TTL(v)
	}
	at.Fail("attempt to compare " + lua.TypeName(seconds) + " with number")
	return Option{}
}

// CheckFlags is Flags for an argument that may be anything.
func CheckFlags(n any, at lua.Argument) Option {
	switch v := lua.Plain(n).(type) {
	case float64:
		return Flags(v)
	default:
		if lua.Truthy(v) {
			at.Fail("bad argument #10 to 'ngx_lua_ffi_shdict_store' (cannot convert '" + lua.TypeName(v) + "' to 'int')")
		}
		return Flags(0)
	}
}

// milliseconds is a time to live as nginx has it.
func milliseconds(seconds float64) int64 {
	ms := seconds * 1000
	if !(ms > 0) || ms >= 1<<62 {
		return 0
	}
	return int64(ms)
}

// expiry is when something that lives for so many seconds from now on ends; 0 is
// never.
func expiry(now int64, seconds float64) int64 {
	if ms := milliseconds(seconds); ms > 0 {
		return now + ms
	}
	return 0
}

// int32Of is a number as C's int.
func int32Of(n float64) int32 {
	if !(n >= math.MinInt32 && n <= math.MaxInt32) {
		return math.MinInt32
	}
	return int32(n)
}

// mode is how a value is stored.
type mode int

const (
	always     mode = 0
	onlyNew    mode = 1
	onlyKnown  mode = 2
	safe       mode = 4
	newAndSafe      = onlyNew | safe
)

// Set is dict:set(key, value, exptime, flags).
func (d *Dict) Set(key, value any, options ...Option) (ok lua.Value, err lua.OptString, forcible lua.Value) {
	return d.store(always, key, value, options)
}

// SafeSet is dict:safe_set(…): nothing that lives makes way.
func (d *Dict) SafeSet(key, value any, options ...Option) (ok lua.Value, err lua.OptString, forcible lua.Value) {
	return d.store(safe, key, value, options)
}

// Add is dict:add(…): only if the key is not there.
func (d *Dict) Add(key, value any, options ...Option) (ok lua.Value, err lua.OptString, forcible lua.Value) {
	return d.store(onlyNew, key, value, options)
}

// SafeAdd is dict:safe_add(…).
func (d *Dict) SafeAdd(key, value any, options ...Option) (ok lua.Value, err lua.OptString, forcible lua.Value) {
	return d.store(newAndSafe, key, value, options)
}

// Replace is dict:replace(…): only if the key is there.
func (d *Dict) Replace(key, value any, options ...Option) (ok lua.Value, err lua.OptString, forcible lua.Value) {
	return d.store(onlyKnown, key, value, options)
}

// Delete is dict:delete(key).
func (d *Dict) Delete(key any) (ok lua.Value, err lua.OptString, forcible lua.Value) {
	return d.store(always, key, nil, nil)
}

// store does what set, add, replace and delete have in common.
func (d *Dict) store(m mode, key, value any, options []Option) (ok lua.Value, err lua.OptString, forcible lua.Value) {
	k, err := keyOf(key)
	if !err.IsNil() {
		return nil, err, nil
	}
	value = lua.Plain(value)
	stored, takes := itemOf(value)
	if value != nil && !takes {
		return nil, lua.Some("bad value type"), nil
	}
	if value == nil && m&(onlyNew|onlyKnown) != 0 {
		return false, lua.Some("attempt to add or replace nil values"), false
	}
	problem := ""
	r := d.change(k, m&safe != 0, func(s *slot, now int64) bool {
		i := s.find(k)
		known := i >= 0 && !s.entries[i].expired(now)
		switch {
		case m&onlyKnown != 0 && !known:
			problem = "not found"
			return false
		case m&onlyNew != 0 && known:
			problem = "exists"
			return false
		case value == nil && i < 0:
			return false
		case value == nil:
			s.remove(i)
			return true
		}
		problem = ""
		e := entry{key: k, kind: stored.kind, value: stored.value}
		for _, o := range options {
			if o.what == flags {
				e.flags = int32Of(o.value)
			} else {
				e.expires = expiry(now, o.value)
			}
		}
		s.put(e)
		return true
	})
	if r.full {
		problem = "no memory"
	}
	if problem != "" {
		return false, lua.Some(problem), r.forcible
	}
	return true, lua.None, r.forcible
}

// numberOf is tonumber(v).
func numberOf(v any) (float64, bool) {
	n, ok := lua.ToNumberOf(v).(float64)
	return n, ok
}

// Number is the number that dict:incr adds, which may be anything.
func Number(v any, at lua.Argument) float64 {
	n, ok := numberOf(v)
	if !ok {
		at.Fail("cannot convert 'nil' to 'double'")
	}
	return n
}

// CheckIncr are the options of dict:incr(key, value, init, init_ttl), which may be
// anything.
func CheckIncr(initial, ttl any, at lua.Argument) []Option {
	var options []Option
	if lua.Truthy(initial) {
		n, ok := numberOf(initial)
		if !ok {
			at.Fail("bad init arg: number expected, got " + lua.TypeName(initial))
		}
		options = append(options, Init(n))
	}
	if ttl = lua.Plain(ttl); ttl == nil {
		return options
	}
	n, ok := numberOf(ttl)
	switch {
	case !ok:
		at.Fail("bad init_ttl arg: number expected, got " + lua.TypeName(ttl))
	case n < 0:
		at.Fail("bad \"init_ttl\" argument")
	case options == nil:
		at.Fail("must provide \"init\" when providing \"init_ttl\"")
	}
	return append(options, TTL(n))
}

// Incr is dict:incr(key, value, init, init_ttl): the new number, or nil and an
// error. Where there is no number, and no Init, there is an error.
func (d *Dict) Incr(key any, by float64, options ...Option) (value lua.OptNumber, err lua.OptString, forcible lua.Value) {
	k, err := keyOf(key)
	if !err.IsNil() {
		return lua.NoNumber, err, nil
	}
	var start, ttl float64
	hasInit := false
	for _, o := range options {
		if o.what == initialValue {
			start, hasInit = o.value, true
		} else {
			ttl = o.value
		}
	}
	problem, sum := "", 0.0
	r := d.change(k, false, func(s *slot, now int64) bool {
		i := s.find(k)
		e := entry{key: k}
		switch known := i >= 0 && !s.entries[i].expired(now); {
		case !known && !hasInit:
			problem = "not found"
			return false
		case !known:
			sum = start + by
			e.expires = expiry(now, ttl)
		case s.entries[i].kind != number:
			problem = "not a number"
			return false
		default:
			e = s.entries[i]
			sum = math.Float64frombits(read(e.value, 8)) + by
		}
		problem, e.kind, e.value = "", number, bits(sum)
		s.put(e)
		return true
	})
	if r.full {
		problem = "no memory"
	}
	switch {
	case problem != "":
		return lua.NoNumber, lua.Some(problem), nil
	case hasInit:
		return lua.SomeNumber(sum), lua.None, r.forcible
	default:
		return lua.SomeNumber(sum), lua.None, nil
	}
}

// TTL is dict:ttl(key): how long the key still lives, in seconds, 0 for ever; or nil
// and an error. A key that has expired and is not removed yet has less than nothing.
func (d *Dict) TTL(key any) (seconds lua.OptNumber, err lua.OptString) {
	k, err := keyOf(key)
	if !err.IsNil() {
		return lua.NoNumber, err
	}
	_, now := d.now()
	e, ok := d.lookup(k)
	switch {
	case !ok:
		return lua.NoNumber, lua.Some("not found")
	case e.expires == 0:
		return lua.SomeNumber(0), lua.None
	default:
		return lua.SomeNumber(float64(e.expires-now) / 1000), lua.None
	}
}

// Expire is dict:expire(key, exptime): true, or nil and an error.
func (d *Dict) Expire(key any, seconds float64) (ok lua.Value, err lua.OptString) {
	k, err := keyOf(key)
	if !err.IsNil() {
		return nil, err
	}
	found := false
	d.changeAnyAge(k, func(e *entry, now int64) {
		found = true
		e.expires = expiry(now, seconds)
	})
	if !found {
		return nil, lua.Some("not found")
	}
	return true, lua.None
}

// changeAnyAge changes an entry in its place, also one that has expired.
func (d *Dict) changeAnyAge(key string, f func(e *entry, now int64)) {
	for {
		_, now := d.now()
		s := d.load(d.slotOf(key))
		i := s.find(key)
		if i < 0 {
			return
		}
		if f(&s.entries[i], now); s.write() {
			return
		}
	}
}

// CheckExpire is the exptime of dict:expire, which may be anything.
func CheckExpire(seconds any, at lua.Argument) float64 {
	if !lua.Truthy(seconds) {
		at.Fail("bad \"exptime\" argument")
	}
	n, ok := numberOf(seconds)
	if !ok {
		at.Fail("attempt to perform arithmetic on local 'exptime' (a " + lua.TypeName(seconds) + " value)")
	}
	return n
}
