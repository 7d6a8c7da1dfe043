// Package referer is valid_referers with regular expressions, which stand apart because
// they bring their machine into the module.
package referer

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/ngx"
	"snippet2wasm.internal/plugin/runtime/ngx/re"
)

// Invalid is $invalid_referer, as r.InvalidReferer. Of names, those that begin with "~"
// are regular expressions for what follows the scheme.
func Invalid(r *ngx.Request, names ...string) string {
	return r.InvalidRefererOr(names, func(rest string) bool {
		for _, name := range names {
			if pattern, ok := strings.CutPrefix(name, "~"); ok && re.Matches(rest, pattern, true) {
				return true
			}
		}
		return false
	})
}
