// Package referer is valid_referers with regular expressions, which stand apart because
// they bring their machine into the module.
package referer

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/regex"
)

// Invalid is $invalid_referer, as r.InvalidReferer. Of names, those that begin with "~"
// are regular expressions for what follows the scheme; the case of letters does not
// matter to them.
func Invalid(r *ngx.Request, names ...string) string {
	return r.InvalidRefererOr(names, func(rest string) bool {
		for _, name := range names {
			if text, ok := strings.CutPrefix(name, "~"); ok && matches(r, text, rest) {
				return true
			}
		}
		return false
	})
}

// patterns are those of the compiled directives, by their texts.
var patterns = map[string]*regex.Regex{}

// matches reports whether an expression matches. One that takes too many steps does
// not, as in nginx.
func matches(r *ngx.Request, text, rest string) bool {
	pattern := patterns[text]
	if pattern == nil {
		var err error
		if pattern, err = regex.Compile(text, regex.Caseless); err != nil {
			r.Stream().Refuse("the expression \"" + text + "\" of valid_referers: " + err.Error())
		}
		patterns[text] = pattern
	}
	found, err := pattern.Match(rest, 0, nil)
	return err == nil && found != nil
}
