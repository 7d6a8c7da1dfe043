// Command regex compares engines for regular expressions for docs/decisions/0001-regex-engine.md.
//
//	cd bench/regex && go run .
//
// The questions are those of go_runtime/ngx/re/testdata/patterns.txt without options, in which the runtime's own
// engine answers as nginx does (go test ./ngx/re): what another engine answers otherwise is a difference to nginx. A
// pattern that PCRE refuses, or a match that it gives up, has to be an error.
package main

import (
	"bufio"
	"fmt"
	"log"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/dlclark/regexp2"
	"go.elara.ws/pcre"

	"snippet2wasm.internal/plugin/runtime/regex"
)

const questionsFile = "../../go_runtime/ngx/re/testdata/patterns.txt"

// patience is how long regexp2 may look for a match: it has no limit of steps.
const patience = time.Second

// matcher gives the places of the first match and its groups in a subject: nil for none.
type matcher func(subject string) ([]int, error)

// engine makes matchers.
type engine struct {
	name    string
	compile func(pattern string) (matcher, error)
}

var engines = []engine{
	{"own", own},
	{"regexp", standard},
	{"regexp2", dotNet},
	{"go.elara.ws/pcre", translated},
}

func own(pattern string) (matcher, error) {
	re, err := regex.Compile(pattern, 0)
	if err != nil {
		return nil, err
	}
	return func(subject string) ([]int, error) { return re.Match(subject, 0, nil) }, nil
}

func standard(pattern string) (matcher, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return nil, err
	}
	return func(subject string) ([]int, error) { return re.FindStringSubmatchIndex(subject), nil }, nil
}

// dotNet gives regexp2 a rune for each byte, as it works on runes.
func dotNet(pattern string) (matcher, error) {
	re, err := regexp2.Compile(latin1(pattern), regexp2.None)
	if err != nil {
		return nil, err
	}
	re.MatchTimeout = patience
	return func(subject string) ([]int, error) {
		match, err := re.FindStringMatch(latin1(subject))
		if err != nil || match == nil {
			return nil, err
		}
		var found []int
		for _, group := range match.Groups() {
			if len(group.Captures) == 0 {
				found = append(found, -1, -1)
			} else {
				found = append(found, group.Index, group.Index+group.Length)
			}
		}
		return found, nil
	}, nil
}

func latin1(s string) string {
	runes := make([]rune, len(s))
	for i := range len(s) {
		runes[i] = rune(s[i])
	}
	return string(runes)
}

// translated is PCRE2 as a program has translated it from C.
func translated(pattern string) (matcher, error) {
	re, err := pcre.Compile(pattern)
	if err != nil {
		return nil, err
	}
	return func(subject string) ([]int, error) { return re.FindStringSubmatchIndex(subject), nil }, nil
}

type question struct{ pattern, subject string }

func main() {
	questions := read()
	fmt.Printf("%d questions\n\n", len(questions))
	for _, e := range engines {
		compare(e, questions)
	}
	fmt.Println()
	speed()
	fmt.Println()
	sizes()
}

// compare counts how an engine answers.
func compare(e engine, questions []question) {
	equal, refused, accepted, different := 0, 0, 0, 0
	for _, q := range questions {
		want, wantErr := answer(own, q)
		got, err := answer(e.compile, q)
		switch {
		case wantErr != nil && err != nil || wantErr == nil && err == nil && slices.Equal(got, want):
			equal++
		case err != nil:
			refused++
		case wantErr != nil:
			accepted++
		default:
			different++
		}
	}
	fmt.Printf("%-18s equal %d, fails %d, accepts what PCRE does not %d, other matches %d\n", e.name, equal, refused, accepted, different)
}

func answer(compile func(string) (matcher, error), q question) (found []int, err error) {
	defer func() {
		if problem := recover(); problem != nil {
			err = fmt.Errorf("%v", problem)
		}
	}()
	match, err := compile(q.pattern)
	if err != nil {
		return nil, err
	}
	return match(q.subject)
}

// speed measures matches as handlers have them.
func speed() {
	agent := "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0.0.0 Safari/537.36"
	cases := []struct{ name, pattern, subject string }{
		{"path", `^/api/v(\d+)/users/(\w+)`, "/api/v2/users/bob_smith/orders"},
		{"user agent", `(?i)bot|spider|crawler`, agent},
		{"token", `^[\w-]+\.[\w-]+\.[\w-]+$`, strings.Repeat("abcDEF012_-", 10) + "." + strings.Repeat("eyJ", 40) + "." + strings.Repeat("x", 43)},
		{"injection", `(?i)union\s+select|<script|\.\./`, strings.Repeat("name=some+value&page=12&", 40)},
	}
	for _, c := range cases {
		fmt.Printf("%-11s", c.name)
		for _, e := range engines {
			match, err := e.compile(c.pattern)
			if err != nil {
				log.Fatal(err)
			}
			result := testing.Benchmark(func(b *testing.B) {
				for range b.N {
					_, _ = match(c.subject)
				}
			})
			fmt.Printf(" %s %d ns", e.name, result.NsPerOp())
		}
		fmt.Println()
	}
}

// sizes builds a program with each engine as wasm.
func sizes() {
	folder, err := os.MkdirTemp("", "regex")
	if err != nil {
		log.Fatal(err)
	}
	defer os.RemoveAll(folder)
	empty := 0
	for _, tags := range []string{"none", "own", "regexp", "regexp2", "pcre"} {
		file := filepath.Join(folder, tags+".wasm")
		build := exec.Command("go", "build", "-buildmode=c-shared", "-ldflags=-s -w", "-tags="+tags, "-o", file, "./size")
		build.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "GOFLAGS=-mod=mod")
		if output, err := build.CombinedOutput(); err != nil {
			reasons := strings.Split(strings.TrimSpace(string(output)), "\n")
			fmt.Printf("%-8s does not build for wasm: %s\n", tags, strings.TrimSpace(reasons[len(reasons)-1]))
			continue
		}
		info, err := os.Stat(file)
		if err != nil {
			log.Fatal(err)
		}
		if tags == "none" {
			empty = int(info.Size())
		}
		fmt.Printf("%-8s %d KB of wasm more than without\n", tags, (int(info.Size())-empty)/1024)
	}
}

// read reads the questions that have no options.
func read() (questions []question) {
	file, err := os.Open(questionsFile)
	if err != nil {
		log.Fatal(err)
	}
	defer file.Close()
	for lines := bufio.NewScanner(file); lines.Scan(); {
		var fields []string
		for rest := lines.Text(); rest != "" && rest[0] != '#'; {
			quoted, err := strconv.QuotedPrefix(rest)
			if err != nil {
				log.Fatal(err)
			}
			field, err := strconv.Unquote(quoted)
			if err != nil {
				log.Fatal(err)
			}
			fields = append(fields, field)
			rest = strings.TrimLeft(rest[len(quoted):], " ")
		}
		if len(fields) < 3 || fields[1] != "" {
			continue
		}
		for _, subject := range fields[2:] {
			questions = append(questions, question{fields[0], subject})
		}
	}
	return questions
}
