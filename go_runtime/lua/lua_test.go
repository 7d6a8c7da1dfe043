package lua_test

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/reference"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// quote writes s as a Lua string.
func quote(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := 0; i < len(s); i++ {
		fmt.Fprintf(&b, `\%03d`, s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// number writes n so that LuaJIT reads exactly n.
func number(n float64) string {
	switch {
	case math.IsNaN(n):
		return "(0/0)"
	case math.IsInf(n, 1):
		return "math.huge"
	case math.IsInf(n, -1):
		return "-math.huge"
	default:
		return strconv.FormatFloat(n, 'g', 17, 64)
	}
}

// ask evaluates expressions in LuaJIT, one line of text each.
func ask(t *testing.T, expressions []string) []string {
	t.Helper()
	var script strings.Builder
	script.WriteString("local function show(...) local t = {} for i = 1, select('#', ...) do t[i] = tostring((select(i, ...))) end io.write((table.concat(t, ' | '):gsub('[^ -~]', function(c) return ('<%d>'):format(c:byte()) end)), '\\n') end\n")
	for _, expression := range expressions {
		script.WriteString("show(" + expression + ")\n")
	}
	lines := strings.Split(strings.TrimSuffix(reference.LuaJIT(t, script.String()), "\n"), "\n")
	if len(lines) != len(expressions) {
		t.Fatalf("LuaJIT printed %d lines for %d expressions", len(lines), len(expressions))
	}
	return lines
}

// visible writes bytes outside of ASCII as ask does.
func visible(s string) string {
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] < ' ' || s[i] > '~' {
			fmt.Fprintf(&b, "<%d>", s[i])
			continue
		}
		b.WriteByte(s[i])
	}
	return b.String()
}

var oddNumbers = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.1, 1.5, 1e14, 1e15, 123456789012345, 99999999999999, 999999999999995, 1e-4, 1e-5,
	0.00012345678901234567, 1e100, math.Inf(1), math.Inf(-1), math.NaN(), 1 << 53, math.MaxFloat64,
	math.SmallestNonzeroFloat64, 2.5, 1e21, 123456.789, -0.5, 1.0 / 3, 2.0 / 3, 1763760000, 1763760000.123, 99999999999999.5,
	4503599627370496.5, 1e13 + 0.5,
}

func TestFormatNumber(t *testing.T) {
	numbers := append([]float64(nil), oddNumbers...)
	random := rand.New(rand.NewPCG(1, 2))
	for range 500 {
		numbers = append(numbers, math.Float64frombits(random.Uint64()), random.NormFloat64()*1e6,
			float64(random.Int64N(1<<60))/1000)
	}
	expressions := make([]string, len(numbers))
	for i, n := range numbers {
		expressions[i] = number(n)
	}
	for i, want := range ask(t, expressions) {
		if got := lua.FormatNumber(numbers[i]); got != want {
			t.Errorf("FormatNumber(%s) = %q, LuaJIT: %q", expressions[i], got, want)
		}
	}
}

func TestToNumber(t *testing.T) {
	texts := []string{
		"0x10", "0X1p4", "1e5", " 12 ", "12a", "", "  ", "1e", "0x", ".5", "5.", "1_0", "1e400", "-0x10", "+5", "- 5", "0x.8",
		"1\x00", "0b101", "0B11", "0b", "0b2", "-0b1", "1LL", "1i", "0x1p-2", "nan", "NaN", "-nan", "inf", "-INF", "infinity",
		"Infinity", "infinit", "\t1\n", "\v1", "\f1\r", "1e+", "1e+5", "1E-5", "00012", "1.", "0x1.8p1", "٣", ".", "-", "+",
		"0x.", "0x1p", "0xp1", "0x1P+3", "1..2", "1 2", "e5", "0e0", "--1", "+-1", "0x10LL", "1ull", "1e5.5", "0x1e5", "09",
		"0x1.fffffffffffff", "179769313486231570000000000000000000000", "5e-324", "1e-400", "\xa01", "1\xa0",
	}
	random := rand.New(rand.NewPCG(3, 4))
	const alphabet = "0123456789.eExX+- pbnaif"
	for range 3000 {
		s := make([]byte, random.IntN(6))
		for i := range s {
			s[i] = alphabet[random.IntN(len(alphabet))]
		}
		texts = append(texts, string(s))
	}
	expressions := make([]string, len(texts))
	for i, text := range texts {
		expressions[i] = "tonumber(" + quote(text) + ")"
	}
	for i, want := range ask(t, expressions) {
		got := "nil"
		if n, ok := lua.ToNumber(texts[i]); ok {
			got = lua.FormatNumber(n)
		}
		if got != want {
			t.Errorf("ToNumber(%q) = %s, LuaJIT: %s", texts[i], got, want)
		}
	}
}

