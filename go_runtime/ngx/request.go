// Package ngx is the nginx API for Lua as compiled handlers use it: the request,
// its variables, the log, and functions without side effects.
//
// What it does was read off nginx 1.22 with ngx_lua 0.10.23; the tests compare
// with that nginx.
package ngx

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// Request is the request that a handler acts on. Reads are done once and kept:
// each one crosses into the gateway.
type Request struct {
	stream *engine.Stream

	read       []field // headers that were read one by one
	first      [readAllAfter]field
	all        [][2]string // all headers, once hasAll is set
	hasAll     bool
	changed    []string // headers that the handlers have changed
	target     string   // what they have made of the target, "" for nothing
	remote     field
	id         string      // $request_id, once somebody asked
	internal   bool        // ngx.req.set_uri was called
	sentMethod string      // the method, if the handlers changed it
	attributes []field     // of the gateway, that were read
	computed   []field     // variables that are computed once
	link       secureLink  // as secure_link has it
	variables  []variable  // that `set` declares
	firsts     []variable  // that directives have read, with their first values
	located    location    // the parsed target
	moved      bool        // the path was rewritten, so that it looks for its location
	named      string      // the named location that it goes on in, "" for that of its path
	apart      bool        // a rewritten path stays in a location that is not its own
	server     int         // the level of the server, of several
	slash      string      // the path that it is redirected to, since its location's ends so
	captures   []string    // of the last regular expression
	failure    failure     // that error_page is about
	sub        *subrequest // that is made on behalf of this one, or nil
	shares     *Request    // whose variables these are, too, nil for none's
	method     string      // of a subrequest, "" for that of the client
	reply      reply
	body       requestBody
	proxied    proxied
	out        outgoing

	types       contentTypes
	redirection redirection
	ofServer    *serverSettings // before the first location
	tooLarge    bool            // by its Content-Length, for client_max_body_size
	keepSlashes bool            // merge_slashes off

	setArguments []string // of set_by_lua

	// LimitReq and LimitConn are what became of the request at its limits, "" before
	// there was one. They are for package limits.
	LimitReq, LimitConn string

	ctx *lua.Table // ngx.ctx
}

// field is something that was read: a name, its value, or that it is absent.
type field struct {
	name, value string
	ok          bool
}

// NewRequest returns the request of a stream. It is for the runtime itself.
func NewRequest(s *engine.Stream) *Request {
	r := &Request{stream: s}
	r.read = r.first[:0]
	s.Reader = r
	return r
}

// Running returns the request whose handler runs: that of whoever calls a function
// which was made in another request and kept since.
func Running() *Request {
	r, _ := lua.Owner().(*Request)
	return r
}

// Current returns the request whose handler runs, or r itself where none does: a
// library object that is kept serves whoever uses it.
func (r *Request) Current() *Request {
	if running := Running(); running != nil {
		return running
	}
	return r
}

// Stream returns the machinery below. It is for the runtime itself.
func (r *Request) Stream() *engine.Stream { return r.stream }

// UnixNano is the time in nanoseconds since 1970; it makes the request the clock
// of os.time() and ngx.now().
func (r *Request) UnixNano() int64 { return r.stream.Host().Now() }

// Clock is the same clock for what outlives the request.
func (r *Request) Clock() lua.Clock { return clock{r.stream.Host()} }

// clock is a gateway's.
type clock struct{ host host.Host }

// UnixNano is the time in nanoseconds since 1970.
func (c clock) UnixNano() int64 { return c.host.Now() }

// Exit is ngx.exit(code) in the handler itself, which returns right after:
//
//   - 0 and -5: this handler ends, the next phase runs;
//   - 200 to 299 but 204: the client gets that status, or that of ngx.status, and no body;
//   - 204, and 300 and above: the client gets that status, with nginx's own page;
//   - 444, 499, 408, and 1 to 199: the client gets no answer at all;
//   - -2 and -4: as 500.
//
// Behind output the answer stays what it is, if the code lets the client have one.
//
// In what ngx.timer.at has started, it just ends.
func (r *Request) Exit(code int) {
	r.stream.EndThreads()
	switch {
	case r.stream.IsTask():
	case r.reply.begun:
		if code < 0 || code == 408 || code == 444 || code == 499 {
			r.stream.Drop()
		}
	case code >= 200 && code < 300 && code != HTTP_NO_CONTENT:
		if r.reply.status == 0 {
			r.reply.status = code
		}
		r.SendHeaders()
	default:
		if code >= HTTP_OK && r.reply.status == 0 {
			r.reply.status = code // which an error_page with `=` may show
		}
		r.stream.Exit(code)
	}
}

