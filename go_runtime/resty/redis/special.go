package redis

import (
	"strconv"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// Auth is red:auth(password) or red:auth(username, password). Nothing is sent,
// as the gateway's connection is shared and has its own credentials, those of
// the plugin's configuration: the result tells whether they are the same.
func (c *Client) Auth(args ...any) (Reply, lua.OptString) {
	if c.pipelining || !c.connected || len(args) == 0 || len(args) > 2 {
		return c.Do("auth", args...)
	}
	username, password := "", lua.ToString(args[len(args)-1])
	if len(args) == 2 {
		username = lua.ToString(args[0])
	}
	if username == "default" {
		username = ""
	}
	switch {
	case c.server.Username == username && c.server.Password == password:
		return replyOf("OK"), lua.None
	case c.server.Password == "" && username == "":
		return Reply{kind: kindFalse}, lua.Some("ERR AUTH <password> called without any password configured " +
			"for the default user. Are you sure your configuration is correct?")
	default:
		return Reply{kind: kindFalse}, lua.Some("WRONGPASS invalid username-password pair or user is disabled.")
	}
}

// Select is red:select(database). Nothing is sent: a transport that can, sends
// the commands that follow to that database; another accepts only the database
// of the plugin's configuration.
func (c *Client) Select(args ...any) (Reply, lua.OptString) {
	if c.pipelining || !c.connected || len(args) != 1 {
		return c.Do("select", args...)
	}
	database, err := strconv.Atoi(lua.ToString(args[0]))
	if err != nil {
		return Reply{kind: kindFalse}, lua.Some("ERR value is not an integer or out of range")
	}
	server, ok := c.redis.Select(c.server, database)
	if !ok {
		c.log([]string{"select"}, "database "+strconv.Itoa(database)+" is not the one in the configuration, "+
			strconv.Itoa(c.server.Database))
		return Reply{kind: kindFalse}, lua.Some("ERR DB index is out of range")
	}
	c.server = server
	return replyOf("OK"), lua.None
}

// HMSet is red:hmset(key, field, value, …) or red:hmset(key, table).
func (c *Client) HMSet(args ...any) (Reply, lua.OptString) {
	if len(args) != 2 {
		return c.Do("hmset", args...)
	}
	fields, ok := lua.Plain(args[1]).(*lua.Table)
	if !ok {
		lua.ThrowValue("bad argument #1 to 'pairs' (table expected, got " + lua.TypeName(args[1]) + ")")
	}
	flat := []any{args[0]}
	for key, value, _ := fields.Next(nil); key != nil; key, value, _ = fields.Next(key) {
		flat = append(flat, key, value)
	}
	return c.Do("hmset", flat...)
}

// ArrayToHash is red:array_to_hash(list): {a, 1, b, 2} becomes {a = 1, b = 2}.
func (c *Client) ArrayToHash(list any) *lua.Table {
	items, ok := lua.Plain(list).(*lua.Table)
	if !ok {
		lua.GetLength.Throw(list, lua.Operand{Kind: "local", Name: "t"})
	}
	hash := lua.NewTable(0)
	for i := 1; i <= items.Len(); i += 2 {
		hash.Set(items.Get(float64(i)), items.Get(float64(i+1)))
	}
	return hash
}
