// Package transport is how Redis commands and HTTP requests leave the gateway.
// hostredis uses Higress's host functions, webdis HTTP calls to a Webdis in front
// of Redis; HTTP requests are calls to a cluster.
package transport

import (
	"strconv"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// Server is a Redis server, as the plugin's configuration describes it.
type Server struct {
	// Cluster is the gateway's name for the server.
	Cluster  string
	Username string
	Password string
	Database int
	// Timeout is used by connections on which the snippet sets none; 0 stands
	// for nginx's 60 s.
	Timeout time.Duration
}

// Failure says why a command has no answer.
type Failure int

// The failures that Lua code can tell apart.
const (
	None    Failure = iota
	Refused         // no connection could be made
	Closed          // the connection broke
	Timeout         // no answer in time
)

// Answer is the outcome of a command: Reply is its answer in RESP when Failure
// is None.
type Answer struct {
	Failure Failure
	Reply   []byte
	// Reason says, for the log, what the gateway knows about a failure.
	Reason string
}

// Redis carries commands to servers.
type Redis interface {
	// DefaultCluster is the cluster for a server that is not configured.
	DefaultCluster(address string, port int) string
	// Select returns the server with another database, or false when the
	// transport cannot address it.
	Select(server *Server, database int) (*Server, bool)
	// Call sends one command and calls done exactly once, at once or in a later
	// callback of the host.
	Call(h host.Host, server *Server, command []string, timeout time.Duration, done func(Answer))
}

// Service is an HTTP service, as the plugin's configuration describes it.
type Service struct {
	// Cluster is the gateway's name for the service.
	Cluster string
	// Timeout is used by clients for which the snippet sets none; 0 stands for
	// nginx's 60 s.
	Timeout time.Duration
}

// Clusters names the cluster of a service that is not configured.
type Clusters func(host string, port int) string

// EnvoyClusters names clusters for Envoy: http|PORT|HOST.
func EnvoyClusters(host string, port int) string { return "http|" + strconv.Itoa(port) + "|" + host }

// HigressClusters is Higress's name for a service that was registered under the
// host name itself.
func HigressClusters(host string, port int) string {
	return "outbound|" + strconv.Itoa(port) + "||" + host
}