func TestStrings(t *testing.T) {
	type check struct{ expression, got string }
	var checks []check
	for _, s := range []string{"", "a", "hello", "\x00\xff\x80"} {
		for _, i := range []float64{-100, -5, -2, -1, 0, 1, 2, 3, 4.9, -1.9, 5, 6, 100, 1e10, -1e10} {
			for _, j := range []float64{-100, -3, -1, 0, 1, 2, 5, 7, 1e10} {
				checks = append(checks, check{
					fmt.Sprintf("string.sub(%s, %s, %s)", quote(s), number(i), number(j)), lua.Sub(s, i, j),
				})
			}
		}
		checks = append(checks,
			check{"#" + quote(s), lua.FormatNumber(lua.Len(s))},
			check{"string.reverse(" + quote(s) + ")", lua.Reverse(s)},
			check{"string.rep(" + quote(s) + ", 3)", lua.Rep(s, 3)},
			check{"string.rep(" + quote(s) + ", 2.9)", lua.Rep(s, 2.9)},
			check{"string.rep(" + quote(s) + ", -1)", lua.Rep(s, -1)},
		)
	}
	all := make([]byte, 256)
	for i := range all {
		all[i] = byte(i)
	}
	checks = append(checks,
		check{"string.lower(" + quote(string(all)) + ")", lua.Lower(string(all))},
		check{"string.upper(" + quote(string(all)) + ")", lua.Upper(string(all))},
	)
	for _, a := range []float64{5, -5, 5.5, 0, 1e15, math.Inf(1)} {
		for _, b := range []float64{3, -3, 0.7, math.Inf(1), 0} {
			checks = append(checks, check{
				fmt.Sprintf("(%s) %% (%s)", number(a), number(b)), lua.FormatNumber(lua.Mod(a, b)),
			})
		}
	}
	expressions := make([]string, len(checks))
	for i := range checks {
		expressions[i] = checks[i].expression
	}
	for i, want := range ask(t, expressions) {
		if got := visible(checks[i].got); got != want {
			t.Errorf("%s = %q, LuaJIT: %q", checks[i].expression, got, want)
		}
	}
}

