// Package jsontext reads JSON, strictly after RFC 8259, into a few Go types. It
// replaces encoding/json, which would be a sixth of a plugin's size.
package jsontext

import (
	"errors"
	"strconv"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// maxDepth bounds the nesting of arrays and objects.
const maxDepth = 200

// Object is a JSON object; Keys has its names in the order of the text.
type Object struct {
	Keys    []string
	Members map[string]any
}

// Parse reads one value: nil, bool, float64, string, []any or *Object. Errors
// say at which byte the text is wrong.
func Parse(text string) (any, error) {
	p := &parser{text: text}
	value, err := p.value(0)
	if err == nil {
		if p.space(); p.at < len(text) {
			err = errors.New("text after the value")
		}
	}
	if err != nil {
		return nil, errors.New("invalid JSON at byte " + strconv.Itoa(p.at) + ": " + err.Error())
	}
	return value, nil
}

// Kind names the type of a value for messages.
func Kind(value any) string {
	switch value.(type) {
	case nil:
		return "null"
	case bool:
		return "a boolean"
	case float64:
		return "a number"
	case string:
		return "a string"
	case []any:
		return "an array"
	default:
		return "an object"
	}
}

type parser struct {
	text string
	at   int
}

// space skips white space.
func (p *parser) space() {
	for p.at < len(p.text) && strings.IndexByte(" \t\r\n", p.text[p.at]) >= 0 {
		p.at++
	}
}

// peek returns the next byte that is not white space, 0 at the end.
func (p *parser) peek() byte {
	p.space()
	if p.at == len(p.text) {
		return 0
	}
	return p.text[p.at]
}

// accept skips c if it is next.
func (p *parser) accept(c byte) bool {
	if p.peek() != c {
		return false
	}
	p.at++
	return true
}

func (p *parser) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, errors.New("nested too deeply")
	}
	switch c := p.peek(); {
	case c == '{':
		return p.object(depth)
	case c == '[':
		return p.array(depth)
	case c == '"':
		return p.string()
	case c == '-' || '0' <= c && c <= '9':
		return p.number()
	}
	for word, value := range map[string]any{"true": true, "false": false, "null": nil} {
		if strings.HasPrefix(p.text[p.at:], word) {
			p.at += len(word)
			return value, nil
		}
	}
	return nil, errors.New("expected a value")
}

func (p *parser) object(depth int) (any, error) {
	p.at++
	object := &Object{Members: map[string]any{}}
	if p.accept('}') {
		return object, nil
	}
	for {
		if p.peek() != '"' {
			return nil, errors.New("expected a name in quotes")
		}
		key, err := p.string()
		if err != nil {
			return nil, err
		}
		if _, twice := object.Members[key]; twice {
			return nil, errors.New("the name " + strconv.Quote(key) + " stands there twice")
		}
		if !p.accept(':') {
			return nil, errors.New("expected ':'")
		}
		value, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		object.Keys = append(object.Keys, key)
		object.Members[key] = value
		if p.accept('}') {
			return object, nil
		}
		if !p.accept(',') {
			return nil, errors.New("expected ',' or '}'")
		}
	}
}

func (p *parser) array(depth int) (any, error) {
	p.at++
	items := []any{}
	if p.accept(']') {
		return items, nil
	}
	for {
		item, err := p.value(depth + 1)
		if err != nil {
			return nil, err
		}
		items = append(items, item)
		if p.accept(']') {
			return items, nil
		}
		if !p.accept(',') {
			return nil, errors.New("expected ',' or ']'")
		}
	}
}

// number reads -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?.
func (p *parser) number() (any, error) {
	start := p.at
	if p.text[p.at] == '-' {
		p.at++
	}
	first := p.at
	digits := p.digits()
	ok := digits > 0 && (digits == 1 || p.text[first] != '0')
	if ok && p.at < len(p.text) && p.text[p.at] == '.' {
		p.at++
		ok = p.digits() > 0
	}
	if ok && p.at < len(p.text) && (p.text[p.at]|0x20) == 'e' {
		p.at++
		if p.at < len(p.text) && (p.text[p.at] == '+' || p.text[p.at] == '-') {
			p.at++
		}
		ok = p.digits() > 0
	}
	if !ok {
		return nil, errors.New("malformed number")
	}
	n, err := strconv.ParseFloat(p.text[start:p.at], 64)
	if err != nil {
		return nil, errors.New("number out of range")
	}
	return n, nil
}

// digits skips decimal digits and returns how many there were.
func (p *parser) digits() int {
	start := p.at
	for p.at < len(p.text) && '0' <= p.text[p.at] && p.text[p.at] <= '9' {
		p.at++
	}
	return p.at - start
}

func (p *parser) string() (string, error) {
	p.at++
	var b strings.Builder
	for {
		start := p.at
		for p.at < len(p.text) && p.text[p.at] != '"' && p.text[p.at] != '\\' && p.text[p.at] >= ' ' {
			p.at++
		}
		b.WriteString(p.text[start:p.at])
		switch {
		case p.at == len(p.text):
			return "", errors.New("unfinished string")
		case p.text[p.at] == '"':
			p.at++
			return b.String(), nil
		case p.text[p.at] != '\\':
			return "", errors.New("control character in a string")
		}
		if err := p.escape(&b); err != nil {
			return "", err
		}
	}
}

// escapes has the characters behind a backslash and what they stand for.
const (
	escapes = `"\/bfnrt`
	escaped = "\"\\/\b\f\n\r\t"
)

// escape reads a backslash and what belongs to it.
func (p *parser) escape(b *strings.Builder) error {
	p.at++
	if p.at == len(p.text) {
		return errors.New("unfinished string")
	}
	c := p.text[p.at]
	if i := strings.IndexByte(escapes, c); i >= 0 {
		p.at++
		b.WriteByte(escaped[i])
		return nil
	}
	if c != 'u' {
		return errors.New("unknown escape in a string")
	}
	p.at--
	first, err := p.unicode()
	if err != nil {
		return err
	}
	if utf16.IsSurrogate(first) {
		second := rune(utf8.RuneError)
		if strings.HasPrefix(p.text[p.at:], `\u`) {
			if second, err = p.unicode(); err != nil {
				return err
			}
		}
		if first = utf16.DecodeRune(first, second); first == utf8.RuneError {
			return errors.New("half of a surrogate pair in a string")
		}
	}
	b.WriteRune(first)
	return nil
}

// unicode reads \uXXXX.
func (p *parser) unicode() (rune, error) {
	if p.at+6 > len(p.text) {
		return 0, errors.New("unfinished string")
	}
	n, err := strconv.ParseUint(p.text[p.at+2:p.at+6], 16, 32)
	if err != nil {
		return 0, errors.New(`malformed \u in a string`)
	}
	p.at += 6
	return rune(n), nil
}
