package testhost

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
)

// recording is what real nginx did with one request; see the file format in
// the project's documentation.
type recording struct {
	Name         string            `json:"name"`
	SourceSHA256 string            `json:"source_sha256"`
	RecordedWith map[string]string `json:"recorded_with"`
	// Config is the plugin configuration for the replay.
	Config json.RawMessage `json:"config"`
	// Clock is the time during the request, in seconds since 1970.
	Clock        int64      `json:"clock"`
	Request      request    `json:"request"`
	Redis        []exchange `json:"redis"`
	RedisFailure string     `json:"redis_failure"` // "", "refused", or "timeout"
	Response     response   `json:"response"`
	Log          []logLine  `json:"log"`
}

// request is what the client sent, as characters of Latin-1.
type request struct {
	Method  string      `json:"method"`
	Target  string      `json:"target"`
	Headers [][2]string `json:"headers"`
	Body    string      `json:"body"`
}

// exchange is a command to Redis and its raw reply; bytes are written as
// characters of Latin-1. A nil reply did not come in time.
type exchange struct {
	Command []string `json:"command"`
	Reply   *string  `json:"reply"`
}

// response is what the client got. Upstream says that the request reached the
// upstream, which then made the response. Status 0 is no response at all.
//
// Headers and Body are what the client got; of an upstream's response only the
// headers that the snippet added. Received are the headers of the request that
// the upstream got. What is nil was not recorded.
type response struct {
	Status   int         `json:"status"`
	Upstream bool        `json:"upstream"`
	Headers  [][2]string `json:"headers"`
	Body     *string     `json:"body"`
	Received [][2]string `json:"received"`
	// Answer is what the upstream answered, nil where no handler acts on that; then
	// Headers and Body are all that the client got of it.
	Answer *answer `json:"answer"`
}

// answer is a response of the upstream.
type answer struct {
	Status  int         `json:"status"`
	Headers [][2]string `json:"headers"`
	Body    string      `json:"body"`
}

// logLine is a line that the snippet logged.
type logLine struct {
	Level   string `json:"level"`
	Message string `json:"message"`
}

// load reads a recording. Unknown keys are errors: a replay that overlooks one
// proves nothing.
func load(file string) (*recording, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	decoder := json.NewDecoder(bytes.NewReader(data))
	decoder.DisallowUnknownFields()
	r := &recording{}
	if err := decoder.Decode(r); err != nil {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	switch r.RedisFailure {
	case "", failureRefused, failureTimeout:
	default:
		return nil, fmt.Errorf("%s: unknown redis_failure %q", file, r.RedisFailure)
	}
	if r.Request.Target == "" {
		return nil, fmt.Errorf("%s: the recording has no request", file)
	}
	return r, nil
}

// The values of redis_failure.
const (
	failureRefused = "refused"
	failureTimeout = "timeout"
)

// bytesOf turns characters of Latin-1 back into the bytes that they stand for.
// A recording holds no others.
func bytesOf(s string) string {
	out := make([]byte, 0, len(s))
	for _, c := range s {
		out = append(out, byte(c))
	}
	return string(out)
}

// allBytesOf is bytesOf for every element.
func allBytesOf(list []string) []string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = bytesOf(s)
	}
	return out
}
