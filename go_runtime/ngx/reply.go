package ngx

import (
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/errorpage"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// reply is the answer as far as the handlers have made it: ngx.status,
// ngx.header, ngx.say. Nothing of it leaves before the handlers have ended.
type reply struct {
	status    int // ngx.status, 0 before anything sets it
	headers   [][2]string
	noType    bool // Content-Type was removed, so the default does not take its place
	redirects bool // Location is that of a directive, which the client gets absolute
	sized     bool // a directive made all of it, so that its length is known
	begun     bool // output began: status and headers are settled
	ended     bool // ngx.eof was called
	body      []byte
}

// maxReply bounds the body of an answer. nginx sends it bit by bit; here it is
// kept until the handler ends.
const maxReply = 64 << 20

// defaultType is ingress-nginx's default_type, and the type of nginx's own pages.
const defaultType = "text/html"

// Status is ngx.status: what was set, 200 once output began without, 0 before;
// where there is a response, its status.
func (r *Request) Status() float64 {
	if r.responding() {
		return float64(r.responseStatus())
	}
	return float64(r.shown(r.reply.status))
}

// SetStatus is ngx.status = code.
func (r *Request) SetStatus(code int) {
	switch kind := r.stream.Kind(); {
	case kind == engine.HeaderFilter:
		r.changeResponse(":status", []string{strconv.Itoa(code)})
	case r.reply.begun || kind > engine.HeaderFilter:
		r.tooLate("ngx.status")
	default:
		r.reply.status = code
		r.failure.status = 0
	}
}

// HeadersSent is ngx.headers_sent: whether output began, or the headers of the
// response have left.
func (r *Request) HeadersSent() bool {
	kind := r.stream.Kind()
	if kind < engine.HeaderFilter {
		return r.reply.begun
	}
	_, shown := r.shownStatus()
	return kind > engine.HeaderFilter && (shown || r.stream.Code == 0)
}

// ResponseHeader is ngx.header[name]: nil, a string, or a table of strings where
// the header has several lines. It knows what the handlers have set.
func (r *Request) ResponseHeader(name string) lua.Value {
	key, headers := headerKey(name), r.reply.headers
	if r.responding() {
		r.readResponse()
		headers = r.out.headers
	}
	var found []lua.Value
	for _, line := range headers {
		if equalFold(line[0], key) {
			found = append(found, line[1])
		}
	}
	switch len(found) {
	case 0:
		if r.reply.begun && !r.responding() && !r.reply.noType && equalFold(key, "content-type") {
			return r.typeOfURI()
		}
		return nil
	case 1:
		return found[0]
	default:
		return lua.ListOf(found...)
	}
}

// SetResponseHeader is ngx.header[name] = value. It replaces all lines of that
// name. A table gives a line for each of its items; nil, "" and {} remove the
// header. An underscore in the name stands for a dash.
func (r *Request) SetResponseHeader(name string, value any) {
	kind := r.stream.Kind()
	if kind > engine.HeaderFilter || r.reply.begun && kind < engine.HeaderFilter {
		r.tooLate("ngx.header.HEADER")
		return
	}
	key := headerKey(name)
	if key == "" {
		return
	}
	lines := headerLines(value)
	if len(lines) > 1 && singleLine(key) {
		lines = lines[len(lines)-1:]
	}
	if kind == engine.HeaderFilter {
		if equalFold(key, "location") {
			r.out.absolute = false
		}
		if equalFold(key, "content-type") {
			r.keepCharset()
		}
		r.changeResponse(key, lines)
		return
	}
	if equalFold(key, "content-length") || among(key, gatewaysOwn) {
		return
	}
	if equalFold(key, "content-type") {
		r.reply.noType = len(lines) == 0
	}
	r.reply.headers = replaceLines(r.reply.headers, key, lines)
}

// replaceLines gives all lines of a name other values. They take the place of
// the first one, or the last place.
func replaceLines(headers [][2]string, name string, values []string) [][2]string {
	kept := make([][2]string, 0, len(headers)+len(values))
	place := -1
	for _, line := range headers {
		if !equalFold(line[0], name) {
			kept = append(kept, line)
		} else if place < 0 {
			place = len(kept)
		}
	}
	if place < 0 {
		place = len(kept)
	}
	behind := append([][2]string(nil), kept[place:]...)
	kept = kept[:place]
	for _, value := range values {
		kept = append(kept, [2]string{name, value})
	}
	return append(kept, behind...)
}

// headerLines are the lines that a value stands for. Empty ones are none.
func headerLines(value any) []string {
	var lines []string
	add := func(item any) {
		if text := escapeHeader(lua.ToString(item), false); text != "" {
			lines = append(lines, text)
		}
	}
	switch v := lua.Plain(value).(type) {
	case nil:
	case *lua.Table:
		for i := range v.Len() {
			add(v.Get(float64(i + 1)))
		}
	default:
		add(v)
	}
	return lines
}

// headerKey is the name of a response header as nginx sends it.
func headerKey(name string) string {
	return escapeHeader(strings.ReplaceAll(name, "_", "-"), true)
}

// escapeHeader percent-encodes what nginx does not let into a header: control
// bytes but tabs in a value, all but the bytes of a token in a name.
func escapeHeader(s string, name bool) string {
	const upperHex = "0123456789ABCDEF"
	safe := func(c byte) bool {
		if name {
			return tokenByte(c)
		}
		return c >= ' ' && c != 0x7f || c == '\t'
	}
	at := 0
	for at < len(s) && safe(s[at]) {
		at++
	}
	if at == len(s) {
		return s
	}
	out := []byte(s[:at])
	for ; at < len(s); at++ {
		if c := s[at]; safe(c) {
			out = append(out, c)
		} else {
			out = append(out, '%', upperHex[c>>4], upperHex[c&15])
		}
	}
	return string(out)
}

// tokenByte reports whether c may stand in the name of a header.
func tokenByte(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' ||
		strings.IndexByte("!#$%&'*+-.^_`|~", c) >= 0
}

// singleLine reports whether nginx keeps only the last of several values.
func singleLine(name string) bool {
	switch strings.ToLower(name) {
	case "content-type", "location", "etag", "expires", "accept-ranges", "refresh", "last-modified",
		"www-authenticate", "content-encoding":
		return true
	}
	return false
}

// Say is ngx.say(parts...): output with a line feed behind it. It returns 1, or
// nil and why nothing can be written any more.
func (r *Request) Say(parts ...any) (lua.Value, lua.OptString) { return r.output(parts, "\n") }

// Print is ngx.print(parts...): output as it is. Its results are Say's.
func (r *Request) Print(parts ...any) (lua.Value, lua.OptString) { return r.output(parts, "") }

// output appends to the body, and begins it.
func (r *Request) output(parts []any, end string) (lua.Value, lua.OptString) {
	if r.reply.ended {
		return nil, lua.Some("seen eof")
	}
	r.begin()
	for _, part := range parts {
		r.reply.body = append(r.reply.body, outputText(part)...)
	}
	r.reply.body = append(r.reply.body, end...)
	if len(r.reply.body) > maxReply {
		lua.ThrowValue("not enough memory")
	}
	r.stream.Respond(r.response())
	return 1.0, lua.None
}

// SendHeaders is ngx.send_headers(): status and headers are settled, and no
// upstream is asked.
func (r *Request) SendHeaders() (lua.Value, lua.OptString) {
	if !r.reply.begun {
		r.begin()
		r.stream.Respond(r.response())
	}
	return 1.0, lua.None
}

// Flush is ngx.flush(). The gateway gets the whole answer at the end.
func (r *Request) Flush() (lua.Value, lua.OptString) {
	if !r.reply.begun {
		return nil, lua.Some("nothing to flush")
	}
	if r.reply.ended {
		return nil, lua.Some("seen eof")
	}
	return 1.0, lua.None
}

// EOF is ngx.eof(): the answer is complete; the handler goes on.
func (r *Request) EOF() (lua.Value, lua.OptString) {
	if r.reply.ended {
		return nil, lua.Some("seen eof")
	}
	r.SendHeaders()
	r.reply.ended = true
	return 1.0, lua.None
}

// begin settles status and headers.
func (r *Request) begin() {
	if r.reply.begun {
		return
	}
	r.reply.begun = true
	if r.reply.status == 0 {
		r.reply.status = HTTP_OK
	}
	if r.types.hasDefault && r.types.byDefault == "" && !before(r.reply.headers, "content-type") && r.typeOfURI() == "" {
		r.reply.noType = true
	}
}

// outputText is what ngx.say writes for a value that it takes.
func outputText(part any) string {
	switch v := lua.Plain(part).(type) {
	case float64:
		return logNumber(v)
	case *lua.LightUserdata:
		return "null"
	case *lua.Table:
		var b strings.Builder
		for i := range lastIndex(v) {
			b.WriteString(outputText(v.Get(float64(i + 1))))
		}
		return b.String()
	default:
		return lua.ToString(v)
	}
}

// lastIndex is the largest index of an array, which may have holes: they are
// written as "nil".
func lastIndex(t *lua.Table) int {
	last := 0
	for key := range t.Pairs() {
		if n, ok := key.(float64); ok {
			last = max(last, int(n))
		}
	}
	if last > 4<<20 {
		lua.ThrowValue("not enough memory")
	}
	return last
}

// Printable is v, the n-th argument of ngx.say or ngx.print, which is named by
// function. It raises nginx's error for what cannot be written.
func Printable(v any, n int, function string, at lua.Operand) lua.Value {
	if what := unprintable(v); what != "" {
		lua.Throw("bad argument #"+strconv.Itoa(n)+" to '"+function+"' ("+what+")", at)
	}
	return lua.Plain(v)
}

// AllPrintable is Printable for all arguments.
func AllPrintable(values lua.Values, function string, at lua.Operand) []any {
	found := make([]any, len(values))
	for i, v := range values {
		found[i] = Printable(v, i+1, function, at)
	}
	return found
}

// unprintable says why ngx.say does not write v; "" if it does.
func unprintable(v any) string {
	switch v := lua.Plain(v).(type) {
	case nil, bool, string, float64:
	case *lua.LightUserdata:
	case *lua.Table:
		return unprintableTable(v)
	default:
		return "string, number, boolean, nil, ngx.null, or array table expected, but got " + lua.TypeName(v)
	}
	return ""
}

// unprintableTable is unprintable for a table: it has to be an array.
func unprintableTable(t *lua.Table) string {
	for key, value, ok := t.Next(nil); ok && key != nil; key, value, ok = t.Next(key) {
		if n, isNumber := key.(float64); !isNumber || n < 1 || n != float64(int(n)) {
			return "non-array table found"
		}
		switch v := lua.Plain(value).(type) {
		case bool, string, float64, *lua.LightUserdata:
		case *lua.Table:
			if what := unprintableTable(v); what != "" {
				return what
			}
		default:
			return "bad data type " + lua.TypeName(v) + " found"
		}
	}
	return ""
}

// response is the answer that the output makes.
func (r *Request) response() host.Response {
	status := r.shown(r.reply.status)
	response := host.Response{Status: uint32(status), Headers: r.reply.headers, Body: r.reply.body}
	switch status {
	case HTTP_OK:
		if !r.stream.IsSubrequest() {
			return r.conditional(response)
		}
	case HTTP_NO_CONTENT:
		response.Headers = without(r.reply.headers, "content-type")
		response.Body = nil
		return response
	case HTTP_NOT_MODIFIED:
		response.Body = nil
	}
	response.Headers = r.typed(response.Headers)
	return response
}

// typed adds the default Content-Type where the handlers have not decided.
func (r *Request) typed(headers [][2]string) [][2]string {
	if r.reply.noType {
		return headers
	}
	for _, line := range headers {
		if equalFold(line[0], "content-type") {
			return headers
		}
	}
	return append([][2]string{{"content-type", r.typeOfURI()}}, headers...)
}

// conditional is an answer with status 200 after the request's If-… headers.
func (r *Request) conditional(response host.Response) host.Response {
	r.readAll()
	switch r.precondition() {
	case HTTP_NOT_MODIFIED:
		return host.Response{
			Status:  HTTP_NOT_MODIFIED,
			Headers: without(r.reply.headers, "content-type", "accept-ranges"),
		}
	case httpPreconditionFailed:
		userAgent, _ := r.header("user-agent")
		_, body := errorpage.Lookup(httpPreconditionFailed, userAgent)
		headers := [][2]string{{"content-type", defaultType}} // nginx drops those of the answer
		return host.Response{Status: httpPreconditionFailed, Headers: headers, Body: []byte(body)}
	}
	response.Headers = r.typed(response.Headers)
	return response
}

// pageHeaders are dropped from an answer for which nginx takes its own page.
var pageHeaders = []string{"content-type", "accept-ranges", "last-modified", "etag"}

// without is headers without some names.
func without(headers [][2]string, names ...string) [][2]string {
	var kept [][2]string
	for _, line := range headers {
		if !among(line[0], names) {
			kept = append(kept, line)
		}
	}
	return kept
}

// among reports whether a name is one of names.
func among(name string, names []string) bool {
	for _, other := range names {
		if equalFold(name, other) {
			return true
		}
	}
	return false
}
