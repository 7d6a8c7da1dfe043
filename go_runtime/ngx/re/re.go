// Package re is ngx.re of ngx_lua, as lua-resty-core has it, and the module ngx.re.
//
// What a program hands over is any Lua value, and errors are Lua's, with the places in lua-resty-core's files that
// they have in nginx.
package re

import (
	"errors"
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/regex"
)

// core and module are the files of lua-resty-core whose lines errors name.
const (
	core   = "/usr/share/lua/5.1/resty/core/regex.lua"
	module = "/usr/share/lua/5.1/ngx/re.lua"
)

// maxMessage is the longest message about a pattern: the size of lua-resty-core's buffer for it.
const maxMessage = 127

// place is a value in one of lua-resty-core's functions.
func place(name string, line int) lua.Operand { return lua.Local(name, line).In(core) }

// pattern is a compiled regex with its options.
type pattern struct {
	*regex.Regex
	dupNames bool
	once     bool // the option o
}

// caller says which lines of lua-resty-core an error names.
type caller struct {
	file    string
	options int // about a flag that is not known
	length  int // about a regex that is no string
	key     int // about a regex that is no string or number, with the option o; 0 for none
}

var (
	matching  = caller{file: core, options: 624, length: 594, key: 584}
	iterating = caller{file: core, options: 794, length: 594, key: 584}
	replacing = caller{file: core, options: 1062, length: 884}
	calling   = caller{file: core, options: 952, length: 884}
)

// compiled returns the pattern that a regex and its options are, or the error that nginx returns for it.
func (c caller) compiled(expression, options lua.Value) (*pattern, lua.OptString) {
	flags, once := c.flags(lua.Plain(options))
	expression = lua.Plain(expression)
	text, ok := expression.(string)
	if !ok {
		if _, isNumber := expression.(float64); once && c.key > 0 && !isNumber {
			lua.Concatenate.Throw(expression, place("regex", c.key))
		}
		lua.GetLength.Throw(expression, place("regex", c.length))
	}
	found, err := compile(text, flags)
	if err == nil {
		return &pattern{found, flags&regex.DupNames != 0, once}, lua.None
	}
	var unsupported *regex.Unsupported
	if errors.As(err, &unsupported) {
		lua.Throw(unsupported.Error(), lua.Temporary(0))
	}
	return nil, lua.Some(message(text, err))
}

// message is nginx's text about a pattern that PCRE does not take.
func message(text string, err error) string {
	var syntax *regex.SyntaxError
	if !errors.As(err, &syntax) {
		return err.Error()
	}
	found := "pcre_compile() failed: " + syntax.Message + ` in "` + text + `"`
	if syntax.Offset < len(text) {
		found += ` at "` + text[syntax.Offset:] + `"`
	}
	if len(found) > maxMessage {
		found = found[:maxMessage]
	}
	end := strings.IndexByte(found, 0)
	if end >= 0 {
		return found[:end]
	}
	return found
}

// flagOf are the options of ngx.re that change what a pattern means.
var flagOf = map[byte]regex.Flags{
	'o': 0, 'j': 0, 'i': regex.Caseless, 's': regex.DotAll, 'm': regex.Multiline, 'u': regex.UTF,
	'U': regex.UTF | regex.NoUTFCheck, 'x': regex.Extended, 'd': regex.Longest, 'a': regex.Anchored,
	'D': regex.DupNames, 'J': regex.JavaScript,
}

// flags reads the options of a call.
func (c caller) flags(options lua.Value) (found regex.Flags, once bool) {
	if !lua.Truthy(options) {
		return 0, false
	}
	text, ok := options.(string)
	if !ok {
		lua.GetLength.Throw(options, place("opts", 356))
	}
	for i := range len(text) {
		flag, known := flagOf[text[i]]
		if !known {
			lua.Throw(`unknown flag "`+text[i:i+1]+`" (flags "`+text+`")`, lua.Temporary(c.options).In(c.file))
		}
		found |= flag
		once = once || text[i] == 'o'
	}
	return found, once
}

// failed is nginx's text about a match that went wrong.
func failed(err error) lua.OptString {
	var number regex.ExecError
	if errors.As(err, &number) {
		return lua.Some("pcre_exec() failed: " + strconv.Itoa(int(number)))
	}
	return lua.Some(err.Error())
}

// rest returns an argument that may not be given.
func rest(args []lua.Value, i int) lua.Value { return lua.Values(args).At(i) }

// start returns where a match begins that ctx asks for: 0 without one.
func start(ctx lua.Value) int {
	if !lua.Truthy(ctx) {
		return 0
	}
	pos := lua.IndexOf(ctx, "pos", place("ctx", 639))
	if !lua.Truthy(pos) {
		return 0
	}
	number, ok := pos.(float64)
	if !ok {
		lua.ThrowCompare(pos, 0.0, place("pos", 640))
	}
	if number <= 0 {
		return 0
	}
	return lua.Int(number - 1)
}

