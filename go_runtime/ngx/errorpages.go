package ngx

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// What error_page does with the status of the answer, unless it gives one.
const (
	KeepStatus = -1 // error_page 404 /x
	PageStatus = 0  // error_page 404 = /x: that of what is served there
)

// failure is the error for which the request is served something else.
type failure struct {
	code   int  // that nginx's own page is about
	status int  // of the answer, whoever makes it; 0 for its own
	paged  bool // error_page was asked, and is not asked again

	intercepts bool // proxy_intercept_errors is on
}

// Fail notes that nginx's own page for a status is about to be the answer. It is
// false where error_page does not count any more. It is for the machinery.
func (r *Request) Fail(code int) bool {
	asked := r.failure.paged
	r.failure = failure{code: code, status: code, paged: true, intercepts: r.failure.intercepts}
	return !asked && !r.reply.begun
}

// Recover takes Fail back. It is for the machinery.
func (r *Request) Recover() { r.failure = failure{intercepts: r.failure.intercepts} }

// InterceptErrors is proxy_intercept_errors: error_page is for what upstreams answer,
// too.
func (r *Request) InterceptErrors() { r.failure.intercepts = true }

// Failure is the status of the response on its way, if error_page is for it: one that
// the gateway made because there is no upstream, and with InterceptErrors those of
// upstreams from 300 on. It is for the machinery.
func (r *Request) Failure() (code int, failed bool) {
	details := r.attribute("response", "code_details")
	switch {
	case details == viaUpstream:
		if code = r.responseStatus(); code == HTTP_UNAUTHORIZED { // its challenge stays
			challenges := valuesOf(r.out.upstream, "www-authenticate")
			r.reply.headers = replaceLines(r.reply.headers, "WWW-Authenticate", challenges)
		}
		return code, r.failure.intercepts && code >= HTTP_SPECIAL_RESPONSE
	case strings.HasPrefix(details, "upstream_reset_before_response_started"):
		return HTTP_BAD_GATEWAY, true
	case strings.HasPrefix(details, "upstream_response_timeout"), strings.HasPrefix(details, "upstream_per_try_timeout"):
		return HTTP_GATEWAY_TIMEOUT, true
	case strings.HasPrefix(details, "no_healthy_upstream"), strings.HasPrefix(details, "cluster_not_found"):
		return HTTP_SERVICE_UNAVAILABLE, true
	}
	return 0, false
}

// RecursiveErrorPages is recursive_error_pages: the next error has its page, too.
func (r *Request) RecursiveErrorPages() { r.failure.paged = false }

// Failed reports whether the error of the request is one of the statuses.
func (r *Request) Failed(statuses ...int) bool {
	for _, status := range statuses {
		if status == r.failure.code {
			return true
		}
	}
	return false
}

// ErrorPage serves what is at a URI in the place of nginx's own page: another
// location of the server, or a redirect. Status is that of the answer, KeepStatus or
// PageStatus.
func (r *Request) ErrorPage(status int, uri string) {
	if status != KeepStatus {
		r.failure.status = status
	}
	if !strings.HasPrefix(uri, "/") {
		r.errorRedirect(uri)
		return
	}
	if r.RequestMethod() != "HEAD" {
		r.setMethod("GET")
	}
	r.RedirectInside(uri)
}

// ErrorLocation is ErrorPage for a named location, which is this level.
func (r *Request) ErrorLocation(status, level int) {
	if status != KeepStatus {
		r.failure.status = status
	}
	r.GoTo(level)
}

// errorRedirect answers with a redirect.
func (r *Request) errorRedirect(uri string) {
	status := r.failure.status
	switch status {
	case HTTP_MOVED_PERMANENTLY, HTTP_MOVED_TEMPORARILY, HTTP_SEE_OTHER,
		HTTP_TEMPORARY_REDIRECT, HTTP_PERMANENT_REDIRECT:
	default:
		status = HTTP_MOVED_TEMPORARILY
	}
	r.failure.status = 0
	r.reply.headers = replaceLines(r.reply.headers, "Location", []string{uri})
	r.stream.Page(status)
}

// setMethod gives the request another method.
func (r *Request) setMethod(method string) {
	if current := r.RequestMethod(); current != method {
		if r.sentMethod == "" {
			r.sentMethod = current
		}
		r.changeHeader(":method", []string{method})
	}
}

// RedirectInside serves another URI of the server, whose query string may be in it.
func (r *Request) RedirectInside(uri string) {
	path, args, hasArgs := strings.Cut(uri, "?")
	r.redirectInside(path, args, hasArgs)
}

// redirectInside is RedirectInside for a path and a query string, which may be there
// and empty.
func (r *Request) redirectInside(path, args string, hasArgs bool) {
	at := r.locate()
	at.uri, at.args, at.hasArgs = path, args, hasArgs
	r.internal = true
	r.retarget()
	r.jump(engine.ServerRewrite, 0, "internally redirecting to \""+path+"\"")
}

// GoTo serves what a level of the configuration holds: a named location.
func (r *Request) GoTo(level int) {
	r.internal = true
	r.jump(engine.Set, level, "redirecting to named location")
}

// jump goes on at another level, unless that was done too often. What Lua keeps with
// the request is lost.
func (r *Request) jump(to engine.Kind, level int, doing string) {
	r.ctx = nil
	if !r.stream.Jump(to) {
		r.stream.Log(host.Error, "rewrite or internal redirection cycle while "+doing)
		r.failure.paged = true
		r.stream.Page(HTTP_INTERNAL_SERVER_ERROR)
		return
	}
	r.stream.Level = level
}

// shown is the status that an answer has for the client: that of the error for which
// it is the page, or its own.
func (r *Request) shown(status int) int {
	if r.failure.status != 0 {
		return r.failure.status
	}
	return status
}
