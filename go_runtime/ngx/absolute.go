package ngx

import "strings"

// redirection is what absolute_redirect, port_in_redirect and
// server_name_in_redirect say where the request is. The zero value is what
// ingress-nginx has: absolute, without a port, with the host of the request.
type redirection struct {
	relative   bool
	port       bool
	serverName string
}

// AbsoluteRedirect is `absolute_redirect on|off;`.
func (r *Request) AbsoluteRedirect(on bool) { r.redirection.relative = !on }

// PortInRedirect is `port_in_redirect on|off;`.
func (r *Request) PortInRedirect(on bool) { r.redirection.port = on }

// ServerNameInRedirect is `server_name_in_redirect on;` in a server of that name; ""
// is off.
func (r *Request) ServerNameInRedirect(name string) { r.redirection.serverName = name }

// absoluteLocation is the Location that the client gets for one that nginx has made
// (return, rewrite, error_page, more_set_headers): what begins with a slash gets
// scheme and host in front. Lua's own is left as it is.
func (r *Request) absoluteLocation(location string) string {
	if r.redirection.relative || !strings.HasPrefix(location, "/") {
		return location
	}
	scheme, host := r.Scheme(), r.redirection.serverName
	if host == "" {
		host = r.Host()
	}
	if port := r.ServerPort(); r.redirection.port && port != "" && port != usualPort(scheme) {
		host += ":" + port
	}
	return scheme + "://" + host + location
}

// usualPort is the port that a URL of that scheme leaves out.
func usualPort(scheme string) string {
	if scheme == "https" {
		return "443"
	}
	return "80"
}