// TestErrors compares the texts of errors: Lua code, and what compiled code
// does in its place.
func TestErrors(t *testing.T) {
	checks := []struct {
		code string
		run  func()
	}{
		{"local x; return x.y", func() { lua.Index.Throw(nil, lua.Local("x", 1)) }},
		{"local x = true; return x.y", func() { lua.Index.Throw(true, lua.Local("x", 1)) }},
		{"local t = {} return t.a.b", func() { lua.Index.Throw(nil, lua.Field("a", 1)) }},
		{"local t = {} t.a()", func() { lua.Call.Throw(nil, lua.Field("a", 1)) }},
		{"local t = {} t:a()", func() { lua.Call.Throw(nil, lua.Method("a", 1)) }},
		{"local x = 5 x()", func() { lua.Call.Throw(5, lua.Local("x", 1)) }},
		{"local x local function f() return x.y end return (f())", func() { lua.Index.Throw(nil, lua.Upvalue("x", 1)) }},
		{"local x return 'a' .. x", func() { lua.ConcatText(nil, lua.Local("x", 1)) }},
		{"local x = {} return 'a' .. x .. 'b'", func() { lua.Concat("a", lua.Part(lua.NewTable(0), lua.Local("x", 1)), "b") }},
		{"local x, y; return 'a' .. x .. 'b' .. y", func() {
			lua.Concat("a", lua.Part(nil, lua.Local("x", 1)), "b", lua.Part(nil, lua.Local("y", 1)))
		}},
		{"local x, y; return 'a' .. x .. y", func() {
			lua.Concat("a", lua.Part(nil, lua.Local("x", 1)), lua.Part(nil, lua.Local("y", 1)))
		}},
		{"local t = {} return 'a' .. t.x", func() { lua.ConcatText(nil, lua.Field("x", 1)) }},
		{"local t = {} return #t.x", func() { lua.LengthOf(nil, lua.Field("x", 1)) }},
		{"return 1 > 'x'", func() { lua.Greater(1.0, "x", lua.Temporary(1)) }},
		{"return nil >= 1", func() { lua.GreaterOrEqual(nil, 1.0, lua.Temporary(1)) }},
		{"local x, y = 'a', true return x .. y", func() { lua.Concat("a", lua.Part(true, lua.Local("y", 1))) }},
		{"local x = nil return x + 1", func() { lua.ArithmeticOperand(nil, lua.Local("x", 1)) }},
		{"local x = 'abc' return x + 1", func() { lua.ArithmeticOperand("abc", lua.Local("x", 1)) }},
		{"local x = nil return #x", func() { lua.LengthOf(nil, lua.Local("x", 1)) }},
		{"local x = 5 return #x", func() { lua.LengthOf(5, lua.Local("x", 1)) }},
		{"return 1 < 'x'", func() { lua.ThrowCompare(1.0, "x", lua.Temporary(1)) }},
		{"return {} < {}", func() { lua.ThrowCompare(lua.NewTable(0), lua.NewTable(0), lua.Temporary(1)) }},
		{"return nil < 1", func() { lua.ThrowCompare(nil, 1.0, lua.Temporary(1)) }},
		{"\n\n\nlocal x; return x.y", func() { lua.Index.Throw(nil, lua.Local("x", 4)) }},
		{"error('boo', 0)", func() { lua.ThrowValue("boo") }},
		{"error(5, 0)", func() { lua.ThrowValue(5) }},
		{"error('boo')", func() { lua.Throw("boo", lua.Temporary(1)) }},
		{"local x; x:m()", func() { lua.MustIndex[int](nil, lua.Local("x", 1)) }},
	}
	expressions := make([]string, len(checks))
	for i, check := range checks {
		expressions[i] = "select(2, pcall(loadstring(" + quote(check.code) + ", '=chunk')))"
	}
	for i, want := range ask(t, expressions) {
		if got := raised(t, checks[i].run); got != want {
			t.Errorf("%s\n  raises %q\n  LuaJIT %q", checks[i].code, got, want)
		}
	}
}

// raised returns the message that f panics with.
func raised(t *testing.T, f func()) (message string) {
	t.Helper()
	defer func() {
		err, ok := recover().(*lua.Error)
		if !ok {
			t.Error("no Lua error was raised")
			return
		}
		message = err.In("chunk")
	}()
	f()
	return ""
}

func TestErrorText(t *testing.T) {
	for _, check := range []struct {
		err  lua.Error
		want string
	}{
		{lua.Error{Object: "boo"}, "boo"},
		{lua.Error{Object: "boo", Line: 3}, "running:3: boo"},
		{lua.Error{Object: "boo", Line: 3, Chunk: "other"}, "other:3: boo"},
		{lua.Error{Object: lua.NewTable(0)}, "unknown reason"},
		{lua.Error{}, "unknown reason"},
	} {
		if got := check.err.In("running"); got != check.want {
			t.Errorf("%+v: %q, want %q", check.err, got, check.want)
		}
	}
}

