package webdis

import (
	"bytes"
	"strconv"
	"strings"
)

// Webdis (0.1.9, as distributions ship it) loses a part of what Redis answers:
// inside of an array it writes integers as strings and drops nulls and nested
// arrays, and integers beyond 31 bits come out cut short. A string, however,
// comes through whole. So commands whose answer may hold such things are run by
// a script, inside of Redis, that puts the answer in RESP into one string.

// carriage says how a command has to travel.
type carriage int

const (
	plain   carriage = iota // as it is; an array in its answer cannot be trusted
	strung                  // as it is; its arrays hold nothing but strings
	wrapped                 // by the script
)

// carriages has the commands that do not travel plainly.
var carriages = makeCarriages(map[carriage]string{
	strung: `config hgetall hkeys hrandfield hvals keys lpop lrange rpop sdiff sinter smembers spop
		srandmember sunion time zdiff zinter zpopmax zpopmin zrandmember zrange zrangebylex zrangebyscore
		zrevrange zrevrangebylex zrevrangebyscore zunion`,
	wrapped: `bitfield bitfield_ro decr decrby geohash geopos georadius georadius_ro georadiusbymember
		georadiusbymember_ro geosearch hincrby hmget hscan incr incrby lcs lmpop lpos mget pexpiretime pttl
		scan smismember sort sort_ro sscan xautoclaim xclaim xinfo xpending xrange xread xreadgroup xrevrange
		zmpop zmscore zscan`,
})

// makeCarriages turns lists of commands into a table.
func makeCarriages(lists map[carriage]string) map[string]carriage {
	table := map[string]carriage{}
	for how, list := range lists {
		for _, command := range strings.Fields(list) {
			table[command] = how
		}
	}
	return table
}

// carriageOf looks a command up, whatever its case.
func carriageOf(command []string) carriage { return carriages[strings.ToLower(command[0])] }

// encoder is a function in Redis's Lua that writes an answer in RESP, with
// Redis's own rules for turning Lua values into answers.
const encoder = `local function e(v)
local t=type(v)
if t=='number' then return ':'..string.format('%.0f',v<0 and math.ceil(v) or math.floor(v))..'\r\n' end
if t=='string' then return '$'..#v..'\r\n'..v..'\r\n' end
if t=='table' then
if v.err then return '-'..string.gsub(v.err,'[\r\n]',' ')..'\r\n' end
if v.ok then return '+'..string.gsub(v.ok,'[\r\n]',' ')..'\r\n' end
local o,i={},1
while v[i]~=nil do o[i]=e(v[i]) i=i+1 end
return '*'..(i-1)..'\r\n'..table.concat(o)
end
if v then return ':1\r\n' end
return '$-1\r\n'
end
`

// caller runs the command in ARGV.
const caller = encoder + "return e(redis.pcall(unpack(ARGV)))"

// wrap returns the command that is really sent, and whether its answer has to
// be unwrapped.
func wrap(command []string) (sent []string, isWrapped bool) {
	if carriageOf(command) == wrapped {
		return append([]string{"eval", caller, "0"}, command...), true
	}
	if script, ok := wrapScript(command); ok {
		sent = append([]string(nil), command...)
		sent[1] = script
		return sent, true
	}
	return command, false
}

// wrapScript changes the script of an EVAL so that it encodes what it returns.
// The script stays on its lines, so that line numbers in errors are right. One
// with a shebang, which has to come first, is left alone.
func wrapScript(command []string) (string, bool) {
	name := strings.ToLower(command[0])
	if name != "eval" && name != "eval_ro" || len(command) < 3 || strings.HasPrefix(command[1], "#!") {
		return "", false
	}
	return "local r=(function() " + command[1] + "\nend)()\n" + encoder + "return e(r)", true
}

// wrongNumber is how Redis puts it to a script that a command has too few or too
// many arguments.
var wrongNumber = []byte("-ERR Wrong number of args calling Redis command from script")

// unwrap takes the answer out of the string that a script returned, with the
// words that clients get to hear. Anything but a string, an error in general, is
// the answer itself.
func unwrap(command []string, reply []byte) []byte {
	reply = unquote(reply)
	if bytes.HasPrefix(reply, wrongNumber) && carriageOf(command) == wrapped {
		return []byte("-ERR wrong number of arguments for '" + strings.ToLower(command[0]) + "' command\r\n")
	}
	return reply
}

// unquote returns the content of a bulk string, and all else as it is.
func unquote(reply []byte) []byte {
	head, rest, ok := bytes.Cut(reply, []byte("\r\n"))
	if !ok || len(head) < 2 || head[0] != '$' || head[1] == '-' {
		return reply
	}
	n, err := strconv.Atoi(string(head[1:]))
	if err != nil || n > len(rest) {
		return reply
	}
	return rest[:n]
}

// isTrusted reports whether an answer that was not wrapped says what Redis said:
// arrays only do when the command's hold nothing but strings.
func isTrusted(command []string, reply []byte) bool {
	return len(reply) == 0 || reply[0] != '*' || carriageOf(command) == strung
}
