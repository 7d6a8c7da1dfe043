package jwt

import (
	"snippet2wasm.internal/plugin/runtime/cjson"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// The claim that stands for the whole token.
const wholeToken = "__jwt"

// spec is what is asked of claims: their names, and the validators.
type spec struct {
	names      []lua.Value
	validators []lua.Value // functions
}

func (s *spec) add(name string, validator *lua.Function) {
	s.names = append(s.names, name)
	s.validators = append(s.validators, validator)
}

// claimSpecs are the specs that verify was given. Without any, exp and nbf are
// checked if they are there.
func claimSpecs(r *ngx.Request, token *lua.Table, given []any) []spec {
	var specs []spec
	for _, value := range given {
		value = lua.Plain(value)
		if value == nil {
			break
		}
		table, ok := value.(*lua.Table)
		if !ok {
			lua.ThrowValue("Claim spec must be a table - see jwt-validators.lua for helper functions")
		}
		if isLegacy(table) {
			specs = append(specs, legacySpec(r, table))
			continue
		}
		var found spec
		for name, validator, _ := table.Next(nil); name != nil; name, validator, _ = table.Next(name) {
			if _, ok := validator.(*lua.Function); !ok {
				lua.ThrowValue("Claim spec value must be a function - see jwt-validators.lua for helper functions")
			}
			found.names, found.validators = append(found.names, name), append(found.validators, validator)
		}
		specs = append(specs, found)
	}
	if len(specs) == 0 {
		specs = []spec{legacySpec(r, DefaultValidationOptions(token))}
	}
	return specs
}

// DefaultValidationOptions is jwt:get_default_validation_options(object).
func DefaultValidationOptions(object any) *lua.Table {
	token, ok := lua.Plain(object).(*lua.Table)
	if !ok {
		lua.Index.Throw(lua.Plain(object), lua.Local("jwt_obj", 0))
	}
	payload, _ := token.Get("payload").(*lua.Table)
	has := func(claim string) bool { return payload != nil && payload.Get(claim) != nil }
	return tableOf("require_exp_claim", has("exp"), "require_nbf_claim", has("nbf"))
}

// isLegacy reports whether a table has the options of older releases, and no
// others.
func isLegacy(options *lua.Table) bool {
	legacy := false
	for name, _, _ := options.Next(nil); name != nil; name, _, _ = options.Next(name) {
		switch name {
		case "valid_issuers", "lifetime_grace_period", "require_nbf_claim", "require_exp_claim":
			legacy = true
		default:
			return false
		}
	}
	return legacy
}

// legacySpec is the spec that such options stand for. The grace period stays for
// later requests.
func legacySpec(r *ngx.Request, options *lua.Table) spec {
	var found spec
	nbf, exp, grace := options.Get("require_nbf_claim"), options.Get("require_exp_claim"), options.Get("lifetime_grace_period")
	if issuers := options.Get("valid_issuers"); issuers != nil {
		found.add("iss", EqualsAnyOf(issuers))
	}
	if grace != nil {
		SetSystemLeeway(r, grace)
		if nbf != true && exp != true {
			found.add(wholeToken, RequireOneOf(lua.ListOf("nbf", "exp")))
		}
	}
	mustBeBoolean(nbf, "require_nbf_claim")
	mustBeBoolean(exp, "require_exp_claim")
	if grace == nil && nbf == nil && exp == nil {
		return found
	}
	found.add("nbf", choose(nbf == true, IsNotBefore, OptIsNotBefore)(r))
	found.add("exp", choose(exp == true, IsNotExpired, OptIsNotExpired)(r))
	return found
}

// mustBeBoolean raises an error for an option that is neither nil nor a boolean.
func mustBeBoolean(v lua.Value, name string) {
	if _, ok := v.(bool); v != nil && !ok {
		lua.ThrowValue("'" + name + "' validation option is expected to be a boolean.")
	}
}

// dates is a function that makes a validator of a date.
type dates = func(r *ngx.Request, options ...any) *lua.Function

func choose(required bool, strict, optional dates) dates {
	if required {
		return strict
	}
	return optional
}

// validate says why claims do not fit, "" if they do.
func validate(token *lua.Table, specs []spec) string {
	text, _ := cjson.EncodeSafe(token)
	payload, _ := token.Get("payload").(*lua.Table)
	for _, spec := range specs {
		for i, claim := range spec.names {
			var value lua.Value
			if claim == wholeToken {
				whole, _ := cjson.DecodeSafe(text)
				value = lua.Plain(whole)
			} else if payload != nil {
				value = payload.Get(claim)
			}
			results := lua.ProtectedApply(spec.validators[i], lua.Temporary(0), value, claim, text)
			result := lua.Plain(results.At(1))
			switch {
			case results.At(0) != true:
				return reasonOf(result, claim)
			case result == false:
				return "Claim '" + lua.ToString(claim) + "' ('" + lua.ToString(value) + "') returned failure"
			}
		}
	}
	return ""
}

// reasonOf is the reason that an error of a validator gives, without its position.
func reasonOf(problem, claim lua.Value) string {
	switch problem := problem.(type) {
	case *lua.Table:
		if why := problem.Get("reason"); why != nil {
			return lua.ToString(why)
		}
	case string:
		text, _ := lua.GSub(problem, "^.-:%d-: ", "", 1, lua.Arg(1, "gsub", 0))
		return text
	}
	return "Claim '" + lua.ToString(claim) + "' validation failed"
}
