// Package hostredis sends Redis commands through the host functions that
// Higress adds to proxy-wasm.
//
// The gateway has one connection per worker and cluster, which all plugins
// share; it logs in and selects the database when it connects. Every call carries
// one command: with two, every later answer would go to the wrong caller.
package hostredis

import (
	"strconv"
	"strings"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// Transport is the transport for Higress.
var Transport transport.Redis = &hostRedis{ready: map[string]settings{}}

// hostRedis knows with which settings this VM last initialised each cluster.
type hostRedis struct {
	ready map[string]settings
}

// settings are what a cluster is initialised with.
type settings struct {
	username, password string
	database           int
}

// DefaultCluster is Higress's name for a service that was registered under the
// address itself.
func (t *hostRedis) DefaultCluster(address string, port int) string {
	return "outbound|" + strconv.Itoa(port) + "||" + address
}

// Select accepts only the database that the connection was made with.
func (t *hostRedis) Select(server *transport.Server, database int) (*transport.Server, bool) {
	return server, database == server.Database
}

// Call sends one command. The timeout is a property of the connection: the one
// of the first command counts.
func (t *hostRedis) Call(h host.Host, server *transport.Server, command []string, timeout time.Duration, done func(transport.Answer)) {
	gateway, ok := h.(host.RedisHost)
	if !ok {
		done(transport.Answer{Failure: transport.Refused, Reason: "this gateway has no host functions for Redis"})
		return
	}
	if err := t.init(gateway, server, timeout); err != nil {
		done(transport.Answer{Failure: transport.Refused, Reason: "cluster " + server.Cluster + " is not there: " + err.Error()})
		return
	}
	sent := h.Now()
	err := gateway.CallRedis(server.Cluster, Encode(command), func(reply host.RedisReply) {
		done(answer(reply, time.Duration(h.Now()-sent), timeout))
	})
	if err != nil {
		delete(t.ready, server.Cluster) // should it come back, it needs its settings again
		done(transport.Answer{Failure: transport.Refused, Reason: "cluster " + server.Cluster + " takes no command: " + err.Error()})
	}
}

// init prepares a cluster before its first command. The cluster may have been
// unknown so far, so a failure is not kept. An init replaces the settings of the
// whole cluster, so one with other settings makes the next command init again:
// slow where two configurations take turns, but no command goes to the wrong
// database.
func (t *hostRedis) init(gateway host.RedisHost, server *transport.Server, timeout time.Duration) error {
	wanted := settings{server.Username, server.Password, server.Database}
	if last, ok := t.ready[server.Cluster]; ok && last == wanted {
		return nil
	}
	cluster := server.Cluster
	if server.Database != 0 {
		cluster += "?db=" + strconv.Itoa(server.Database)
	}
	if err := gateway.InitRedis(cluster, server.Username, server.Password, timeout); err != nil {
		return err
	}
	t.ready[server.Cluster] = wanted
	return nil
}

// answer interprets what the gateway reports. It has one status for every
// failure; one that took as long as the timeout is a timeout.
func answer(reply host.RedisReply, took, timeout time.Duration) transport.Answer {
	switch {
	case !reply.Failed:
		return transport.Answer{Reply: reply.Data}
	case took >= timeout:
		return transport.Answer{Failure: transport.Timeout, Reason: "no answer within " + timeout.String()}
	default:
		return transport.Answer{Failure: transport.Closed, Reason: "the gateway lost the connection"}
	}
}

// Encode writes a command in RESP.
func Encode(command []string) []byte {
	var b strings.Builder
	b.WriteString("*" + strconv.Itoa(len(command)) + "\r\n")
	for _, part := range command {
		b.WriteString("$" + strconv.Itoa(len(part)) + "\r\n" + part + "\r\n")
	}
	return []byte(b.String())
}
