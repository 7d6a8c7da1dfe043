package main

import (
	"errors"
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/faults"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/resty/redis"
)

// acts are the things that can be asked for, by name.
var acts map[string]func(*ngx.Request)

func init() {
	acts = map[string]func(*ngx.Request){
		// Panics.
		"panic-string": func(*ngx.Request) { panic("asked to") },
		"panic-error":  func(*ngx.Request) { panic(errors.New("asked to")) },
		"panic-value":  func(*ngx.Request) { panic(struct{ n int }{5}) },
		"panic-nil":    func(*ngx.Request) { panic(nil) }, //nolint:govet // the worst of them
		"nil-pointer":  func(*ngx.Request) { var r *ngx.Request; r.Exit(200) },
		"nil-map":      func(*ngx.Request) { var m map[string]int; m["a"]++ },
		"index":        func(r *ngx.Request) { _ = []int{1}[number(r, "n")] },
		"division":     func(r *ngx.Request) { _ = 1 / number(r, "n") },
		"conversion":   func(r *ngx.Request) { _ = any(r).(string) },
		"huge-slice":   func(r *ngx.Request) { _ = make([]byte, -1-number(r, "n")) },
		"lua-error":    func(*ngx.Request) { lua.Throw("asked to", lua.Temporary(7)) },
		"lua-object":   func(*ngx.Request) { lua.ThrowValue(nil) },
		"panic-twice": func(*ngx.Request) {
			defer func() { panic("the second") }()
			panic("the first")
		},
		"panic-in-coroutine": func(r *ngx.Request) { inCoroutine(func() { panic("in a coroutine") }) },

		// Replies from inside.
		"exit":              func(r *ngx.Request) { r.ExitUnwind(403) },
		"exit-nested":       func(r *ngx.Request) { nested(100, func() { r.ExitUnwind(403) }) },
		"exit-in-pcall":     func(r *ngx.Request) { pcall(func() { r.ExitUnwind(403) }) },
		"exit-in-coroutine": func(r *ngx.Request) { inCoroutine(func() { r.ExitUnwind(403) }) },
		"exit-then-panic": func(r *ngx.Request) {
			r.Exit(403)
			panic("after an exit")
		},
		"drop": func(r *ngx.Request) { r.ExitUnwind(444) },

		// Waiting.
		"sleep": func(r *ngx.Request) { r.Sleep(0.02, lua.Arg(1, "sleep", 1)) },
		"redis": func(r *ngx.Request) { get(r, "redis.internal") },
		"redis-in-coroutine": func(r *ngx.Request) {
			inCoroutine(func() { get(r, "redis.internal") })
		},
		"redis-unknown": func(r *ngx.Request) { get(r, "unknown.internal") },
		"redis-empty":   func(r *ngx.Request) { get(r, "empty.internal") },
		"redis-refused": func(r *ngx.Request) { get(r, "refused.internal") },
		"wait-for-ever": func(r *ngx.Request) { r.Stream().Await(func(func()) {}) },
		"park":          park,
		"unpark":        func(*ngx.Request) { unpark() },
		"abandon":       abandon,

		// Faults of the machinery.
		"fault-call":     func(r *ngx.Request) { faulty(r, "call") },
		"fault-answer":   func(r *ngx.Request) { faulty(r, "answer") },
		"fault-twice":    func(r *ngx.Request) { faulty(r, "twice") },
		"fault-at-once":  func(r *ngx.Request) { faulty(r, "at once") },
		"fault-snapshot": func(r *ngx.Request) { faults.BreakSnapshot(r.Stream()) },

		// Memory.
		"garbage": func(r *ngx.Request) { garbage(number(r, "kb")) },
		"churn":   func(r *ngx.Request) { churn(number(r, "mb"), number(r, "size")) },
		"string":  func(r *ngx.Request) { _ = strings.Repeat("x", number(r, "mb")<<20) },
		"hold":    func(r *ngx.Request) { hold(number(r, "mb")) },
	}
}

// number is an argument, 0 when it is absent.
func number(r *ngx.Request, name string) int {
	text, _ := r.Arg(name)
	n, _ := strconv.Atoi(text)
	return n
}

// nested calls f from depth functions.
func nested(depth int, f func()) {
	if depth == 0 {
		f()
		return
	}
	nested(depth-1, f)
}

// pcall catches Lua errors as Lua's pcall does.
func pcall(f func()) {
	defer func() {
		if v := recover(); v != nil {
			if _, ok := v.(*lua.Error); !ok {
				panic(v)
			}
		}
	}()
	f()
}

// inCoroutine runs f in a Lua coroutine.
func inCoroutine(f func()) {
	c := lua.NewCoroutine(lua.NewFunction(func(lua.Values) lua.Values {
		f()
		return nil
	}))
	lua.Resume(c, lua.Arg(1, "resume", 1))
}

// get asks a Redis for a key and gives the client a status that tells how that
// went.
func get(r *ngx.Request, host string) {
	red := redis.New(r)
	red.Connect(host, 6379)
	if _, err := red.Do("get", "key"); !err.IsNil() {
		r.ExitUnwind(503)
	}
}

// faulty asks a Redis behind a transport with a fault.
func faulty(r *ngx.Request, fault string) {
	faults.Next = fault
	get(r, "redis.internal")
}

// parked are the requests that wait for another one.
var parked []func()

// park waits until another request comes, and then for Redis.
func park(r *ngx.Request) {
	r.Stream().Await(func(wake func()) { parked = append(parked, wake) })
	get(r, "redis.internal")
	r.ExitUnwind(403)
}

// unpark lets all go on that wait for another request.
func unpark() {
	waiting := parked
	parked = nil
	for _, wake := range waiting {
		wake()
	}
}

// abandon leaves coroutines behind that never end by themselves.
func abandon(*ngx.Request) {
	for range 100 {
		c := lua.NewCoroutine(lua.NewFunction(func(lua.Values) lua.Values {
			for {
				lua.Yield(lua.Arg(1, "yield", 1))
			}
		}))
		lua.Resume(c, lua.Arg(1, "resume", 1))
	}
}

// node is a small object that the collector has to follow.
type node struct {
	next *node
	text string
}

// held is what lives on, VM-wide.
var held *node

// hold makes a number of megabytes live on; 0 lets go of all.
func hold(mb int) {
	if mb == 0 {
		held = nil
		return
	}
	held = list(mb << 10)
}

// garbage makes a number of kilobytes that nothing refers to.
func garbage(kb int) { _ = list(kb) }

// kept is the last string that churn made.
var kept string

// churn makes mb megabytes of garbage out of strings of a size.
func churn(mb, size int) {
	for range mb << 20 / size {
		kept = strings.Repeat("x", size)
	}
}

// list is a list of kb kilobytes.
func list(kb int) *node {
	const size = 64
	var first *node
	for i := range kb << 10 / (size + 16) {
		first = &node{first, strings.Repeat(strconv.Itoa(i%10), size)}
	}
	return first
}
