// Package webdis sends Redis commands as HTTP calls to a Webdis, which talks to
// Redis: for gateways that have no Redis client for plugins.
//
// The cluster of a server is a Webdis in front of that Redis. Commands are POSTed
// as COMMAND/argument/….raw, and the answer is RESP.
package webdis

import (
	"encoding/base64"
	"strconv"
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// Transport is the transport for Envoy, Istio, and Envoy Gateway.
var Transport transport.Redis = webdis{}

type webdis struct{}

// DefaultCluster is webdis|PORT|ADDRESS.
func (webdis) DefaultCluster(address string, port int) string {
	return "webdis|" + strconv.Itoa(port) + "|" + address
}

// Select lets every database be addressed: it stands in each command.
func (webdis) Select(server *transport.Server, database int) (*transport.Server, bool) {
	if database < 0 {
		return nil, false
	}
	selected := *server
	selected.Database = database
	return &selected, true
}

// Call sends one command.
func (webdis) Call(h host.Host, server *transport.Server, command []string, timeout time.Duration, done func(transport.Answer)) {
	sent, isWrapped := wrap(command)
	began := h.Now()
	err := h.CallHTTP(server.Cluster, headers(server), body(server, sent), timeout, func(reply host.HTTPReply) {
		if reply.Status == 0 && time.Duration(h.Now()-began) >= timeout {
			reply.Status = 504 // it ran out in the middle of the answer
		}
		answer := answer(reply, timeout)
		switch {
		case answer.Failure != transport.None:
		case isWrapped:
			answer.Reply = unwrap(command, answer.Reply)
		case !isTrusted(command, answer.Reply):
			answer = transport.Answer{Failure: transport.Closed, Reason: "Webdis cannot carry an array in the answer to this command"}
		}
		done(answer)
	})
	if err != nil {
		done(transport.Answer{Failure: transport.Refused, Reason: "cluster " + server.Cluster + " takes no call: " + err.Error()})
	}
}

// headers of a call. A configured password is for Webdis itself, which has the
// one for Redis in its own configuration.
func headers(server *transport.Server) [][2]string {
	h := [][2]string{
		{":method", "POST"},
		{":path", "/"},
		{":authority", "webdis"},
		{"content-type", "application/octet-stream"},
	}
	if server.Password != "" {
		h = append(h, [2]string{"authorization", basicAuth(server.Username, server.Password)})
	}
	return h
}

// basicAuth is the value of an Authorization header.
func basicAuth(username, password string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(username+":"+password))
}

// body is DATABASE/COMMAND/ARGUMENT/….raw with all parts percent-encoded.
func body(server *transport.Server, command []string) []byte {
	var b []byte
	if server.Database != 0 {
		b = strconv.AppendInt(b, int64(server.Database), 10)
		b = append(b, '/')
	}
	for i, part := range command {
		if i > 0 {
			b = append(b, '/')
		}
		b = appendEscaped(b, part)
	}
	return append(b, ".raw"...)
}

// appendEscaped appends s with all but letters, digits, "_" and "-"
// percent-encoded. (Webdis does not decode the command itself, but the names of
// commands hold nothing else.)
func appendEscaped(b []byte, s string) []byte {
	const digits = "0123456789ABCDEF"
	for i := 0; i < len(s); i++ {
		c := s[i]
		if 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '_' || c == '-' {
			b = append(b, c)
			continue
		}
		b = append(b, '%', digits[c>>4], digits[c&15])
	}
	return b
}

// answer interprets what came back. The gateway itself answers with 504 for a
// timeout and with 503 when it cannot reach Webdis; Webdis answers with 503 when
// it cannot reach Redis, and with 403 for commands that its own rules forbid.
func answer(reply host.HTTPReply, timeout time.Duration) transport.Answer {
	switch reply.Status {
	case 200:
		return transport.Answer{Reply: reply.Body}
	case 504:
		return transport.Answer{Failure: transport.Timeout, Reason: "no answer within " + timeout.String()}
	case 503:
		return transport.Answer{Failure: transport.Refused, Reason: "Webdis or its Redis cannot be reached"}
	case 403:
		return transport.Answer{Failure: transport.Closed, Reason: "Webdis forbids this command"}
	case 0:
		return transport.Answer{Failure: transport.Closed, Reason: "the connection to Webdis broke in the middle of the answer"}
	default:
		return transport.Answer{Failure: transport.Closed, Reason: "Webdis answered with HTTP status " + strconv.Itoa(reply.Status)}
	}
}
