package redis

import (
	"errors"
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// maxReplyDepth bounds the nesting of arrays in a reply.
const maxReplyDepth = 128

// maxReserved bounds the room that is made for an array before its items are
// there: nested arrays that all claim to be long would end the VM.
const maxReserved = 1024

// A reply may hold maxRoom array items; a table inside of it, which takes more
// memory than its few bytes in the reply, counts as tableRoom of them. Beyond
// that the collector would only just keep up, or not even that.
const (
	maxRoom   = 16 << 20
	tableRoom = 16
)

// errMalformed is a reply that is no RESP, or not one whole value of it.
var errMalformed = errors.New("malformed reply")

// errorReply is an error of Redis inside of a reply.
type errorReply string

// parseReply reads one whole reply in RESP, as lua-resty-redis does: bulk and
// status strings become strings, integers numbers, nulls ngx.null, arrays
// tables, and an error inside of an array the table {false, "ERR …"}. An error
// reply itself gives false and its text.
func parseReply(data []byte) (Reply, lua.OptString, error) {
	p := respParser{text: string(data), room: maxRoom}
	value, err := p.value(0)
	if err != nil {
		return Reply{}, lua.None, err
	}
	if p.text != "" {
		return Reply{}, lua.None, errMalformed
	}
	if message, isError := value.(errorReply); isError {
		return Reply{kind: kindFalse}, lua.Some(string(message)), nil
	}
	return replyOf(value), lua.None, nil
}

// respParser holds what is left of a reply, and of the room for its items.
type respParser struct {
	text string
	room int
}

// value reads one value: string, float64, *lua.Table, lua.Null, or errorReply.
func (p *respParser) value(depth int) (lua.Value, error) {
	line, err := p.line()
	if err != nil || line == "" || depth > maxReplyDepth {
		return nil, errMalformed
	}
	rest := line[1:]
	switch line[0] {
	case '+':
		return rest, nil
	case '-':
		return errorReply(rest), nil
	}
	n, err := strconv.ParseInt(rest, 10, 64)
	if err != nil {
		return nil, errMalformed
	}
	switch line[0] {
	case ':':
		return float64(n), nil
	case '$':
		return p.bulk(n)
	case '*':
		return p.array(n, depth)
	default:
		return nil, errMalformed
	}
}

// line takes what is in front of the next CRLF.
func (p *respParser) line() (string, error) {
	line, rest, ok := strings.Cut(p.text, "\r\n")
	if !ok {
		return "", errMalformed
	}
	p.text = rest
	return line, nil
}

// bulk takes a string of n bytes and the CRLF behind it.
func (p *respParser) bulk(n int64) (lua.Value, error) {
	if n < 0 {
		return lua.Null, nil
	}
	if n > int64(len(p.text))-2 || p.text[n:n+2] != "\r\n" {
		return nil, errMalformed
	}
	s := p.text[:n]
	p.text = p.text[n+2:]
	return s, nil
}

// array takes n values.
func (p *respParser) array(n int64, depth int) (lua.Value, error) {
	if n < 0 {
		return lua.Null, nil
	}
	const shortest = len(":0\r\n") - 1 // "+\r\n"
	if n > int64(len(p.text)/shortest) {
		return nil, errMalformed
	}
	p.take(tableRoom)
	items := lua.NewTable(int(min(n, maxReserved))) // a number alone must not take memory
	for i := int64(0); i < n; i++ {
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		if message, isError := value.(errorReply); isError {
			p.take(tableRoom)
			value = lua.ListOf(false, string(message))
		}
		p.take(1)
		items.Append(value)
	}
	return items, nil
}

// take uses up room. Where none is left it raises Lua's error.
func (p *respParser) take(room int) {
	if p.room -= room; p.room < 0 {
		lua.ThrowValue("not enough memory")
	}
}
