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
	places, err := p.regex.Match(text, 0, nil)
	if err != nil {
		r.Stream().Log(host.Critical, "regex exec() failed: "+err.Error()+" on \""+text+"\" using \""+p.text+"\"")
		r.Exit(ngx.HTTP_INTERNAL_SERVER_ERROR)
		r.Stream().Unwind()
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
