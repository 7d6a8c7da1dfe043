package ngx

import (
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// requestBody is the body of a request, as far as the handlers know and have
// changed it.
type requestBody struct {
	exists  bool   // the client sent one
	read    bool   // ngx.req.read_body was called: there is a body, maybe of nothing
	present bool   // $request_body is not nil
	data    string // what it holds
	changed bool   // it is not what the client sent
	parts   *strings.Builder
}

// ReadBody is ngx.req.read_body(): it waits until the whole body is there.
func (r *Request) ReadBody() {
	b := &r.body
	if b.read {
		return
	}
	b.data, b.exists = r.stream.ReadBody()
	b.read, b.present = true, b.exists
	if length, ok := r.header("content-length"); ok && length == "0" {
		b.present = true // the gateway takes that for no body
	}
}

// BodyData is ngx.req.get_body_data(): nil before the body was read, and where it
// is empty.
func (r *Request) BodyData() (string, bool) { return r.body.data, r.body.data != "" }

// RequestBody is ngx.var.request_body.
func (r *Request) RequestBody() (string, bool) { return r.body.data, r.body.present }

// PostArgs is ngx.req.get_post_args(max): DecodeArgs of the body, which has to
// be read before; no limit below 1.
func (r *Request) PostArgs(limit int, at lua.Operand) (*lua.Table, lua.OptString) {
	if !r.body.read {
		lua.Throw("no request body found; maybe you should turn on lua_need_request_body?", at)
	}
	return decodeArgs(r.body.data, max(limit, 0))
}

// SetBodyData is ngx.req.set_body_data(data): the upstream gets this body.
func (r *Request) SetBodyData(data string, at lua.Argument) {
	r.needBody(at)
	r.body.parts = nil
	r.setBody(data)
}

// InitBody is ngx.req.init_body(size): a new body begins. Its size, that of a
// buffer in nginx, means nothing here.
func (r *Request) InitBody(size float64, at lua.Argument) {
	if n := lua.Int(size); n < 0 {
		r.needBody(at)
		at.Fail("bad size argument: " + strconv.Itoa(n))
	}
	r.needBody(at)
	r.body.parts = &strings.Builder{}
	r.body.data, r.body.present, r.body.changed = "", true, true
}

// AppendBody is ngx.req.append_body(data).
func (r *Request) AppendBody(data string, at lua.Argument) {
	r.needParts(at)
	if r.body.parts.Len()+len(data) > maxReply {
		at.Fail("not enough memory")
	}
	r.checkBody(data)
	r.body.parts.WriteString(data)
	r.body.data, r.body.present = r.body.parts.String(), true
}

// FinishBody is ngx.req.finish_body().
func (r *Request) FinishBody(at lua.Argument) {
	r.needParts(at)
	r.setBody(r.body.parts.String())
}

// DiscardBody is ngx.req.discard_body(): the upstream gets no body, unless it was
// read before.
func (r *Request) DiscardBody() {
	b := &r.body
	if b.read {
		return
	}
	var sent string
	sent, b.exists = r.stream.ReadBody()
	b.read, b.changed = true, sent != ""
}

// needBody raises nginx's error when the body was not read.
func (r *Request) needBody(at lua.Argument) {
	if !r.body.read {
		at.Fail("request body not read yet")
	}
}

// needParts raises nginx's error when no body was begun.
func (r *Request) needParts(at lua.Argument) {
	if r.body.parts == nil {
		at.Fail("request_body not initialized")
	}
}

// checkBody gives up where the gateway can't send a body: it has told what comes
// behind the plugin that the request has none.
func (r *Request) checkBody(data string) {
	if !r.body.exists && data != "" && r.stream.Kind() < engine.HeaderFilter {
		r.stream.Refuse("the request has no body, and the gateway can't send one with it")
	}
}

// setBody gives the request another body, and the length of it.
func (r *Request) setBody(data string) {
	b := &r.body
	r.checkBody(data)
	b.data, b.present, b.changed = data, data != "", true
	r.changeHeader("content-length", []string{strconv.Itoa(len(data))})
}

// passBody makes the change of the body, with the headers, before the request
// goes to the upstream.
func (r *Request) passBody() {
	if !r.body.changed {
		return
	}
	if r.body.parts != nil || r.body.data == "" { // not finished, or discarded
		r.changeHeader("content-length", []string{strconv.Itoa(len(r.body.data))})
	}
	if r.body.exists {
		r.stream.Host().SetRequestBody(r.body.data)
	}
}
