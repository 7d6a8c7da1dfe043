package lua_test

import (
	"fmt"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/reference"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// show is what the Lua function `show` of these tests writes for a list of values.
func show(values lua.Values) string {
	parts := make([]string, len(values))
	for i, value := range values {
		parts[i] = lua.TypeName(value) + ":" + lua.ToString(value)
	}
	return strings.Join(parts, "|")
}

const showInLua = `
local function show(ok, ...)
  if not ok then return "error:" .. tostring((...)):gsub("^[^:]*:%d+: ", "") end
  local parts = {}
  for i = 1, select("#", ...) do
    local v = select(i, ...)
    parts[i] = type(v) .. ":" .. tostring(v)
  end
  return table.concat(parts, "|")
end
`

// caught is what a call gives, or its error.
func caught(call func() lua.Values) string {
	results := lua.ProtectedApply(lua.NewFunction(func(lua.Values) lua.Values { return call() }), lua.Operand{})
	if results.At(0) == false {
		text := lua.ToString(results.At(1))
		if i := strings.Index(text, ": "); i >= 0 && strings.HasPrefix(text, "t:") {
			text = text[i+2:]
		}
		return "error:" + text
	}
	return show(results.From(1))
}

// at is the first argument of a call of name.
func at(name string) lua.Argument { return lua.Arg(1, name, 1).In("t") }

// question is Lua code, and what the runtime makes of the same.
type question struct {
	code string
	call func() lua.Values
}

func check(t *testing.T, questions []question) {
	t.Helper()
	var script strings.Builder
	script.WriteString(showInLua)
	for _, q := range questions {
		fmt.Fprintf(&script, "print((show(pcall(function() local r = {n = 0} "+
			"local function keep(...) r = {n = select('#', ...), ...} end keep(%s) return unpack(r, 1, r.n) end))"+
			":gsub('[%%c\\128-\\255]', function(c) return '\\\\' .. c:byte() end)))\n", q.code)
	}
	lines := strings.Split(reference.LuaJIT(t, script.String()), "\n")
	for i, q := range questions {
		var got strings.Builder
		for _, c := range []byte(caught(q.call)) {
			if c < ' ' || c == 0x7f || c >= 0x80 {
				got.WriteString(`\` + strconv.Itoa(int(c)))
				continue
			}
			got.WriteByte(c)
		}
		if got.String() != lines[i] {
			t.Errorf("%s: got %s, LuaJIT gives %s", q.code, got.String(), lines[i])
		}
	}
}

var (
	patternParts = []string{
		"a", "b", ".", "%a", "%d", "%s", "%w", "%W", "[ab]", "[^a]", "[a-c]", "[%d_]", "[]x]", "[^]]", "%.", "(", ")", "()",
		"*", "+", "-", "?", "^", "$", "%1", "%b()", "%f[%w]", "%z", "%", "[", "x",
	}
	subjects = []string{"", "a", "abc", "aab b", "(a(b)c)", "x1_2", "hello world", "a.b", "]x", "\x00\xff a", "aaaaaaab"}
)

func TestPatternsAreLuaJITs(t *testing.T) {
	random := rand.New(rand.NewPCG(1, 2))
	pick := func(from []string) string { return from[random.IntN(len(from))] }
	var questions []question
	for range 1500 {
		subject, pattern := pick(subjects), ""
		for range 1 + random.IntN(5) {
			pattern += pick(patternParts)
		}
		init := float64(random.IntN(7) - 2)
		s, p := quote(subject), quote(pattern)
		questions = append(questions,
			question{fmt.Sprintf("string.find(%s, %s, %v)", s, p, init), func() lua.Values {
				return lua.Find(subject, pattern, init, false, at("find"))
			}},
			question{fmt.Sprintf("string.match(%s, %s)", s, p), func() lua.Values {
				return lua.Match(subject, pattern, 1, at("match"))
			}},
			question{fmt.Sprintf("string.gsub(%s, %s, '<%%0>')", s, p), func() lua.Values {
				text, count := lua.GSub(subject, pattern, "<%0>", 1e9, at("gsub"))
				return lua.Values{text, count}
			}})
	}
	check(t, questions)
}

func TestFormatIsLuaJITs(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	values := []float64{0, 1, -1, 42, 255, -3.7, 0.5, 1e15, 123456789, 1e-5, 3.14159, 1 << 40, 1e100}
	var questions []question
	for range 1000 {
		format := "%" + []string{"", "-", "+", " ", "#", "0"}[random.IntN(6)] +
			[]string{"", "5", "12"}[random.IntN(3)] + []string{"", ".2", ".0", ".10"}[random.IntN(4)] +
			string("diouxXeEfgGcs"[random.IntN(13)]) + "|"
		value := values[random.IntN(len(values))]
		questions = append(questions, question{
			fmt.Sprintf("string.format(%s, %s)", quote(format), number(value)),
			func() lua.Values { return lua.Values{lua.Format(format, at("format"), value)} },
		})
	}
	for _, text := range []string{"", "a\nb", "\"\\", "\x00\x01" + "1", "\x7f\xff"} {
		questions = append(questions, question{
			fmt.Sprintf("string.format('%%q', %s)", quote(text)),
			func() lua.Values { return lua.Values{lua.Format("%q", at("format"), text)} },
		})
	}
	check(t, questions)
}

func TestSortIsLuaJITs(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var questions []question
	for range 300 {
		n := random.IntN(30)
		items, texts := make([]lua.Value, n), make([]string, n)
		for i := range items {
			// Items that compare equal but differ: their order shows the algorithm.
			items[i] = float64(random.IntN(5)) + float64(i)/100
			texts[i] = number(items[i].(float64))
		}
		mode := random.IntN(2)
		less := []string{
			"function(a, b) return math.floor(a) < math.floor(b) end", "function(a, b) return a <= b end",
		}[mode]
		code := fmt.Sprintf("(function() local t = {%s} table.sort(t, %s) return table.concat(t, ' ') end)()",
			strings.Join(texts, ","), less)
		questions = append(questions, question{code, func() lua.Values {
			table := lua.ListOf(items...)
			lua.Sort(table, lua.NewFunction(func(args lua.Values) lua.Values {
				a, b := args.At(0).(float64), args.At(1).(float64)
				if mode == 1 {
					return lua.Values{a <= b}
				}
				return lua.Values{int(a) < int(b)}
			}), at("sort"))
			return lua.Values{lua.Join(table, " ", nil, nil, at("concat"))}
		}})
	}
	check(t, questions)
}

func TestCoroutinesEndWithTheirHandler(t *testing.T) {
	cleaned := false
	lua.Run(nil, func() {
		c := lua.NewCoroutine(lua.NewFunction(func(lua.Values) lua.Values {
			defer func() { cleaned = true }()
			lua.Yield(1.0)
			t.Error("an abandoned coroutine ran on")
			return nil
		}))
		if got := show(lua.Resume(c, at("resume"))); got != "boolean:true|number:1" {
			t.Errorf("resume gives %s", got)
		}
	})
	if !cleaned {
		t.Error("an abandoned coroutine was not unwound")
	}
}

func TestDeepRecursionIsAnErrorEveryTime(t *testing.T) {
	var dive func() float64
	dive = func() float64 {
		defer lua.Enter("t", 1).Leave()
		return 1 + dive()
	}
	for range 100 {
		got := caught(func() lua.Values { return lua.Values{dive()} })
		if got != "error:stack overflow" {
			t.Fatalf("got %s", got)
		}
	}
}
