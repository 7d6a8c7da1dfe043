package jwt

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// verdict is what a validator says of a claim's value; it may raise an error.
type verdict = func(value, claim, json lua.Value) lua.Value

// validator is a verdict as a function of Lua.
func validator(f verdict) *lua.Function {
	return lua.NewFunction(func(args lua.Values) lua.Values {
		return lua.Values{f(lua.Plain(args.At(0)), lua.Plain(args.At(1)), lua.Plain(args.At(2)))}
	})
}

// mustBe raises a message unless v is of a type; like the library it takes false
// for nothing.
func mustBe(v lua.Value, kind, message string) {
	if lua.TypeName(v) != kind || v == false {
		lua.ThrowValue(message)
	}
}

// mustBeThere raises an error for nil and false.
func mustBeThere(v lua.Value, name string) {
	if !lua.Truthy(v) {
		lua.ThrowValue("Cannot create validator for nil " + name + ".")
	}
}

// notA is the message about a parameter of another type.
func notA(kind, name string) string {
	return "Cannot create validator for non-" + kind + " " + name + "."
}

// malformed is the message about a claim of another type.
func malformed(claim lua.Value, kind string) string {
	return "'" + lua.ToString(claim) + "' is malformed.  Expected to be a " + kind + "."
}

// Chain is validators.chain(f…): it passes when no f returns false.
func Chain(functions ...any) *lua.Function {
	var chained []lua.Value
	for _, f := range functions {
		if f = lua.Plain(f); f == nil {
			break
		}
		mustBe(f, "function", notA("function", "chain_function"))
		chained = append(chained, f)
	}
	return validator(func(value, claim, json lua.Value) lua.Value {
		for _, f := range chained {
			if lua.Plain(f.(*lua.Function).Call(value, claim, json).At(0)) == false {
				return false
			}
		}
		return true
	})
}

// Required is validators.required(f): the claim has to be there, and to pass f.
func Required(functions ...any) *lua.Function {
	there := validator(func(value, claim, _ lua.Value) lua.Value {
		if !lua.Truthy(value) {
			lua.ThrowValue("'" + lua.ToString(claim) + "' claim is required.")
		}
		return true
	})
	if f := lua.Plain(lua.Values(functions).At(0)); f != nil {
		return Chain(there, f)
	}
	return there
}

// RequireOneOf is validators.require_one_of(names), for the whole token.
func RequireOneOf(names any) *lua.Function {
	names = lua.Plain(names)
	mustBeThere(names, "claim_keys")
	keys := list(names, "string", "claim_keys")
	return validator(func(value, claim, _ lua.Value) lua.Value {
		token, ok := value.(*lua.Table)
		if !ok {
			lua.ThrowValue(malformed(claim, "table"))
		}
		payload, ok := token.Get("payload").(*lua.Table)
		if !ok {
			lua.ThrowValue(malformed(lua.ToString(claim)+".payload", "table"))
		}
		var wanted []string
		for _, key := range keys {
			if payload.Get(key) != nil {
				return true
			}
			wanted = append(wanted, lua.ToString(key))
		}
		lua.ThrowValue("Missing one of claims - [ " + strings.Join(wanted, ", ") + " ].")
		return nil
	})
}

// list is the items of a table that has some, all of one type.
func list(v lua.Value, kind, name string) []lua.Value {
	mustBe(v, "table", notA("table", name))
	table := v.(*lua.Table)
	if first, _, _ := table.Next(nil); first == nil {
		lua.ThrowValue("Cannot create validator for empty table " + name + ".")
	}
	var items []lua.Value
	for i := 1.0; table.Get(i) != nil; i++ {
		mustBe(table.Get(i), kind, "Cannot create validator for non-"+kind+" table "+name+".")
		items = append(items, table.Get(i))
	}
	return items
}

// ofType is a validator for values of one type; it passes where there is none.
func ofType(kind string, f func(value lua.Value) lua.Value) *lua.Function {
	return validator(func(value, claim, _ lua.Value) lua.Value {
		if value == nil {
			return true
		}
		mustBe(value, kind, malformed(claim, kind))
		return f(value)
	})
}

// calling is a function of Lua that compares two values.
func calling(function lua.Value) func(a, b lua.Value) bool {
	mustBeThere(function, "check_function")
	mustBe(function, "function", notA("function", "check_function"))
	return func(a, b lua.Value) bool { return lua.Truthy(function.(*lua.Function).Call(a, b).At(0)) }
}

// textOr is an optional argument.
func textOr(v lua.Value, otherwise string) string {
	if v = lua.Plain(v); lua.Truthy(v) {
		return lua.ToString(v)
	}
	return otherwise
}

