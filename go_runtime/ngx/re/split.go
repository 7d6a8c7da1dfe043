package re

import (
	"snippet2wasm.internal/plugin/runtime/lua"
)

var splitting = caller{file: module, options: 173, length: 594, key: 584}

// splitPlace is a value in the module's split.
func splitPlace(name string, line int) lua.Operand { return lua.Local(name, line).In(module) }

// Split is split(subject, expression, options, ctx, max, res) of the module ngx.re: the parts, and an error. at is the
// place of the call.
func Split(subject, expression lua.Value, at lua.Operand, more ...lua.Value) (parts lua.Value, err lua.OptString) {
	text := lua.ToString(subject)
	ctx, limit, into := rest(more, 1), rest(more, 2), rest(more, 3)
	pos := splitStart(ctx)
	most := 0.0
	if lua.Truthy(limit) {
		number, ok := limit.(float64)
		if !ok {
			lua.ThrowCompare(0.0, limit, splitPlace("max", 154))
		}
		most = number
	}
	table, isTable := into.(*lua.Table)
	if !isTable && lua.Truthy(into) {
		lua.Throw("res is not a table", at)
	}
	if !isTable {
		table = lua.NewTable(4)
	}
	if pos > len(text) {
		table.Set(1.0, nil)
		return table, lua.None
	}
	p, problem := splitting.compiled(expression, rest(more, 0))
	if p == nil {
		return nil, problem
	}
	s := splitter{pattern: p, subject: text, into: table, next: pos, pos: pos - 1}
	failure := s.run(most)
	if lua.Truthy(ctx) {
		lua.SetIndex(ctx, "pos", float64(s.pos), splitPlace("ctx", 184))
	}
	if failure != nil {
		return nil, failed(failure)
	}
	s.finish(most)
	return table, lua.None
}

// splitStart returns the place, counted from 1, at which ctx wants to begin; a ctx without one gets 1.
func splitStart(ctx lua.Value) int {
	if !lua.Truthy(ctx) {
		return 1
	}
	pos := lua.IndexOf(ctx, "pos", splitPlace("ctx", 143))
	if !lua.Truthy(pos) {
		lua.SetIndex(ctx, "pos", 1.0, splitPlace("ctx", 145))
		return 1
	}
	number, ok := pos.(float64)
	if !ok {
		lua.ThrowCompare(0.0, pos, splitPlace("ctx", 166))
	}
	return lua.Int(number)
}

// splitter is one call of Split. It does what the module does, also with empty matches.
type splitter struct {
	pattern *pattern
	subject string
	into    *lua.Table
	count   int // of the parts so far
	next    int // where the next part starts, counted from 1
	pos     int // where the next match is looked for, counted from 0
	empty   int // where the last empty match was, counted from 1; 0 for none
}

// run splits at matches, for up to a number of parts if that is positive.
func (s *splitter) run(most float64) error {
	var found []int
	var err error
	for parts := 1.0; most <= 0 || parts < most; {
		if found, err = s.pattern.Match(s.subject, max(s.pos, 0), found); err != nil {
			return err
		}
		if found == nil {
			return nil
		}
		from, to := found[0]+1, found[1]+1
		s.pos = found[1]
		if from == to {
			s.pos++
		}
		if s.empty > 0 {
			s.next = s.empty
		}
		if from == to {
			s.empty = from
		}
		if from > s.next || s.empty == 0 {
			parts++
			s.add(lua.Sub(s.subject, float64(s.next), float64(from-1)))
			if len(found) > 2 && found[2] >= 0 {
				s.add(s.subject[found[2]:found[3]])
			}
			if s.next = to; s.next > len(s.subject) {
				return nil
			}
		}
	}
	return nil
}

func (s *splitter) add(part string) {
	s.count++
	s.into.Set(float64(s.count), part)
}

// finish adds the last part, or without a limit drops empty ones at the end.
func (s *splitter) finish(most float64) {
	if most > 0 || s.next <= len(s.subject) {
		s.add(lua.Sub(s.subject, float64(s.next), -1))
	} else {
		for ; s.count > 0 && s.into.Get(float64(s.count)) == ""; s.count-- {
			s.into.Set(float64(s.count), nil)
		}
	}
	s.into.Set(float64(s.count+1), nil)
}

// Opt is opt(option, value) of the module ngx.re. The one option that there is means nothing here.
func Opt(option lua.Value, at lua.Operand) {
	if lua.Plain(option) != "jit_stack_size" {
		lua.Throw("unrecognized option name", at)
	}
}
