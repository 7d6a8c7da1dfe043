// Package lua holds what compiled Lua code needs from the Lua language itself:
// how numbers become text, strings that may be nil, tables, dynamic values, and
// errors with the texts that LuaJIT gives them.
//
// The reference is LuaJIT 2.1 as OpenResty ships it; the tests compare with a
// real luajit.
package lua
