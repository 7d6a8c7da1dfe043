package ngx

import (
	"strconv"
	"strings"
	"time"
)

// serviceTimeout is nginx's default for proxy_read_timeout.
const serviceTimeout = 60 * time.Second

// splitService takes the service of a `proxy_pass` apart: a scheme, a host and perhaps
// a port. The authority is without a port that is the scheme's own.
func splitService(service string) (scheme, authority, name string, port int) {
	scheme, authority, _ = strings.Cut(service, "://")
	name, number, _ := strings.Cut(authority, ":")
	standard := 80
	if scheme == "https" {
		standard = 443
	}
	port, err := strconv.Atoi(number)
	if err != nil || port == standard {
		return scheme, name, name, standard
	}
	return scheme, authority, name, port
}
