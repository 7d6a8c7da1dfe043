// Package luafile is Lua's library io for the files that a plugin brings along: they
// can be read. Everything is in memory, so reading never waits.
package luafile

import (
	"strings"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// File is an open file: Lua's userdata with the methods read, lines, seek, close.
type File struct {
	text   string
	offset int
	closed bool
}

// The errors of the system, as C's library words them.
const (
	noFile      = "No such file or directory"
	invalid     = "Invalid argument"
	readOnly    = "Read-only file system"
	notOpenFor  = "Bad file descriptor"
	useOfClosed = "attempt to use a closed file"
)

// Open is io.open(path, mode): the file, or nil, a text and a number.
func Open(files Set, path string, mode any, at lua.Argument) (*File, lua.OptString, lua.Value) {
	how := "r"
	if lua.Plain(mode) != nil {
		how = at.After(1).Text(mode)
	}
	if how == "" || !strings.Contains("rwa", how[:1]) || strings.Trim(how[1:], "b+") != "" {
		return failed(path, invalid, 22)
	}
	text, ok := files.find(path)
	switch {
	case how[0] != 'r' || strings.Contains(how, "+"):
		return failed(path, readOnly, 30)
	case !ok:
		return failed(path, noFile, 2)
	}
	return &File{text: text}, lua.None, nil
}

func failed(path, problem string, number float64) (*File, lua.OptString, lua.Value) {
	return nil, lua.Some(path + ": " + problem), number
}

// OpenValues is Open as a list of values.
func OpenValues(files Set, path string, mode any, at lua.Argument) lua.Values {
	found, err, number := Open(files, path, mode, at)
	if found != nil {
		return lua.Values{found}
	}
	return lua.Values{nil, err.Value(), number}
}

// Lines is io.lines(path, formats…): a function that gives one line after the
// other.
func Lines(files Set, path string, at lua.Argument, formats ...any) lua.Value {
	text, ok := files.find(path)
	if !ok {
		at.Throw(path + ": " + noFile)
	}
	return (&File{text: text}).lines(formats, true)
}

// Type is io.type(v): "file", "closed file" or nil.
func Type(v any) (name string, ok bool) {
	f, ok := lua.Plain(v).(*File)
	if ok && f.closed {
		return "closed file", true
	}
	return "file", ok
}

// Close is io.close(file).
func Close(v any, at lua.Argument) bool {
	f, ok := lua.Plain(v).(*File)
	if !ok {
		at.Throw("FILE* expected, got " + lua.TypeName(v))
	}
	return f.Close(at)
}

// LuaType is what type() says of a file.
func (f *File) LuaType() string { return "userdata" }

// Method returns file:name.
func (f *File) Method(name string) func(at lua.Argument, args lua.Values) lua.Values {
	switch name {
	case "read":
		return func(at lua.Argument, args lua.Values) lua.Values { return f.Read(at, args...) }
	case "lines":
		return func(at lua.Argument, args lua.Values) lua.Values { return lua.Values{f.Lines(at, args...)} }
	case "seek":
		return func(at lua.Argument, args lua.Values) lua.Values { return f.Seek(at, args...) }
	case "write":
		return func(at lua.Argument, args lua.Values) lua.Values { return f.Write(at, args...) }
	case "close":
		return func(at lua.Argument, _ lua.Values) lua.Values { return lua.Values{f.Close(at)} }
	case "flush", "setvbuf":
		return func(at lua.Argument, _ lua.Values) lua.Values { return lua.Values{f.Flush(at)} }
	}
	return nil
}

// Close is file:close().
func (f *File) Close(at lua.Argument) bool {
	f.check(at)
	f.closed = true
	return true
}

// Flush is file:flush().
func (f *File) Flush(at lua.Argument) bool {
	f.check(at)
	return true
}

// SetBuffer is file:setvbuf(…): it does nothing.
func (f *File) SetBuffer(at lua.Argument, _ ...any) bool { return f.Flush(at) }

// Write is file:write(…): a file that is read can't be written.
func (f *File) Write(at lua.Argument, _ ...any) lua.Values {
	f.check(at)
	return lua.Values{nil, notOpenFor, 9.0}
}

// Lines is file:lines(formats…).
func (f *File) Lines(at lua.Argument, formats ...any) lua.Value {
	f.check(at)
	return f.lines(formats, false)
}

func (f *File) check(at lua.Argument) {
	if f.closed {
		at.Fail(useOfClosed)
	}
}

// lines is file:lines(formats…), which closes the file at its end if it is ours
// alone.
func (f *File) lines(formats []any, own bool) lua.Value {
	return lua.NewFunction(func(lua.Values) lua.Values {
		at := lua.TailArg(1)
		f.check(at)
		found := f.Read(at, formats...)
		if own && found.At(0) == nil {
			f.closed = true
		}
		return found
	})
}

// Seek is file:seek(whence, offset): the new place, from the file's beginning.
func (f *File) Seek(at lua.Argument, args ...any) lua.Values {
	f.check(at)
	given := lua.Values(args)
	whence, by := "cur", 0.0
	if lua.Plain(given.At(0)) != nil {
		whence = at.Text(given.At(0))
	}
	if lua.Plain(given.At(1)) != nil {
		by = at.After(1).Number(given.At(1))
	}
	start := 0
	switch whence {
	case "set":
	case "cur":
		start = f.offset
	case "end":
		start = len(f.text)
	default:
		at.Throw("invalid option '" + whence + "'")
	}
	place := start + lua.Int(by)
	if place < 0 {
		return lua.Values{nil, invalid, 22.0}
	}
	f.offset = place
	return lua.Values{float64(place)}
}

// rest is what has not been read.
func (f *File) rest() string { return f.text[min(f.offset, len(f.text)):] }

// take reads n bytes, or as many as there are.
func (f *File) take(n int) string {
	rest := f.rest()
	found := rest[:min(n, len(rest))]
	f.offset += len(found)
	return found
}

// Read is file:read(formats…): what the first format finds that finds nothing is
// nil, and the last.
func (f *File) Read(at lua.Argument, formats ...any) lua.Values {
	f.check(at)
	if len(formats) == 0 {
		return lua.Values{f.line(false)}
	}
	found := make(lua.Values, 0, len(formats))
	for index, format := range formats {
		value := f.one(at.After(index), format)
		found = append(found, value)
		if value == nil {
			break
		}
	}
	return found
}

// ReadAll is file:read("*a").
func (f *File) ReadAll(at lua.Argument) string {
	f.check(at)
	return f.take(len(f.rest()))
}

// ReadLine is file:read("*l").
func (f *File) ReadLine(at lua.Argument) (line string, ok bool) {
	f.check(at)
	line, ok = f.line(false).(string)
	return line, ok
}

func (f *File) one(at lua.Argument, format lua.Value) lua.Value {
	switch wanted := lua.Plain(format).(type) {
	case float64:
		return f.bytes(lua.Int(wanted))
	case string:
		kind := strings.TrimPrefix(wanted, "*")
		switch {
		case strings.HasPrefix(kind, "n"):
			return f.number()
		case strings.HasPrefix(kind, "l"):
			return f.line(false)
		case strings.HasPrefix(kind, "L"):
			return f.line(true)
		case strings.HasPrefix(kind, "a"):
			return f.take(len(f.rest()))
		}
		at.Throw("invalid format")
	}
	at.Throw("invalid option")
	return nil
}

// bytes reads n bytes; nil at the end.
func (f *File) bytes(n int) lua.Value {
	if f.rest() == "" {
		return nil
	}
	return f.take(max(n, 0))
}

// line reads a line, with its end if that is wanted; nil at the end.
func (f *File) line(whole bool) lua.Value {
	rest := f.rest()
	if rest == "" {
		return nil
	}
	end := strings.IndexByte(rest, '\n')
	if end < 0 {
		return f.take(len(rest))
	}
	found := f.take(end + 1)
	if !whole {
		found = found[:end]
	}
	return found
}

// number reads a number as C's scanf does: the longest beginning of one; nil where
// none stands.
func (f *File) number() lua.Value {
	rest := f.rest()
	start := len(rest) - len(strings.TrimLeft(rest, " \t\n\v\f\r"))
	f.offset += start
	end := numberEnd(rest[start:])
	text := f.take(end)
	number, ok := lua.ToNumberOf(text).(float64)
	if !ok {
		return nil
	}
	return number
}

// numberEnd is how long the beginning of a text is that can become a number.
func numberEnd(text string) int {
	at := span(text, 0, "+-", 1)
	digits := "0123456789"
	hex := strings.HasPrefix(strings.ToLower(text[at:]), "0x")
	if hex {
		at, digits = at+2, "0123456789abcdefABCDEF"
	}
	at = span(text, at, digits, -1)
	at = span(text, at, ".", 1)
	at = span(text, at, digits, -1)
	exponent := "eE"
	if hex {
		exponent = "pP"
	}
	if after := span(text, at, exponent, 1); after > at {
		at = span(text, span(text, after, "+-", 1), "0123456789", -1)
	}
	return at
}

// span is where the bytes from a place end that are among some; at most so many.
func span(text string, at int, among string, most int) int {
	for at < len(text) && most != 0 && strings.IndexByte(among, text[at]) >= 0 {
		at++
		most--
	}
	return at
}
