package higress

import (
	"bufio"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
)

// connection is one to a real Redis; the gateway has one for each cluster.
type connection struct {
	t      *testing.T
	socket net.Conn
	reader *bufio.Reader
}

// newRedis connects to the tests' Redis and empties it. What the test sets with
// CONFIG SET it has to set back.
func newRedis(t *testing.T) *connection {
	t.Helper()
	redis := dial(t)
	redis.do("FLUSHALL")
	return redis
}

// dial connects to the tests' Redis.
func dial(t *testing.T) *connection {
	t.Helper()
	socket, err := net.DialTimeout("tcp", os.Getenv("REDIS_ADDRESS"), 5*time.Second)
	if err != nil {
		t.Fatalf("REDIS_ADDRESS: %v", err)
	}
	t.Cleanup(func() { _ = socket.Close() })
	if err := socket.SetDeadline(time.Now().Add(30 * time.Second)); err != nil {
		t.Fatal(err)
	}
	return &connection{t, socket, bufio.NewReader(socket)}
}

// send writes a query as it is.
func (c *connection) send(query []byte) {
	c.t.Helper()
	if _, err := c.socket.Write(query); err != nil {
		c.t.Fatal(err)
	}
}

// receive reads one answer, which is what the gateway hands on for one call.
func (c *connection) receive() []byte {
	c.t.Helper()
	reply, err := readReply(c.reader)
	if err != nil {
		c.t.Fatal(err)
	}
	return reply
}

// forward carries a call's query to Redis and brings the answer.
func (c *connection) forward(call call) []byte {
	c.t.Helper()
	c.send(call.query)
	return c.receive()
}

// do runs a command of the test's own; an error fails the test.
func (c *connection) do(words ...string) string {
	c.t.Helper()
	c.send(encode(words))
	reply := string(c.receive())
	if strings.HasPrefix(reply, "-") {
		c.t.Fatalf("%s: %s", words, reply)
	}
	return reply
}

// number is do for a command that is answered with a number.
func (c *connection) number(words ...string) int {
	c.t.Helper()
	reply := c.do(words...)
	n, err := strconv.Atoi(strings.Trim(reply, ":\r\n"))
	if err != nil {
		c.t.Fatalf("%s: %q is no number", words, reply)
	}
	return n
}

// encode writes a command in RESP.
func encode(words []string) []byte {
	var b strings.Builder
	fmt.Fprintf(&b, "*%d\r\n", len(words))
	for _, word := range words {
		fmt.Fprintf(&b, "$%d\r\n%s\r\n", len(word), word)
	}
	return []byte(b.String())
}

// readReply reads one answer in RESP and returns its bytes.
func readReply(r *bufio.Reader) ([]byte, error) {
	reply, err := r.ReadBytes('\n')
	if err != nil {
		return nil, err
	}
	if reply[0] != '$' && reply[0] != '*' {
		return reply, nil
	}
	size, err := strconv.Atoi(strings.TrimRight(string(reply[1:]), "\r\n"))
	if err != nil || size < 0 {
		return reply, err
	}
	if reply[0] == '$' {
		rest := make([]byte, size+len("\r\n"))
		for read := 0; read < len(rest); {
			n, err := r.Read(rest[read:])
			if err != nil {
				return nil, err
			}
			read += n
		}
		return append(reply, rest...), nil
	}
	for range size {
		part, err := readReply(r)
		if err != nil {
			return nil, err
		}
		reply = append(reply, part...)
	}
	return reply, nil
}
