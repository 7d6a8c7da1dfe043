package redis

import (
	"snippet2wasm.internal/plugin/runtime/internal/cosocket"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// InitPipeline is red:init_pipeline(n): commands are kept until CommitPipeline.
func (c *Client) InitPipeline(...any) {
	c.pipelining = true
	c.pipeline = nil
}

// CancelPipeline is red:cancel_pipeline(): the kept commands are dropped.
func (c *Client) CancelPipeline() {
	c.pipelining = false
	c.pipeline = nil
}

// CommitPipeline is red:commit_pipeline(): a table with the reply of every
// command, {false, "ERR …"} for an error. The commands go out one after another,
// each when its predecessor is answered, so that their order is kept.
func (c *Client) CommitPipeline() (Reply, lua.OptString) {
	if !c.pipelining {
		return Reply{}, lua.Some("no pipeline")
	}
	lines := c.pipeline
	c.CancelPipeline()
	if !c.connected {
		return Reply{}, cosocket.ErrClosed
	}
	replies := lua.NewTable(len(lines))
	for _, line := range lines {
		reply, err := c.exchange(line)
		if reply.kind == kindNil {
			return Reply{}, err
		}
		if reply.kind == kindFalse {
			reply = replyOf(lua.ListOf(false, err.Value()))
		}
		replies.Append(reply.Value())
	}
	return replyOf(replies), lua.None
}
