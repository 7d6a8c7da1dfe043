package ngx_test

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/internal/hosttest"
	"snippet2wasm.internal/plugin/runtime/internal/reference"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// handle runs a direct handler under the chunk name "chunk".
func handle(t *testing.T, run func(*ngx.Request)) *hosttest.Gateway {
	t.Helper()
	gateway := &hosttest.Gateway{Headers: [][2]string{{":path", "/"}}}
	root := engine.NewRoot(gateway, &engine.Program{
		Begin: func(s *engine.Stream, _ any) []engine.Phase {
			ngx.NewRequest(s)
			return []engine.Phase{{Kind: engine.Rewrite, Chunk: "chunk", Run: func(s *engine.Stream) { run(s.Reader.(*ngx.Request)) }}}
		},
	})
	root.NewStream(2).OnRequestHeaders()
	return gateway
}

// logged is one call of ngx.log, for Lua and for Go.
type logged struct {
	lua   string
	level int
	parts []any
}

func TestLogLikeNginx(t *testing.T) {
	zero := 0.0
	calls := []logged{
		{`ngx.ERR, "hello ", nil, true, 1.5, ngx.null, 1e15`, ngx.ERR, []any{"hello ", nil, true, 1.5, ngx.Null, 1e15}},
		{`ngx.ERR, 0/0, " ", -0, " ", 1/0, " ", 300`, ngx.ERR, []any{zero / zero, " ", math.Copysign(0, -1), " ", math.Inf(1), " ", 300}},
		{`ngx.ERR`, ngx.ERR, nil},
		{`ngx.ERR, "two\nlines"`, ngx.ERR, []any{"two\nlines"}},
		{`ngx.ERR, "bytes \200\255"`, ngx.ERR, []any{"bytes \xc8\xff"}},
		{`ngx.WARN, ""`, ngx.WARN, []any{lua.Some("")}},
		{`ngx.ERR, {}`, ngx.ERR, []any{lua.NewTable(0)}},
		{`ngx.ERR, "x", {}`, ngx.ERR, []any{"x", lua.NewTable(0)}},
		{`9, "x"`, 9, []any{"x"}},
		{`-1, "x"`, -1, []any{"x"}},
	}
	for level := range 8 {
		calls = append(calls, logged{strconv.Itoa(level) + `, "level"`, level, []any{"level"}})
	}
	var locations strings.Builder
	for i, call := range calls {
		fmt.Fprintf(&locations, "location = /%d { access_by_lua_block { ngx.log(%s) } content_by_lua_block { ngx.print('ok') } }\n", i, call.lua)
	}
	nginx := reference.StartNginx(t, locations.String())
	for i, call := range calls {
		nginx.TakeLog()
		nginx.Get("/" + strconv.Itoa(i))
		want := nginxLine(t, nginx.TakeLog())
		gateway := handle(t, func(r *ngx.Request) { r.Log(1, call.level, call.parts...) })
		if len(gateway.Lines) != 1 {
			t.Fatalf("%s: %d lines", call.lua, len(gateway.Lines))
		}
		got := levelNames[gateway.Lines[0].Level] + " " + gateway.Lines[0].Message
		if got != want {
			t.Errorf("ngx.log(%s)\n  writes %q\n  nginx  %q", call.lua, got, want)
		}
	}
}

// levelNames has one of nginx's levels for each of the gateway's.
var levelNames = map[host.Level]string{host.Debug: "debug", host.Info: "info", host.Warn: "warn", host.Error: "error", host.Critical: "crit"}

// coarse joins nginx's levels that are one in the gateway.
var coarse = map[string]string{"": "crit", "emerg": "crit", "alert": "crit", "notice": "info"}

var (
	lineHead = regexp.MustCompile(`(?s)^\S+ \S+ \[(\w*)\] \d+#\d+: \*\d+ (.*?)(\nstack traceback:.*)?, client: .*$`)
	luaChunk = regexp.MustCompile(`access_by_lua\(nginx\.conf:\d+\)`)
)

// nginxLine takes the level and the message out of the first log record about a
// request.
func nginxLine(t *testing.T, log string) string {
	t.Helper()
	at := strings.Index(log, "[lua]")
	if aborted := strings.Index(log, "lua entry thread aborted"); at < 0 || aborted >= 0 && aborted < at {
		at = aborted
	}
	if at < 0 {
		t.Fatalf("nothing was logged: %s", log)
	}
	start := regexp.MustCompile(`(?m)^\d{4}/`).FindAllStringIndex(log[:at], -1)
	record := log[start[len(start)-1][0]:]
	if next := regexp.MustCompile(`\n\d{4}/`).FindStringIndex(record); next != nil {
		record = record[:next[0]]
	}
	parts := lineHead.FindStringSubmatch(strings.TrimSuffix(record, "\n"))
	if parts == nil {
		t.Fatalf("unexpected record: %q", record)
	}
	level := parts[1]
	if other, ok := coarse[level]; ok {
		level = other
	}
	return level + " " + luaChunk.ReplaceAllString(parts[2], "chunk")
}

func TestLongLines(t *testing.T) {
	nginx := reference.StartNginx(t, `location / { access_by_lua_block { ngx.log(ngx.ERR, string.rep("a", 5000)) } content_by_lua_block { ngx.print('ok') } }`)
	nginx.TakeLog()
	nginx.Get("/")
	inNginx := strings.Count(nginx.TakeLog(), "a")
	gateway := handle(t, func(r *ngx.Request) { r.Log(1, ngx.ERR, strings.Repeat("a", 5000)) })
	ours := strings.Count(gateway.Lines[0].Message, "a")
	if difference := ours - inNginx; difference < -60 || difference > 60 {
		t.Errorf("%d bytes of the text are left, in nginx %d", ours, inNginx)
	}
}

func TestLogIn(t *testing.T) {
	const where = "init_by_lua(nginx.conf:3):5: aes_decrypt(): "
	gateway := handle(t, func(r *ngx.Request) {
		r.LogIn(where, ngx.WARN, "text")
		r.LogIn(where, ngx.WARN, lua.NewTable(0))
	})
	want := "[lua] " + where + "text\n" +
		"lua entry thread aborted: runtime error: init_by_lua(nginx.conf:3):5: bad argument #1 to 'log' (expected table to have __tostring metamethod)\n"
	if got := gateway.LogText(); got != want {
		t.Errorf("%s\nwant\n%s", got, want)
	}
}

func TestExitUnwindLeavesNestedCalls(t *testing.T) {
	gateway := handle(t, func(r *ngx.Request) {
		func() { r.ExitUnwind(403) }()
		t.Error("went on")
	})
	if len(gateway.Responses) != 1 || gateway.Responses[0].Status != 403 {
		t.Error(gateway.Responses)
	}
}

func TestTime(t *testing.T) {
	gateway := &hosttest.Gateway{Time: 1763760000_987654321}
	r := ngx.NewRequest(engine.NewRoot(gateway, &engine.Program{}).NewStream(2))
	if lua.Time(r) != 1763760000 || ngx.Time(r) != 1763760000 || ngx.Now(r) != 1763760000.987 {
		t.Error(lua.Time(r), ngx.Time(r), ngx.Now(r))
	}
}