// ExitCode is what ngx.exit takes a number for: the fraction is cut off. For -2
// and -4 nginx's error is raised.
func ExitCode(n float64, at lua.Operand) int {
	code := lua.Int(n)
	if code == AGAIN || code == DONE {
		lua.Throw("bad argument to 'ngx.exit': does not accept NGX_AGAIN or NGX_DONE", at)
	}
	return code
}

// ExitUnwind is ngx.exit(code) inside of a function that the handler calls: it
// does not return.
func (r *Request) ExitUnwind(code int) {
	lua.CheckYield()
	r.Exit(code)
	r.stream.Unwind()
}

// Redirect is ngx.redirect(uri, status) in the handler itself, which returns
// right after; line is the line inside of its chunk.
func (r *Request) Redirect(line int, uri string, status int) {
	r.redirect(uri, status, lua.Operand{Line: line})
}

// RedirectIn is Redirect in a function: where is the position as for LogIn. It
// does not return.
func (r *Request) RedirectIn(where string, uri string, status int) {
	lua.CheckYield()
	r.redirect(uri, status, operandOf(where))
	r.stream.Unwind()
}

// redirect raises nginx's errors and records the answer.
func (r *Request) redirect(uri string, status int, at lua.Operand) {
	switch status {
	case HTTP_MOVED_PERMANENTLY, HTTP_MOVED_TEMPORARILY, HTTP_SEE_OTHER,
		HTTP_TEMPORARY_REDIRECT, HTTP_PERMANENT_REDIRECT:
	default:
		lua.Throw("only ngx.HTTP_MOVED_TEMPORARILY, ngx.HTTP_MOVED_PERMANENTLY, ngx.HTTP_PERMANENT_REDIRECT,"+
			" ngx.HTTP_SEE_OTHER, and ngx.HTTP_TEMPORARY_REDIRECT are allowed", at)
	}
	for i := 0; i < len(uri); i++ {
		if c := uri[i]; c < ' ' || c == 0x7f {
			lua.Throw("unsafe byte \"0x"+hex2(c, "0123456789abcdef")+"\" in redirect uri \""+shownURI(uri)+"\"", at)
		}
	}
	if r.reply.begun {
		lua.Throw("attempt to call ngx.redirect after sending out the headers", at)
	}
	// nginx keeps a Location that was set before, too; Envoy would join the two.
	r.reply.headers = replaceLines(r.reply.headers, "Location", []string{uri})
	r.stream.Exit(status)
}

// shownURI is a URI as nginx shows it in an error.
func shownURI(uri string) string {
	var b strings.Builder
	for i := 0; i < len(uri); i++ {
		if c := uri[i]; c < ' ' || c >= 0x7f || c == '"' || c == '\\' {
			b.WriteString("\\x" + hex2(c, "0123456789ABCDEF"))
		} else {
			b.WriteByte(c)
		}
	}
	return b.String()
}

// hex2 is a byte as two hexadecimal digits.
func hex2(c byte, digits string) string { return string([]byte{digits[c>>4], digits[c&15]}) }

// readAllAfter is the number of headers that are read one by one before the
// next read takes them all: three single reads cost as much.
const readAllAfter = 2

// header returns the first request header of that name, in lower case.
func (r *Request) header(name string) (string, bool) {
	for i := range r.read {
		if r.read[i].name == name {
			return r.read[i].value, r.read[i].ok
		}
	}
	if !r.hasAll && len(r.read) >= readAllAfter {
		r.readAll()
	}
	if r.hasAll {
		for i := range r.all {
			if r.all[i][0] == name {
				return r.all[i][1], true
			}
		}
		return "", false
	}
	if r.stream.Gone() {
		return "", false
	}
	value, ok := r.stream.Host().RequestHeader(name)
	r.read = append(r.read, field{name, value, ok})
	return value, ok
}

// lines returns all request headers of that name, in lower case. A single read
// would show the first one only.
func (r *Request) lines(name string) []string {
	r.readAll()
	var found []string
	for i := range r.all {
		if r.all[i][0] == name {
			found = append(found, r.all[i][1])
		}
	}
	return found
}

// HeaderLines are all lines of a request header, by its name in lower case.
func (r *Request) HeaderLines(name string) []string { return r.lines(name) }

// readAll reads all headers.
func (r *Request) readAll() {
	if !r.hasAll && !r.stream.Gone() {
		r.all, r.hasAll = r.stream.Host().RequestHeaders(), true
	}
}

// Snapshot reads all that variables may ask for, before the stream goes away.
func (r *Request) Snapshot() {
	r.readAll()
	r.RemoteAddr()
	r.snapshotAttributes()
}