// OptCheck is validators.opt_check(value, function, name, type).
func OptCheck(args ...any) *lua.Function {
	given := lua.Values(args)
	value, function := lua.Plain(given.At(0)), lua.Plain(given.At(1))
	mustBeThere(value, textOr(given.At(2), "check_val"))
	calling(function)
	return ofType(textOr(given.At(3), lua.TypeName(value)), func(found lua.Value) lua.Value {
		return lua.Plain(function.(*lua.Function).Call(found, value).At(0))
	})
}

// OptEquals is validators.opt_equals(value).
func OptEquals(value any) *lua.Function {
	value = lua.Plain(value)
	mustBeThere(value, "check_val")
	return ofType(lua.TypeName(value), func(found lua.Value) lua.Value { return found == value })
}

// OptMatches is validators.opt_matches(pattern), a pattern of Lua.
func OptMatches(pattern any) *lua.Function {
	pattern = lua.Plain(pattern)
	mustBe(pattern, "string", notA("string", "pattern"))
	return ofType("string", func(found lua.Value) lua.Value { return matches(found, pattern) })
}

func matches(value, pattern lua.Value) bool {
	return lua.Match(value.(string), pattern.(string), 1, lua.Arg(1, "match", 0)).At(0) != nil
}

func equal(a, b lua.Value) bool { return a == b }

// contains reports whether a value is among those of a table.
func contains(values, value lua.Value) bool {
	table := values.(*lua.Table)
	for key, found, _ := table.Next(nil); key != nil; key, found, _ = table.Next(key) {
		if found == value {
			return true
		}
	}
	return false
}

// anyOf is a validator that passes where one of some values fits.
func anyOf(values lua.Value, name, kind, itemKind string, fits func(a, b lua.Value) bool) *lua.Function {
	mustBeThere(values, name)
	mustBe(values, "table", notA("table", name))
	if itemKind == "" {
		itemKind = lua.TypeName(values.(*lua.Table).Get(1.0))
	}
	items := list(values, itemKind, name)
	if kind == "" {
		kind = itemKind
	}
	return ofType(kind, func(found lua.Value) lua.Value {
		for _, item := range items {
			if fits(found, item) {
				return true
			}
		}
		return false
	})
}

// OptAnyOf is validators.opt_any_of(values, function, name, type, type of the
// values).
func OptAnyOf(args ...any) *lua.Function {
	given := lua.Values(args)
	name := textOr(given.At(2), "check_values")
	return anyOf(lua.Plain(given.At(0)), name, textOr(given.At(3), ""), textOr(given.At(4), ""), calling(lua.Plain(given.At(1))))
}

// OptEqualsAnyOf is validators.opt_equals_any_of(values).
func OptEqualsAnyOf(values any) *lua.Function {
	return anyOf(lua.Plain(values), "check_values", "", "", equal)
}

// OptMatchesAnyOf is validators.opt_matches_any_of(patterns).
func OptMatchesAnyOf(patterns any) *lua.Function {
	return anyOf(lua.Plain(patterns), "patterns", "string", "string", matches)
}

// OptContainsAnyOf is validators.opt_contains_any_of(values, name): for claims that
// are lists.
func OptContainsAnyOf(values any, name ...any) *lua.Function {
	return anyOf(lua.Plain(values), textOr(lua.Values(name).At(0), "check_values"), "table", "string", contains)
}

// number is a validator that compares a number.
func number(limit any, fits func(value, limit float64) bool) *lua.Function {
	bound, ok := lua.Plain(limit).(float64)
	if !ok {
		lua.ThrowValue(notA("number", "check_val"))
	}
	return ofType("number", func(found lua.Value) lua.Value { return fits(found.(float64), bound) })
}

// OptGreaterThan is validators.opt_greater_than(limit).
func OptGreaterThan(limit any) *lua.Function {
	return number(limit, func(a, b float64) bool { return a > b })
}

// OptGreaterThanOrEqual is validators.opt_greater_than_or_equal(limit).
func OptGreaterThanOrEqual(limit any) *lua.Function {
	return number(limit, func(a, b float64) bool { return a >= b })
}

// OptLessThan is validators.opt_less_than(limit).
func OptLessThan(limit any) *lua.Function {
	return number(limit, func(a, b float64) bool { return a < b })
}

// OptLessThanOrEqual is validators.opt_less_than_or_equal(limit).
func OptLessThanOrEqual(limit any) *lua.Function {
	return number(limit, func(a, b float64) bool { return a <= b })
}

// The validators that require the claim: those above, behind Required.

// Check is validators.check.
func Check(args ...any) *lua.Function { return Required(OptCheck(args...)) }

// Equals is validators.equals.
func Equals(value any) *lua.Function { return Required(OptEquals(value)) }

// Matches is validators.matches.
func Matches(pattern any) *lua.Function { return Required(OptMatches(pattern)) }

// AnyOf is validators.any_of.
func AnyOf(args ...any) *lua.Function { return Required(OptAnyOf(args...)) }

