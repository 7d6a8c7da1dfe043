package redis

import (
	"errors"
	"math/rand/v2"
	"os"
	"runtime"
	"strconv"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/reference"
	"snippet2wasm.internal/plugin/runtime/lua"
)

func TestParseReply(t *testing.T) {
	for _, check := range []struct{ raw, value, err string }{
		{"+OK\r\n", "OK", "nil"},
		{"+\r\n", "", "nil"},
		{"-ERR x\r\n", "false", "ERR x"},
		{":42\r\n", "42", "nil"},
		{":-1\r\n", "-1", "nil"},
		{"$3\r\na\r\n\r\n", "a\r\n", "nil"},
		{"$0\r\n\r\n", "", "nil"},
		{"$-1\r\n", "userdata: NULL", "nil"},
		{"*-1\r\n", "userdata: NULL", "nil"},
	} {
		reply, err, problem := parseReply([]byte(check.raw))
		if problem != nil || reply.String() != check.value || err.String() != check.err {
			t.Errorf("%q: %q, %q, %v", check.raw, reply, err, problem)
		}
	}
}

func TestParseReplyNested(t *testing.T) {
	reply, _, err := parseReply([]byte("*4\r\n:1\r\n*2\r\n$1\r\nx\r\n-ERR y\r\n$-1\r\n*0\r\n"))
	if err != nil {
		t.Fatal(err)
	}
	table := reply.Table(lua.Operand{})
	inner := table.Get(2.0).(*lua.Table)
	failed := inner.Get(2.0).(*lua.Table)
	if table.Len() != 4 || table.Get(1.0) != 1.0 || inner.Get(1.0) != "x" || failed.Get(1.0) != false ||
		failed.Get(2.0) != "ERR y" || table.Get(3.0) != lua.Null || table.Get(4.0).(*lua.Table).Len() != 0 {
		t.Error("wrong content")
	}
}

func TestParseReplyRefuses(t *testing.T) {
	for _, raw := range []string{
		"", "\r\n", "OK", "+OK", "+OK\r\n+OK\r\n", ":\r\n", ":x\r\n", ":1.5\r\n", ":900", "$3\r\nab\r\n", "$3\r\nabcd\r\n", "$1\r\na",
		"$99999999999\r\na\r\n", "$9223372036854775807\r\na\r\n", "*2\r\n:1\r\n", "*99999999999\r\n", "*1\r\n", "$x\r\n", "?1\r\n", "*1\r\n?\r\n",
		strings.Repeat("*1\r\n", 5000) + ":1\r\n",
	} {
		if reply, _, err := parseReply([]byte(raw)); !errors.Is(err, errMalformed) {
			t.Errorf("%.40q: %v, %v", raw, reply, err)
		}
	}
}

// TestParseReplyIsBounded has replies of a few megabytes that would fill the
// memory of a VM with tables.
func TestParseReplyIsBounded(t *testing.T) {
	const many = 1 << 20
	for _, item := range []string{"*0\r\n", "-\r\n"} {
		func() {
			defer func() {
				if raised, ok := recover().(*lua.Error); !ok || raised.In("chunk") != "not enough memory" {
					t.Errorf("%q: %v", item, raised)
				}
			}()
			_, _, _ = parseReply([]byte("*" + strconv.Itoa(many) + "\r\n" + strings.Repeat(item, many)))
		}()
	}
}

// TestParseReplyDoesNotPanic feeds random bytes that look like RESP.
func TestParseReplyDoesNotPanic(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 1))
	const alphabet = "+-:$*019\r\nax"
	for range 200000 {
		raw := make([]byte, random.IntN(24))
		for i := range raw {
			raw[i] = alphabet[random.IntN(len(alphabet))]
		}
		_, _, _ = parseReply(raw)
	}
}

// TestParseReplyReserves claims long arrays that are not there: a small reply
// must not take much memory.
func TestParseReplyReserves(t *testing.T) {
	raw := []byte(strings.Repeat("*300000\r\n", 120) + strings.Repeat("x", 1<<20))
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	if _, _, err := parseReply(raw); !errors.Is(err, errMalformed) {
		t.Error(err)
	}
	runtime.ReadMemStats(&after)
	if used := after.TotalAlloc - before.TotalAlloc; used > 8<<20 {
		t.Errorf("%d bytes for a reply of %d", used, len(raw))
	}
}

// FuzzParseReply parses anything: no panic, and what is accepted is a value.
func FuzzParseReply(f *testing.F) {
	for _, raw := range []string{"+OK\r\n", "-ERR x\r\n", ":1\r\n", "$-1\r\n", "$1\r\nv\r\n", "*2\r\n$1\r\na\r\n*1\r\n-ERR y\r\n", "*-1\r\n"} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		reply, message, err := parseReply(raw)
		if err == nil && (reply.IsNil() || message.IsNil() != (reply.kind != kindFalse)) {
			t.Errorf("%q: %v, %v", raw, reply, message)
		}
	})
}

// TestListLength compares with # of LuaJIT for all places of nil.
func TestListLength(t *testing.T) {
	script := "local function length(...) local args = {...} return #args end\nlocal function f(cmd, ...) return length(cmd, ...) end\n"
	var lists [][]any
	for n := range 9 {
		for mask := range 1 << n {
			list := make([]any, n)
			texts := []string{"'cmd'"}
			for i := range list {
				if mask>>i&1 == 1 {
					list[i] = "x"
					texts = append(texts, "'x'")
				} else {
					texts = append(texts, "nil")
				}
			}
			lists = append(lists, list)
			script += "print(f(" + strings.Join(texts, ", ") + "))\n"
		}
	}
	lines := strings.Fields(reference.LuaJIT(t, script))
	for i, list := range lists {
		if got := lua.FormatNumber(float64(listLength(list))); got != lines[i] {
			t.Errorf("%v: %s, LuaJIT: %s", list, got, lines[i])
		}
	}
}

// TestCommandList checks that commands.txt and the exceptions are all of Redis's
// commands.
func TestCommandList(t *testing.T) {
	left := map[string]string{}
	for reason, commands := range map[string]string{
		"blocks":                 "blmove blmpop blpop brpop brpoplpush bzmpop bzpopmax bzpopmin wait",
		"subscribes":             "psubscribe punsubscribe ssubscribe subscribe sunsubscribe unsubscribe monitor",
		"transaction":            "discard exec multi unwatch watch",
		"changes the connection": "asking client hello psync quit readonly readwrite replconf reset sync",
		"written by hand":        "auth hmset select",
		"internal":               "restore-asking",
	} {
		for _, command := range strings.Fields(commands) {
			left[command] = reason
		}
	}
	list, err := os.ReadFile("commands.txt")
	if err != nil {
		t.Fatal(err)
	}
	for _, line := range strings.Split(string(list), "\n") {
		if fields := strings.Fields(line); len(fields) == 2 && fields[0] != "#" {
			left[fields[0]] = "method"
		}
	}
	for _, command := range reference.RedisCommands(t) {
		if left[command] == "" {
			t.Errorf("%s is not in commands.txt", command)
		}
		delete(left, command)
	}
	for command, reason := range left {
		t.Errorf("%s (%s) is no command of Redis", command, reason)
	}
}
