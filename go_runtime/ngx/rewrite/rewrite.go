// Package rewrite has what the directives of nginx's rewrite module need regular
// expressions for.
package rewrite

import (
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/regex"
)

// Pattern is a regular expression of the configuration.
type Pattern struct {
	text  string
	regex *regex.Regex
}

// New compiles a pattern that the compiler has checked.
func New(text string) *Pattern { return compile(text, 0) }

// Caseless is New without regard to the case of letters.
func Caseless(text string) *Pattern { return compile(text, regex.Caseless) }

func compile(text string, flags regex.Flags) *Pattern {
	compiled, err := regex.Compile(text, flags)
	if err != nil {
		panic("the pattern " + text + ": " + err.Error())
	}
	return &Pattern{text, compiled}
}

// secret is what is logged in place of a pattern of the plugin's configuration.
const secret = "(a pattern of the configuration)"

type configured struct {
	text  string
	flags regex.Flags
}

// patterns are those of the plugin's configuration, which are compiled once.
var patterns = map[configured]*Pattern{}

// Configured is a pattern that the plugin's configuration holds since it is a secret.
// Nothing shows it. Requests that meet one that is no regular expression get 500.
func Configured(text string) *Pattern { return ofConfiguration(configured{text, 0}) }

// ConfiguredCaseless is Configured without regard to the case of letters.
func ConfiguredCaseless(text string) *Pattern {
	return ofConfiguration(configured{text, regex.Caseless})
}

func ofConfiguration(key configured) *Pattern {
	found := patterns[key]
	if found == nil {
		compiled, _ := regex.Compile(key.text, key.flags)
		found = &Pattern{secret, compiled}
		patterns[key] = found
	}
	return found
}

// Matches reports whether a text matches, and keeps what the groups captured: $1 to
// $9, which are empty after a pattern that does not match, and the named groups,
// which then stay.
func (p *Pattern) Matches(r *ngx.Request, text string) bool {
	groups, found := p.groups(r, text)
	r.SetCaptures(groups)
	return found
}

// Finds is Matches as map has it: a pattern that does not match leaves the captures of
// the last one.
func (p *Pattern) Finds(r *ngx.Request, text string) bool {
	groups, found := p.groups(r, text)
	if found {
		r.SetCaptures(groups)
	}
	return found
}

// Location is the location of a server that this pattern is.
func (p *Pattern) Location() ngx.Location {
	return ngx.PatternLocation(p.Finds)
}

// groups are what the groups of the pattern captured, the whole match first.
func (p *Pattern) groups(r *ngx.Request, text string) (groups []string, found bool) {
	if p.regex == nil {
		p.fail(r, p.text+" is no regular expression")
	}
	places, err := p.regex.Match(text, 0, nil)
	if err != nil {
		p.fail(r, "regex exec() failed: "+err.Error()+" on \""+text+"\" using \""+p.text+"\"")
	}
	if places == nil {
		return nil, false
	}
	groups = make([]string, len(places)/2)
	for i := range groups {
		if start := places[2*i]; start >= 0 {
			groups[i] = text[start:places[2*i+1]]
		}
	}
	for _, name := range p.regex.Names() {
		r.Set(lua.Lower(name.Text), groups[name.Group])
	}
	return groups, true
}

// fail ends the request, which the pattern can't decide about.
func (p *Pattern) fail(r *ngx.Request, message string) {
	r.Stream().Log(host.Critical, message)
	r.Exit(ngx.HTTP_INTERNAL_SERVER_ERROR)
	r.Stream().Unwind()
}