// EqualsAnyOf is validators.equals_any_of.
func EqualsAnyOf(values any) *lua.Function { return Required(OptEqualsAnyOf(values)) }

// MatchesAnyOf is validators.matches_any_of.
func MatchesAnyOf(patterns any) *lua.Function { return Required(OptMatchesAnyOf(patterns)) }

// ContainsAnyOf is validators.contains_any_of.
func ContainsAnyOf(values any, name ...any) *lua.Function {
	return Required(OptContainsAnyOf(values, name...))
}

// GreaterThan is validators.greater_than.
func GreaterThan(limit any) *lua.Function { return Required(OptGreaterThan(limit)) }

// GreaterThanOrEqual is validators.greater_than_or_equal.
func GreaterThanOrEqual(limit any) *lua.Function { return Required(OptGreaterThanOrEqual(limit)) }

// LessThan is validators.less_than.
func LessThan(limit any) *lua.Function { return Required(OptLessThan(limit)) }

// LessThanOrEqual is validators.less_than_or_equal.
func LessThanOrEqual(limit any) *lua.Function { return Required(OptLessThanOrEqual(limit)) }

// IsNotBefore is validators.is_not_before.
func IsNotBefore(r *ngx.Request, options ...any) *lua.Function {
	return Required(OptIsNotBefore(r, options...))
}

// IsNotExpired is validators.is_not_expired.
func IsNotExpired(r *ngx.Request, options ...any) *lua.Function {
	return Required(OptIsNotExpired(r, options...))
}

// IsAt is validators.is_at.
func IsAt(r *ngx.Request, options ...any) *lua.Function { return Required(OptIsAt(r, options...)) }

// SetSystemLeeway is validators.set_system_leeway(seconds): for all requests from
// now on.
func SetSystemLeeway(r *ngx.Request, seconds any) {
	settingsOf(r).leeway = notNegative(lua.Plain(seconds), "leeway must be a non-negative number")
}

// SetSystemClock is validators.set_system_clock(function).
func SetSystemClock(r *ngx.Request, clock any) {
	clock = lua.Plain(clock)
	mustBe(clock, "function", "clock must be a function")
	notNegative(lua.Plain(clock.(*lua.Function).Call().At(0)), "clock function must return a non-negative number")
	settingsOf(r).clock = clock.(*lua.Function)
}

// notNegative is a number from 0 on.
func notNegative(v lua.Value, message string) float64 {
	n, ok := v.(float64)
	if !ok || !(n >= 0) {
		lua.ThrowValue(message)
	}
	return n
}

// now is the time by the clock of the validators.
func (s *settings) now(r *ngx.Request) float64 {
	if s.clock == nil {
		return ngx.Now(r)
	}
	n, _ := lua.Plain(s.clock.Call().At(0)).(float64)
	return n
}

// date is a validator of a time in seconds; what it says of others is put between
// claim and date.
func date(r *ngx.Request, options []any, says string, fits func(value, now, leeway float64) bool) *lua.Function {
	own, isOwn := leewayOf(lua.Plain(lua.Values(options).At(0)))
	set := settingsOf(r) // now: what runs when the configuration is read has a request that others use, too
	return validator(func(value, claim, _ lua.Value) lua.Value {
		if value == nil {
			return true
		}
		n := notNegative(value, malformed(claim, "positive numeric value"))
		leeway := set.leeway
		if isOwn {
			leeway = own
		}
		if !fits(n, set.now(r), leeway) {
			lua.ThrowValue("'" + lua.ToString(claim) + "' claim " + says + " " + ngx.HTTPTime(n))
		}
		return true
	})
}

// leewayOf is the leeway in the options of a validator, if it has its own.
func leewayOf(options lua.Value) (leeway float64, ok bool) {
	if options == nil {
		return 0, false
	}
	mustBe(options, "table", notA("table", "options"))
	own := options.(*lua.Table).Get("leeway")
	if own == nil {
		return 0, false
	}
	return notNegative(own, "leeway must be a non-negative number"), true
}

// OptIsNotBefore is validators.opt_is_not_before(options).
func OptIsNotBefore(r *ngx.Request, options ...any) *lua.Function {
	return date(r, options, "not valid until", func(value, now, leeway float64) bool { return value <= now+leeway })
}

// OptIsNotExpired is validators.opt_is_not_expired(options).
func OptIsNotExpired(r *ngx.Request, options ...any) *lua.Function {
	return date(r, options, "expired at", func(value, now, leeway float64) bool { return value > now-leeway })
}

// OptIsAt is validators.opt_is_at(options).
func OptIsAt(r *ngx.Request, options ...any) *lua.Function {
	return date(r, options, "is only valid at", func(value, now, leeway float64) bool {
		return value >= now-leeway && value <= now+leeway
	})
}
