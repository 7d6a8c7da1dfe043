package re_test

import (
	"bufio"
	"encoding/base64"
	"fmt"
	"math/rand"
	"os"
	"strconv"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/reference"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx/re"
)

// question is a search that nginx and this package have to answer alike.
type question struct{ pattern, options, subject string }

func (q question) String() string {
	return fmt.Sprintf("ngx.re.find(%q, %q, %q)", q.subject, q.pattern, q.options)
}

// search is the Lua that nginx runs for each question, in a table q of three strings each: the places of the match
// and of all groups, or the error.
const search = `
for i = 1, #q, 3 do
  local places, nth = {}, 0
  while true do
    local from, to, err = ngx.re.find(q[i + 2], q[i], q[i + 1], nil, nth)
    if err == "nth out of bound" then break end
    places[#places + 1] = err and ngx.encode_base64(err) or tostring(from) .. "-" .. tostring(to)
    if err or not from and nth == 0 then break end
    nth = nth + 1
  end
  ngx.say(table.concat(places, " "))
end`

// answer is what search writes, of this package.
func answer(q question) string {
	var places []string
	for nth := 0; ; nth++ {
		from, to, err := re.Find(q.subject, q.pattern, q.options, nil, float64(nth))
		if text, failed := err.Get(); failed && text == "nth out of bound" {
			break
		} else if failed {
			places = append(places, text)
			break
		}
		places = append(places, lua.ToString(from)+"-"+lua.ToString(to))
		if from == nil && nth == 0 {
			break
		}
	}
	return strings.Join(places, " ")
}

// luaString is a Lua literal of any bytes.
func luaString(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(s) {
		fmt.Fprintf(&b, `\%03d`, s[i])
	}
	b.WriteByte('"')
	return b.String()
}

// compare puts questions to nginx and to this package.
func compare(t *testing.T, questions []question) {
	t.Helper()
	var script strings.Builder
	script.WriteString("local q = {\n")
	for _, q := range questions {
		script.WriteString(luaString(q.pattern) + "," + luaString(q.options) + "," + luaString(q.subject) + ",\n")
	}
	script.WriteString("}\n" + search)
	answers := strings.Split(strings.TrimSuffix(reference.StartNginx(t, "").Run(script.String()), "\n"), "\n")
	if len(answers) != len(questions) {
		t.Fatalf("%d answers to %d questions", len(answers), len(questions))
	}
	for i, q := range questions {
		want := answers[i]
		if text, ok := decoded(want); ok {
			want = text
		}
		if got := answer(q); got != want {
			t.Errorf("%v: %s, nginx: %s", q, got, want)
		}
	}
}

// TestPatternsLikeNginx puts the questions of testdata/patterns.txt.
func TestPatternsLikeNginx(t *testing.T) {
	questions := read(t)
	if len(questions) < 400 {
		t.Fatalf("only %d questions", len(questions))
	}
	compare(t, questions)
}

// read reads testdata/patterns.txt.
func read(t *testing.T) (questions []question) {
	t.Helper()
	file, err := os.Open("testdata/patterns.txt")
	if err != nil {
		t.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		line := lines.Text()
		if line == "" || line[0] == '#' {
			continue
		}
		var fields []string
		for rest := line; rest != ""; {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			field, err := strconv.Unquote(quoted)
			if err != nil {
				t.Fatalf("%s: %v", line, err)
			}
			fields = append(fields, field)
			rest = strings.TrimLeft(rest[len(quoted):], " ")
		}
		for _, subject := range fields[2:] {
			questions = append(questions, question{fields[0], fields[1], subject})
		}
	}
	return questions
}

// TestRandomPatternsLikeNginx puts generated questions.
func TestRandomPatternsLikeNginx(t *testing.T) {
	g := &generator{rand.New(rand.NewSource(1)), 0}
	var questions []question
	for range 3000 {
		questions = append(questions, g.question())
	}
	compare(t, questions)
}

// generator makes patterns of few characters, so that they match often.
type generator struct {
	*rand.Rand
	groups int
}

var (
	atoms = []string{
		"a", "b", "c", "ab", ".", `\d`, `\w`, `\s`, `\W`, `\D`, "[ab]", "[^a]", "[a-c]", `[^\w]`, "[[:alpha:]]", `\b`, `\B`, "^", "$",
		`\A`, `\z`, `\Z`, `\n`, "1", `\x61`, `\Qa.b\E`, `\h`, `\R`, `\N`, `\K`, `[\d-a]`, "-", "A", "[]a]", `\.`, "(?i)", "(?-i)", "(?s)", "(?m)",
		"(*F)",
	}
	faults = []string{
		"(", ")", "[", "*", `\`, "{2,1}", "[z-a]", `\k<n>`, `\g`, "(?<n>", "[[:x:]]", `(?<=a*)`, `\x{`, "(?(1)", "(?z)", `\p{`, "(?P<n>",
		"(?#", `\9`, `(?2)`, "(?C", `\o{8}`, `\c`, "++", "(?(DEFINE)", "(*X)",
	}
	quantifiers = []string{
		"*", "+", "?", "{2}", "{1,2}", "{0,1}", "{2,}", "{0}", "{0,3}", "*?", "+?", "??", "{1,2}?", "*+", "++", "?+", "{1,3}+", "{2,}?",
	}
	openings = []string{
		"(", "(", "(", "(?:", "(?>", "(?=", "(?!", "(?i:", "(?|", "(?s:", "(?-i:", "(?<n>", "(?(1)", "(?(?=a)", "(?(?!b)",
	}
	behinds = []string{"a", "ab", "a|bc", `\b`, "^", "[ab]c", `\w\w`, "(a)", ".", `\d|a`}
	letters = "aaabbbccAB12 \n_-."
)

func (g *generator) pick(from []string) string { return from[g.Intn(len(from))] }

func (g *generator) question() question {
	g.groups = 0
	pattern, options := g.alternatives(1+g.Intn(3)), ""
	if g.Intn(8) == 0 {
		at := g.Intn(len(pattern) + 1)
		pattern = pattern[:at] + g.pick(faults) + pattern[at:]
	}
	for _, option := range "imsxaD" {
		if g.Intn(5) == 0 {
			options += string(option)
		}
	}
	subject := make([]byte, g.Intn(10))
	for i := range subject {
		subject[i] = letters[g.Intn(len(letters))]
	}
	return question{pattern, options, string(subject)}
}

func (g *generator) alternatives(depth int) string {
	branches := make([]string, 1+g.Intn(6)/3)
	for i := range branches {
		for range g.Intn(4) {
			branches[i] += g.item(depth)
		}
	}
	return strings.Join(branches, "|")
}

func (g *generator) item(depth int) (item string) {
	switch kind := g.Intn(20); {
	case kind < 8 && depth > 0:
		opening := g.pick(openings)
		if opening == "(" || opening == "(?<n>" {
			g.groups++
		}
		item = opening + g.alternatives(depth-1) + ")"
	case kind == 8:
		item = g.pick([]string{"(?<=", "(?<!"}) + g.pick(behinds) + ")"
	case kind == 9 && g.groups > 0:
		item = `\` + strconv.Itoa(1+g.Intn(g.groups))
	default:
		item = g.pick(atoms)
	}
	if g.Intn(3) == 0 {
		item += g.pick(quantifiers)
	}
	return item
}

// decoded reads an error of search's output.
func decoded(text string) (string, bool) {
	if text == "" || strings.Contains(text, "-") {
		return "", false
	}
	found, err := base64.StdEncoding.DecodeString(text)
	return string(found), err == nil
}
