package re

import (
	"errors"
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/regex"
)

// maxResult is how long a string may become, as everywhere in a plugin.
const maxResult = 64 << 20

// Sub is ngx.re.sub(subject, expression, replacement, options): the new string, the number of replacements, and an
// error.
func Sub(subject, expression, replacement lua.Value, options ...lua.Value) (lua.OptString, lua.Value, lua.OptString) {
	return substitute(subject, expression, replacement, options, false)
}

// GSub is ngx.re.gsub: Sub for all matches.
func GSub(subject, expression, replacement lua.Value, options ...lua.Value) (lua.OptString, lua.Value, lua.OptString) {
	return substitute(subject, expression, replacement, options, true)
}

func substitute(
	subject, expression, replacement lua.Value, options []lua.Value, global bool,
) (lua.OptString, lua.Value, lua.OptString) {
	replacement = lua.Plain(replacement)
	function, isFunction := replacement.(*lua.Function)
	from := replacing
	if isFunction {
		from = calling
	}
	p, problem := from.compiled(expression, rest(options, 0))
	if p == nil {
		return lua.None, nil, problem
	}
	r := replacer{pattern: p, subject: lua.ToString(subject), function: function}
	if !isFunction {
		var ok bool
		if r.parts, ok = parseTemplate(lua.ToString(replacement)); !ok {
			return lua.None, nil, lua.Some("failed to compile the replacement template")
		}
	}
	count, err := r.run(global)
	if err != nil {
		return lua.None, nil, failed(err)
	}
	if count == 0 {
		return lua.Some(r.subject), 0.0, lua.None
	}
	return lua.Some(r.result.String()), float64(count), lua.None
}

// replacer is one call of Sub or GSub.
type replacer struct {
	pattern  *pattern
	subject  string
	function *lua.Function // or parts
	parts    []part
	result   strings.Builder
}

// run replaces one match, or all, and returns how many there were.
func (r *replacer) run(global bool) (count int, err error) {
	copied, from := 0, 0
	var found []int
	for {
		found, err = r.pattern.Match(r.subject, from, found)
		if err != nil {
			return 0, err
		}
		if found == nil {
			break
		}
		if found[1] < found[0] { // \K in a lookahead: nginx would never come to an end
			return 0, regex.ErrMatchLimit
		}
		count++
		if found[0] > copied {
			r.result.WriteString(r.subject[copied:found[0]])
		}
		r.replace(found)
		if r.result.Len() > maxResult {
			lua.ThrowValue("not enough memory")
		}
		copied, from = found[1], found[1]
		if found[0] == found[1] {
			if from++; from > len(r.subject) {
				break
			}
		}
		if !global {
			break
		}
	}
	r.result.WriteString(r.subject[copied:])
	return count, nil
}

// replace writes what stands for a match.
func (r *replacer) replace(found []int) {
	if r.function != nil {
		results := lua.Apply(r.function, place("replace", 1003), r.pattern.captures(r.subject, found))
		if len(results) == 0 {
			lua.Throw("bad argument #1 to 'tostring' (value expected)", place("", 1003))
		}
		r.result.WriteString(lua.ToString(results.At(0)))
		return
	}
	for _, p := range r.parts {
		if p.group < 0 {
			r.result.WriteString(p.text)
		} else if 2*p.group < len(found) && found[2*p.group] >= 0 {
			r.result.WriteString(r.subject[found[2*p.group]:found[2*p.group+1]])
		}
	}
}

// part is a piece of a replacement: a group's text, or text if group is negative.
type part struct {
	group int
	text  string
}

// maxGroup is more than a pattern can have.
const maxGroup = 1 << 16

// parseTemplate reads a replacement with $1, ${1} and $$. It fails for $name and a lone $.
func parseTemplate(text string) (parts []part, ok bool) {
	for text != "" {
		plain, behind, found := strings.Cut(text, "$")
		if plain != "" {
			parts = append(parts, part{-1, plain})
		}
		if !found {
			break
		}
		if strings.HasPrefix(behind, "$") {
			parts = append(parts, part{-1, "$"})
			text = behind[1:]
			continue
		}
		group, rest, err := parseGroup(behind)
		if err != nil {
			return nil, false
		}
		parts = append(parts, part{group: group})
		text = rest
	}
	return parts, true
}

var errTemplate = errors.New("no number of a group")

// parseGroup reads the number behind a $.
func parseGroup(text string) (group int, rest string, err error) {
	text, braced := strings.CutPrefix(text, "{")
	end := 0
	for end < len(text) && text[end] >= '0' && text[end] <= '9' {
		group = min(group*10+int(text[end]-'0'), maxGroup)
		end++
	}
	if end == 0 {
		return 0, "", errTemplate
	}
	rest = text[end:]
	if braced {
		var closed bool
		if rest, closed = strings.CutPrefix(rest, "}"); !closed {
			return 0, "", errTemplate
		}
	}
	return group, rest, nil
}
