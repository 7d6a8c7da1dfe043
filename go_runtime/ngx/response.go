package ngx

import (
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// outgoing is the response on its way to the client, as the handlers for it see
// it. Names are in lower case.
type outgoing struct {
	read     bool
	upstream [][2]string // the headers as they came
	headers  [][2]string
	changed  []string // names of the headers that the handlers have changed
	piece    string   // of the body
	last     bool     // it is the body's last
	ended    bool     // a handler has ended the body
	exit     int      // what ngx.exit was called with
	exited   bool     // it was
	aborted  bool     // body_filter_by_lua returned ngx.ERROR

	sub       *subFilter     // nil where there is no sub_filter
	subs      *substitutions // nil where there is no subs_filter
	kept      string         // of the body, behind sub_filter and subs_filter
	absolute  bool           // the Location is one that the client gets absolute
	cookies   []setCookie    // the upstream's, once a directive has looked at them
	redirects []bool         // the upstream's lines Location for which there was a rule
	refreshes []bool         // the same for Refresh
	charset   string         // of the body, which Content-Type does not say yet
	wholeType bool           // Content-Type is a type up to its end
}

// responding reports whether a handler for the response runs.
func (r *Request) responding() bool { return r.stream.Kind().OfResponse() }

// readResponse reads the headers of the response.
//
// nginx's handlers do not see the upstream's Server and Date, which nginx does not
// pass on, and what the connection to it is about.
func (r *Request) readResponse() {
	if !r.out.read && !r.stream.Gone() {
		r.out.upstream, r.out.read = r.stream.Host().ResponseHeaders(), true
		r.out.headers = without(r.out.upstream, gatewaysOwn...)
		if len(r.out.upstream) == 0 { // the client left, or gets no answer
			r.out.headers = r.reply.headers
		}
	}
}

// responseStatus is ngx.status where there is a response.
func (r *Request) responseStatus() int {
	if status, ok := r.shownStatus(); ok {
		return status
	}
	return max(r.stream.Code, 0)
}

// shownStatus is the status of the response that the gateway shows, if it shows
// one.
func (r *Request) shownStatus() (status int, ok bool) {
	r.readResponse()
	for _, line := range r.out.headers {
		if line[0] == ":status" {
			status, _ = strconv.Atoi(line[1])
			return status, true
		}
	}
	return 0, false
}

// changeResponse gives all lines of a header of the response other values.
func (r *Request) changeResponse(name string, values []string) {
	r.out.change(strings.ToLower(name), values)
}

// change is changeResponse for a name in lower case.
func (o *outgoing) change(name string, values []string) {
	o.headers = replaceLines(o.headers, name, values)
	if !among(name, o.changed) {
		o.changed = append(o.changed, name)
	}
}

// Remember reads what the handlers for the response may ask for of the request,
// which cannot be read any more when they run. It is for the machinery.
func (r *Request) Remember() { r.readAll() }

// ChangesResponse reports whether the handlers of the request have changed the
// response. It is for the machinery.
func (r *Request) ChangesResponse(upstream bool) bool {
	if upstream {
		return len(r.reply.headers) > 0 || r.failure.status != 0
	}
	return r.reply.begun && r.reply.noType
}

// OpenResponse takes the headers of the response. It is for the machinery.
//
// To the upstream's response it adds the headers that the handlers of the request
// have set. As in nginx they stand before the upstream's lines of the same name;
// an upstream's Content-Type stays. From a response of the handlers' own it takes
// the Content-Type that Envoy makes up.
func (r *Request) OpenResponse(upstream bool) {
	r.readResponse()
	if !upstream {
		r.ownType()
		if r.reply.redirects {
			r.changeResponse("location", valuesOf(r.out.headers, "location"))
			r.out.absolute = true
		}
		return
	}
	if r.failure.status != 0 {
		r.changeResponse(":status", []string{strconv.Itoa(r.failure.status)})
	}
	var names []string
	for _, line := range r.reply.headers {
		if name := strings.ToLower(line[0]); !among(name, names) {
			names = append(names, name)
		}
	}
	for _, name := range names {
		own, others := valuesOf(r.reply.headers, name), valuesOf(r.out.headers, name)
		if name == "content-type" && len(others) > 0 {
			continue
		}
		r.changeResponse(name, append(own, others...))
	}
}

// ownType gives a response of the handlers' own the Content-Type that they have
// made up: Envoy takes it from one without a body, and gives one to others.
func (r *Request) ownType() {
	own := valuesOf(r.stream.Response().Headers, "content-type")
	seen := valuesOf(r.out.headers, "content-type")
	if len(own) == 0 && len(seen) > 0 && r.reply.begun && r.reply.noType {
		r.changeResponse("content-type", nil)
	}
	if len(own) > 0 && len(seen) == 0 {
		r.out.headers = append(r.out.headers, [2]string{"content-type", own[0]})
	}
}

// CloseResponse makes the changes to the headers of the response. It is for the
// machinery. Where a handler may change the body, nothing is said of its length.
func (r *Request) CloseResponse(body bool) {
	r.out.settleType()
	if body {
		r.changeResponse("content-length", nil)
	}
	for _, name := range r.out.changed {
		if name != "server" && among(name, gatewaysOwn) { // Envoy can be told to leave Server alone
			continue
		}
		r.stream.Host().SetResponseHeader(name, r.leaving(name))
	}
	r.out.changed = nil
}

// leaving are the values of a header of the response as the client gets them.
func (r *Request) leaving(name string) []string {
	values := valuesOf(r.out.headers, name)
	if name == "location" && r.out.absolute {
		for i := range values {
			values[i] = r.absoluteLocation(values[i])
		}
	}
	return values
}

// gatewaysOwn are headers that the gateway writes itself, whatever a plugin says.
var gatewaysOwn = []string{"transfer-encoding", "connection", "keep-alive", "upgrade", "server", "date"}

// valuesOf are the values of all lines of a name.
func valuesOf(headers [][2]string, name string) []string {
	var values []string
	for _, line := range headers {
		if equalFold(line[0], name) {
			values = append(values, line[1])
		}
	}
	return values
}

// OpenPiece takes a piece of the body. It is for the machinery.
func (r *Request) OpenPiece(piece []byte, last bool) {
	r.out.piece, r.out.last = string(piece), last
}

// ClosePiece is what became of the piece. It is for the machinery.
func (r *Request) ClosePiece() (piece []byte, ok bool) {
	piece = []byte(r.out.piece)
	r.out.piece = ""
	r.out.ended = r.out.ended || r.out.last
	return piece, !r.out.aborted
}

// BodyEnded reports whether a handler has ended the body, so that what follows is
// dropped. It is for the machinery.
func (r *Request) BodyEnded() bool { return r.out.ended }

// ExitFilter is ngx.exit(code) in code that may run in header_filter_by_lua: there
// the response is replaced by nginx's page for the code when the handler has ended,
// and control comes back. Elsewhere it is ExitUnwind.
func (r *Request) ExitFilter(code int) {
	if r.stream.Kind() != engine.HeaderFilter {
		r.ExitUnwind(code)
	}
	r.out.exit, r.out.exited = code, code != 0
}

// Exited is what ExitFilter was called with. It is for the machinery.
func (r *Request) Exited() (code int, exited bool) { return r.out.exit, r.out.exited }

// ReplaceResponse takes another response in the place of the one on its way. It is
// for the machinery.
func (r *Request) ReplaceResponse(page host.Response) {
	r.out.read = true
	r.out.headers = [][2]string{{":status", strconv.Itoa(int(page.Status))}}
	for _, line := range page.Headers {
		r.out.headers = append(r.out.headers, [2]string{strings.ToLower(line[0]), line[1]})
	}
	r.out.headers = append(r.out.headers, [2]string{"content-length", strconv.Itoa(len(page.Body))})
	r.out.changed, r.out.exited, r.out.absolute, r.out.sub, r.out.subs = nil, false, false, nil, nil
}

// UserAgent is the client's. It is for the machinery.
func (r *Request) UserAgent() string {
	agent, _ := r.header("user-agent")
	return agent
}

// InRequest is the request. Where a handler runs that is not allowed to do what the
// caller is about to do, it raises nginx's error.
func (r *Request) InRequest(at lua.Operand) *Request {
	switch kind := r.stream.Kind(); kind {
	case engine.ServerRewrite, engine.Set, engine.HeaderFilter, engine.BodyFilter, engine.Log, engine.Timer:
		lua.Throw(engine.Disabled(kind), at)
	}
	return r
}

// MayWait is InRequest for what is allowed in timers, too.
func (r *Request) MayWait(at lua.Operand) *Request {
	if r.stream.IsTask() {
		return r
	}
	return r.InRequest(at)
}

// MayExit is MayWait for what is allowed in header_filter_by_lua, too.
func (r *Request) MayExit(at lua.Operand) *Request {
	if r.stream.Kind() == engine.HeaderFilter {
		return r
	}
	return r.MayWait(at)
}

// InBodyFilter is the request, whose piece of a body is about to be read. Where
// another handler than body_filter_by_lua runs, it raises nginx's error.
func (r *Request) InBodyFilter(at lua.Operand) *Request {
	if r.stream.Kind() != engine.BodyFilter {
		lua.Throw("API disabled in the current context", at)
	}
	return r
}

// ToBodyFilter is InBodyFilter where the piece is about to be changed.
func (r *Request) ToBodyFilter(at lua.Operand) *Request {
	if kind := r.stream.Kind(); kind != engine.BodyFilter {
		lua.Throw(engine.Disabled(kind), at)
	}
	return r
}

// HasBody reports whether the response may have a body. It is for the machinery.
func (r *Request) HasBody() bool {
	status := r.responseStatus()
	return !r.OnlyHeaders() && status != HTTP_NO_CONTENT && status != HTTP_NOT_MODIFIED
}

// OnlyHeaders reports whether the client asked for no body. It is for the machinery.
func (r *Request) OnlyHeaders() bool { return r.RequestMethod() == "HEAD" }

// SwitchesProtocol reports whether what follows the headers of the response is
// another protocol. It is for the machinery.
func (r *Request) SwitchesProtocol() bool {
	return r.responseStatus() == HTTP_SWITCHING_PROTOCOLS
}

// Answer is the response as it is, without a body. It is for the machinery.
func (r *Request) Answer() host.Response {
	r.out.settleType()
	response := host.Response{Status: uint32(r.responseStatus())}
	for _, line := range r.out.headers {
		if line[0][0] != ':' && line[0] != "content-length" && !among(line[0], gatewaysOwn) {
			response.Headers = append(response.Headers, line)
		}
	}
	return response
}

// Piece is ngx.arg[1] in body_filter_by_lua: a piece of the body.
func (r *Request) Piece() string { return r.out.piece }

// LastPiece is ngx.arg[2] in body_filter_by_lua: whether the piece is the last.
func (r *Request) LastPiece() bool { return r.out.last }

// SetPiece is ngx.arg[1] = value: nil is an empty piece, a table its items one
// after another. It raises nginx's error for what cannot be sent.
func (r *Request) SetPiece(value any, at lua.Operand) {
	switch v := lua.Plain(value).(type) {
	case nil:
		r.out.piece = ""
	case string, float64:
		r.out.piece = lua.ToString(v)
	case *lua.Table:
		if what := unsendableTable(v); what != "" {
			lua.Throw("bad argument #3 to '__newindex' ("+what+")", at)
		}
		r.out.piece = outputText(v)
	default:
		lua.Throw("bad chunk data type: "+lua.TypeName(v), at)
	}
}

// unsendableTable says why a table is no piece of a body; "" if it is one.
func unsendableTable(t *lua.Table) string {
	for key, _, ok := t.Next(nil); ok && key != nil; key, _, ok = t.Next(key) {
		if n, isNumber := key.(float64); !isNumber || n < 1 || n != float64(int(n)) {
			return "non-array table found"
		}
	}
	for i := range t.Len() {
		switch v := lua.Plain(t.Get(float64(i + 1))).(type) {
		case string, float64:
		case *lua.Table:
			if what := unsendableTable(v); what != "" {
				return what
			}
		default:
			return "bad data type " + lua.TypeName(v) + " found"
		}
	}
	return ""
}

// ReturnPiece takes what body_filter_by_lua returns: -1, or 300 and above, is an
// error, after which nothing more is sent.
func (r *Request) ReturnPiece(value any) {
	number, _ := lua.ToNumberOf(value).(float64)
	if code := lua.Int(number); code == ERROR || code >= HTTP_SPECIAL_RESPONSE {
		r.out.aborted = true
	}
}

// ResponseHeaders is ngx.resp.get_headers(max): the headers of the response, as far
// as there are any, as RequestHeaders shows those of the request.
func (r *Request) ResponseHeaders(limit int) (*lua.Table, lua.OptString) {
	headers := r.reply.headers
	if r.responding() {
		r.readResponse()
		headers = r.out.headers
	}
	return headerTable(headers, limit)
}

// AddResponseHeader is add_header(name, value) of the module ngx.resp: it leaves the
// lines of that name that there are, unless there can be one only.
func (r *Request) AddResponseHeader(name string, value any, at lua.Operand) {
	if lua.Plain(value) == nil {
		lua.Throw("invalid header value", at)
	}
	key := headerKey(name)
	lines := headerLines(value)
	if len(lines) == 0 {
		return
	}
	if !singleLine(key) {
		headers := r.reply.headers
		if r.responding() {
			r.readResponse()
			headers = r.out.headers
		}
		lines = append(valuesOf(headers, key), lines...)
	}
	values := make([]lua.Value, len(lines))
	for i, line := range lines {
		values[i] = line
	}
	r.SetResponseHeader(name, lua.ListOf(values...))
}

// IsSubrequest is ngx.is_subrequest.
func (r *Request) IsSubrequest() bool { return r.stream.IsSubrequest() }

// SetLastPiece is ngx.arg[2] = value: when true, the body ends with this piece.
func (r *Request) SetLastPiece(value any) { r.out.last = lua.Truthy(value) }

// Conclude answers a request whose content_by_lua handler has ended. It is for
// the machinery.
func (r *Request) Conclude() { r.SendHeaders() }

// Ctx is ngx.ctx: the table that all handlers of the request share.
func (r *Request) Ctx() *lua.Table {
	if r.ctx == nil {
		r.ctx = lua.NewTable(0)
	}
	return r.ctx
}

// SetCtx is ngx.ctx = table.
func (r *Request) SetCtx(table *lua.Table) { r.ctx = table }

// Phase is ngx.get_phase().
func (r *Request) Phase() string { return r.stream.Kind().String() }

// tooLate logs that something cannot be changed any more.
func (r *Request) tooLate(what string) {
	r.stream.Log(host.Error, "attempt to set "+what+" after sending out response headers")
}