// find looks for the first match that ctx allows, and tells ctx where it ended.
func (p *pattern) find(subject string, ctx lua.Value) ([]int, error) {
	found, err := p.Match(subject, start(ctx), nil)
	if found != nil && lua.Truthy(ctx) {
		lua.SetIndex(ctx, "pos", float64(found[1]+1), place("ctx", 685))
	}
	return found, err
}

// Match is ngx.re.match(subject, expression, options, ctx, res): the captures and an error.
func Match(subject, expression lua.Value, more ...lua.Value) (captures Captures, err lua.OptString) {
	text := lua.ToString(subject)
	p, problem := matching.compiled(expression, rest(more, 0))
	if p == nil {
		return Captures{}, problem
	}
	found, failure := p.find(text, rest(more, 1))
	if failure != nil {
		return Captures{}, failed(failure)
	}
	if found == nil {
		return Captures{}, lua.None
	}
	into := rest(more, 2)
	if !lua.Truthy(into) {
		return Captures{&match{pattern: p, subject: text, places: found}}, lua.None
	}
	table, ok := into.(*lua.Table)
	if !ok {
		lua.Index.Throw(into, place("res", 531))
	}
	p.fill(table, text, found)
	return Captures{&match{table: table}}, lua.None
}

// captures is the table of a match.
func (p *pattern) captures(subject string, found []int) *lua.Table {
	table := lua.NewTable(len(found)/2 - 1)
	p.fill(table, subject, found)
	return table
}

// fill puts a match into a table: groups by number and name, false for those without a part in it.
func (p *pattern) fill(table *lua.Table, subject string, found []int) {
	for i := 0; 2*i < len(found); i++ {
		table.Set(float64(i), group(subject, found, i))
	}
	for _, name := range p.Names() {
		if 2*name.Group >= len(found) {
			continue
		}
		value := group(subject, found, name.Group)
		if !p.dupNames {
			table.Set(name.Text, value)
			continue
		}
		if value == false {
			continue
		}
		if list, ok := table.Get(name.Text).(*lua.Table); ok {
			list.Append(value)
		} else {
			table.Set(name.Text, lua.ListOf(value))
		}
	}
}

// group is what a group has matched: a string, or false.
func group(subject string, found []int, i int) lua.Value {
	from, to := found[2*i], found[2*i+1]
	if from < 0 {
		return false
	}
	return subject[from:max(from, to)]
}

// Find is ngx.re.find(subject, expression, options, ctx, nth): where the match, or its nth group, starts and ends, and
// an error.
func Find(subject, expression lua.Value, more ...lua.Value) (from, to lua.Value, err lua.OptString) {
	found, err := find(subject, expression, more)
	if found == nil {
		return nil, nil, err
	}
	return nth(found, rest(more, 2))
}

// find is what Find and FindValues have in common: the places of a match, nil without one.
func find(subject, expression lua.Value, more []lua.Value) ([]int, lua.OptString) {
	text := lua.ToString(subject)
	p, problem := matching.compiled(expression, rest(more, 0))
	if p == nil {
		return nil, problem
	}
	found, failure := p.find(text, rest(more, 1))
	if failure != nil {
		return nil, failed(failure)
	}
	return found, lua.None
}

// nth returns where a group of a match starts and ends.
func nth(found []int, wanted lua.Value) (from, to lua.Value, err lua.OptString) {
	at := 0
	if lua.Truthy(wanted) {
		number, ok := wanted.(float64)
		if !ok {
			lua.ThrowCompare(wanted, 0.0, place("nth", 689))
		}
		at = 2 * lua.Int(max(number, 0))
	}
	if at < 0 || at >= len(found) {
		return nil, nil, lua.Some("nth out of bound")
	}
	if found[at] < 0 {
		return nil, nil, lua.None
	}
	return float64(found[at] + 1), float64(found[at+1]), lua.None
}

// Test reports whether Find(subject, expression, options) finds a match. An error counts as none.
func Test(subject, expression lua.Value, options ...lua.Value) bool {
	found, _ := find(subject, expression, options)
	return found != nil
}

// GMatch is ngx.re.gmatch(subject, expression, options): a function that gives one match after the other.
func GMatch(subject, expression lua.Value, more ...lua.Value) (iterator lua.Value, err lua.OptString) {
	text := lua.ToString(subject)
	p, problem := iterating.compiled(expression, rest(more, 0))
	if p == nil {
		return nil, problem
	}
	from := 0 // -1 behind the last match
	return lua.NewFunction(func(lua.Values) lua.Values {
		if from < 0 {
			return lua.Values{nil}
		}
		found, failure := p.Match(text, from, nil)
		if failure != nil {
			from = -1
			return lua.Outcome(nil, failed(failure))
		}
		if found == nil {
			from = -1
			return lua.Values{nil}
		}
		if from = found[1]; found[0] == found[1] {
			from++
		}
		if from > len(text) {
			from = -1
		}
		return lua.Values{p.captures(text, found)}
	}), lua.None
}
