package exact_test

import (
	"bufio"
	"fmt"
	"math"
	"math/rand/v2"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/lua/exact"
)

// functions are those of one argument, by Lua's names, with what arguments are
// like.
var functions = map[string]struct {
	call func(float64) float64
	from func(*rand.Rand) float64
}{
	"log":   {exact.Log, positive},
	"log10": {exact.Log10, positive},
	"exp":   {exact.Exp, upTo(720)},
	"sinh":  {exact.Sinh, upTo(40)},
	"cosh":  {exact.Cosh, upTo(40)},
	"tanh":  {exact.Tanh, upTo(22)},
	"sin":   {exact.Sin, upTo(1000)},
	"cos":   {exact.Cos, upTo(1000)},
	"tan":   {exact.Tan, upTo(1000)},
	"asin":  {exact.Asin, upTo(1)},
	"acos":  {exact.Acos, upTo(1)},
	"atan":  {exact.Atan, upTo(50)},
}

func positive(r *rand.Rand) float64 { return math.Exp(r.Float64()*200 - 100) }

func upTo(most float64) func(*rand.Rand) float64 {
	return func(r *rand.Rand) float64 { return (2*r.Float64() - 1) * most }
}

// special are arguments that every function gets.
var special = []float64{
	0, math.Copysign(0, -1), 1, -1, 0.5, -0.5, 2, 10, 100, 1000, 1e-10, -1e-10, 1e-200, 1e300, -1e300,
	math.Inf(1), math.Inf(-1), math.NaN(), 5e-324, 710, -745.2, -744, 1 << 40,
}

// luajit gives the results of lines of Lua expressions, written with all digits.
func luajit(t *testing.T, expressions []string) []string {
	t.Helper()
	var program strings.Builder
	for _, expression := range expressions {
		fmt.Fprintf(&program, "print(('%%.17g'):format(%s))\n", expression)
	}
	command := exec.Command("luajit", "-")
	command.Stdin = strings.NewReader("local inf, nan = 1/0, 0/0\nlocal function block(f) f() end\n" + inBlocks(program.String()))
	out, err := command.Output()
	if err != nil {
		t.Fatal(err)
	}
	var found []string
	for lines := bufio.NewScanner(strings.NewReader(string(out))); lines.Scan(); {
		found = append(found, lines.Text())
	}
	return found
}

// inBlocks puts lines into functions of a thousand: a Lua function has room for so
// many constants only.
func inBlocks(lines string) string {
	var b strings.Builder
	for i, line := range strings.SplitAfter(lines, "\n") {
		if i%1000 == 0 {
			if i > 0 {
				b.WriteString("end)\n")
			}
			b.WriteString("block(function()\n")
		}
		b.WriteString(line)
	}
	b.WriteString("end)\n")
	return b.String()
}

func number(n float64) string {
	switch {
	case n != n:
		return "nan"
	case math.IsInf(n, 1):
		return "inf"
	case math.IsInf(n, -1):
		return "-inf"
	}
	return fmt.Sprintf("%.17g", n)
}

// away is how many numbers there are from n to the one that a text of LuaJIT's
// stands for.
func away(text string, n float64) uint64 {
	text = strings.TrimSuffix(text, "-nan")
	if text == "" || text == "nan" || n != n {
		if (text == "" || text == "nan") && n != n {
			return 0
		}
		return math.MaxUint64
	}
	wanted, err := strconv.ParseFloat(text, 64)
	if err != nil {
		panic(err)
	}
	a, b := math.Float64bits(wanted), math.Float64bits(n)
	return max(a, b) - min(a, b)
}

// check counts how many results are not LuaJIT's. They may be one number away, or
// as many as given, and few of them.
func check(t *testing.T, expressions []string, found []float64, most uint64, percent int) {
	t.Helper()
	wrong := 0
	for i, text := range luajit(t, expressions) {
		off := away(text, found[i])
		if off > most {
			t.Errorf("%s: %s, LuaJIT %s", expressions[i], number(found[i]), text)
		}
		if off > 0 {
			wrong++
		}
	}
	t.Logf("%d of %d differ in the last digit", wrong, len(found))
	if wrong*100 > len(found)*percent {
		t.Errorf("%d of %d differ in the last digit", wrong, len(found))
	}
}

func TestFunctions(t *testing.T) {
	for name, function := range functions {
		t.Run(name, func(t *testing.T) {
			random := rand.New(rand.NewPCG(1, 2))
			arguments := append([]float64{}, special...)
			for range 2000 {
				arguments = append(arguments, function.from(random))
			}
			var expressions []string
			var found []float64
			for _, x := range arguments {
				expressions = append(expressions, "math."+name+"("+number(x)+")")
				found = append(found, function.call(x))
			}
			if strings.HasSuffix(name, "h") {
				check(t, expressions, found, 3, 25) // glibc's own errors
				return
			}
			check(t, expressions, found, 1, 1)
		})
	}
}

func TestPow(t *testing.T) {
	random := rand.New(rand.NewPCG(3, 4))
	var expressions []string
	var found []float64
	add := func(x, y float64) {
		expressions = append(expressions, "("+number(x)+")^("+number(y)+")")
		found = append(found, exact.Pow(x, y))
	}
	for _, x := range special {
		for _, y := range append(special, 3, -3, 0.25, 1.5) {
			add(x, y)
		}
	}
	for range 3000 {
		add(math.Round(random.Float64()*2000-1000), math.Round(random.Float64()*60-20))
		add(math.Round(random.Float64()*1e9), 2)
		add(random.Float64()*100, random.Float64()*200-100)
		add(positive(random), random.Float64()*8-4)
	}
	check(t, expressions, found, 1, 2) // glibc misses the even one of two that are as near
}

func TestAtan2AndLogBase(t *testing.T) {
	random := rand.New(rand.NewPCG(5, 6))
	var expressions []string
	var found []float64
	for range 2000 {
		y, x := random.Float64()*20-10, random.Float64()*20-10
		expressions = append(expressions, "math.atan2("+number(y)+", "+number(x)+")")
		found = append(found, exact.Atan2(y, x))
	}
	for _, y := range special {
		for _, x := range special {
			expressions = append(expressions, "math.atan2("+number(y)+", "+number(x)+")")
			found = append(found, exact.Atan2(y, x))
		}
	}
	for range 1000 {
		x, base := positive(random), math.Round(random.Float64()*20)
		expressions = append(expressions, "math.log("+number(x)+", "+number(base)+")")
		found = append(found, exact.LogBase(x, base))
	}
	check(t, expressions, found, 1, 1)
}