func TestToString(t *testing.T) {
	for _, check := range []struct {
		value any
		want  string
	}{
		{nil, "nil"}, {true, "true"}, {false, "false"}, {1.5, "1.5"}, {300, "300"}, {int64(7), "7"}, {"s", "s"},
		{lua.Null, "userdata: NULL"}, {lua.Some("x"), "x"}, {lua.None, "nil"},
	} {
		if got := lua.ToString(check.value); got != check.want {
			t.Errorf("ToString(%#v) = %q, want %q", check.value, got, check.want)
		}
	}
	if got := lua.ToString(lua.NewTable(0)); !strings.HasPrefix(got, "table: 0x") {
		t.Errorf("ToString(table) = %q", got)
	}
}

func TestOptString(t *testing.T) {
	if value, ok := lua.Some("").Get(); value != "" || !ok || lua.Some("").IsNil() {
		t.Error("the empty string is no nil")
	}
	if lua.None.Or("d") != "d" || lua.Some("").Or("d") != "" || lua.Opt("x", false) != lua.None {
		t.Error("Or or Opt")
	}
	if lua.OrEmpty("x", true) != "x" || lua.OrEmpty("", false) != "" || !lua.Given("", true) || lua.Given("", false) {
		t.Error("OrEmpty or Given")
	}
}

// TestTable compares a table with LuaJIT's after random assignments.
func TestTable(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	for range 50 {
		table, model := lua.NewTable(0), map[lua.Value]lua.Value{}
		for range 200 {
			var key lua.Value = float64(random.IntN(12))
			if random.IntN(3) == 0 {
				key = "k" + strconv.Itoa(random.IntN(6))
			}
			if random.IntN(3) == 0 {
				table.Set(key, nil)
				delete(model, key)
				continue
			}
			table.Set(key, float64(random.IntN(100)))
			model[key] = table.Get(key)
		}
		checkTable(t, table, model)
	}
}

// checkTable compares a table with a map of the same content.
func checkTable(t *testing.T, table *lua.Table, model map[lua.Value]lua.Value) {
	t.Helper()
	seen := map[lua.Value]lua.Value{}
	for key, value, ok := table.Next(nil); key != nil; key, value, ok = table.Next(key) {
		if !ok {
			t.Fatal("Next does not know its own key")
		}
		if _, twice := seen[key]; twice {
			t.Fatalf("%v comes twice", key)
		}
		seen[key] = value
	}
	if len(seen) != len(model) {
		t.Fatalf("%d pairs, want %d", len(seen), len(model))
	}
	for key, value := range model {
		if seen[key] != value || table.Get(key) != value {
			t.Fatalf("[%v] is %v, want %v", key, seen[key], value)
		}
	}
	if n := table.Len(); n > 0 && model[float64(n)] == nil || model[float64(n+1)] != nil {
		t.Fatalf("%d is no border", n)
	}
}

func TestTableClearWhileIterating(t *testing.T) {
	table := lua.ListOf("a", "b", "c")
	table.Set("x", 1)
	table.Set("y", 2)
	count := 0
	for key, _, ok := table.Next(nil); key != nil; key, _, ok = table.Next(key) {
		if !ok {
			t.Fatal("lost its place")
		}
		table.Set(key, nil)
		count++
	}
	if key, _, _ := table.Next(nil); key != nil || count != 5 || table.Len() != 0 {
		t.Errorf("%d pairs, then %v", count, key)
	}
	if _, _, ok := table.Next("unknown"); ok {
		t.Error("Next accepts an unknown key")
	}
}

func TestTableForgetsDeletedKeys(t *testing.T) {
	table := lua.NewTable(0)
	for i := range 100000 {
		key := "k" + strconv.Itoa(i)
		table.Set(key, true)
		table.Set(key, nil)
	}
	table.Set("last", true)
	if key, _, _ := table.Next(nil); key != "last" {
		t.Errorf("first key is %v", key)
	}
}

func TestRepIsBounded(t *testing.T) {
	if got := raised(t, func() { lua.Rep("0123456789", 1e9) }); got != "not enough memory" {
		t.Error(got)
	}
}
