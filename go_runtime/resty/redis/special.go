package redis

import (
	"strconv"

	"snippet2wasm.internal/plugin/runtime/lua"
)

// Auth is red:auth(password) or red:auth(username, password). Nothing is sent,
// as the gateway's connection is shared and has its own credentials, those of
// the plugin's configuration: the result tells whether they are the same.
func (c *Client) Auth(args ...any) (Reply, lua.OptString) { return c.Do("auth", args...) }

// auth compares credentials with the configured ones.
func (c *Client) auth(args []string) (Reply, lua.OptString) {
	if len(args) < 1 || len(args) > 2 {
		return wrongNumber("auth")
	}
	username, password := "", args[len(args)-1]
	if len(args) == 2 && args[0] != "default" {
		username = args[0]
	}
	switch {
	case c.server.Username == username && c.server.Password == password:
		return ok()
	case c.server.Password == "" && username == "" && len(args) == 2:
		return ok() // Redis lets the default user in with any password while it has none
	case c.server.Password == "" && len(args) == 1:
		return refuse("ERR AUTH <password> called without any password configured for the default user. " +
			"Are you sure your configuration is correct?")
	default:
		return refuse("WRONGPASS invalid username-password pair or user is disabled.")
	}
}

// Select is red:select(database). Nothing is sent: a transport that can, sends
// the commands that follow to that database; another accepts only the database
// of the plugin's configuration.
func (c *Client) Select(args ...any) (Reply, lua.OptString) { return c.Do("select", args...) }

// selectDatabase makes commands go to another database.
func (c *Client) selectDatabase(args []string) (Reply, lua.OptString) {
	if len(args) != 1 {
		return wrongNumber("select")
	}
	database, err := strconv.Atoi(args[0])
	if err != nil {
		return refuse("ERR value is not an integer or out of range")
	}
	server, possible := c.redis.Select(c.server, database)
	if !possible {
		c.log([]string{"select"}, "database "+strconv.Itoa(database)+" is not the one in the configuration, "+
			strconv.Itoa(c.server.Database))
		return refuse("ERR DB index is out of range")
	}
	c.server = server
	return ok()
}

// ok is the reply OK.
func ok() (Reply, lua.OptString) { return replyOf("OK"), lua.None }

// refuse is an error reply.
func refuse(text string) (Reply, lua.OptString) { return Reply{kind: kindFalse}, lua.Some(text) }

// wrongNumber is the error reply to a command with too few or too many arguments.
func wrongNumber(command string) (Reply, lua.OptString) {
	return refuse("ERR wrong number of arguments for '" + command + "' command")
}

// HMSet is red:hmset(key, field, value, …) or red:hmset(key, table).
func (c *Client) HMSet(args ...any) (Reply, lua.OptString) {
	if len(args) != 2 {
		return c.Do("hmset", args...)
	}
	fields, isTable := lua.Plain(args[1]).(*lua.Table)
	if !isTable {
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
	items, isTable := lua.Plain(list).(*lua.Table)
	if !isTable {
		lua.GetLength.Throw(list, lua.Operand{Kind: "local", Name: "t"})
	}
	hash := lua.NewTable(0)
	for i := 1; i <= items.Len(); i += 2 {
		hash.Set(items.Get(float64(i)), items.Get(float64(i+1)))
	}
	return hash
}
