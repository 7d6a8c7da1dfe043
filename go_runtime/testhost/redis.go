package testhost

import (
	"time"

	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/transport"
)

// recordedRedis is a transport that answers as Redis did in the recording.
type recordedRedis struct {
	recording *recording
	sent      [][]string
	waiting   []func()
}

// DefaultCluster is not used for anything.
func (r *recordedRedis) DefaultCluster(address string, _ int) string { return address }

// Select lets every database be addressed.
func (r *recordedRedis) Select(server *transport.Server, _ int) (*transport.Server, bool) {
	return server, true
}

// Call keeps the command and answers it, later, with the recorded reply.
func (r *recordedRedis) Call(_ host.Host, _ *transport.Server, command []string, _ time.Duration, done func(transport.Answer)) {
	answer := r.answer(command)
	r.waiting = append(r.waiting, func() { done(answer) })
}

// answer is the recorded answer to a command.
func (r *recordedRedis) answer(command []string) transport.Answer {
	if r.recording.RedisFailure == failureRefused {
		return transport.Answer{Failure: transport.Refused}
	}
	position := len(r.sent)
	if r.isProbe(command, position) {
		return transport.Answer{Reply: []byte("+PONG\r\n")}
	}
	r.sent = append(r.sent, command)
	if position >= len(r.recording.Redis) {
		return transport.Answer{Failure: transport.Closed}
	}
	reply := r.recording.Redis[position].Reply
	if reply == nil {
		return transport.Answer{Failure: transport.Timeout}
	}
	return transport.Answer{Reply: []byte(bytesOf(*reply))}
}

// isProbe reports whether the command is the PING of a connect whose result is
// used, which nginx does not send.
func (r *recordedRedis) isProbe(command []string, position int) bool {
	if len(command) != 1 || command[0] != "ping" {
		return false
	}
	return position >= len(r.recording.Redis) || r.recording.Redis[position].Command[0] != "ping"
}

// answerNext delivers the oldest answer that waits, if there is one.
func (r *recordedRedis) answerNext() bool {
	if len(r.waiting) == 0 {
		return false
	}
	next := r.waiting[0]
	r.waiting = r.waiting[1:]
	next()
	return true
}
