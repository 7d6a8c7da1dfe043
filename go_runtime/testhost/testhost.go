// Package testhost runs the plugin of a test binary without a gateway, against
// recordings of what real nginx did with the same snippet: same requests, same
// answers from Redis, same clock.
package testhost

import (
	"path/filepath"
	"strings"
	"testing"

	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/internal/host"
	"snippet2wasm.internal/plugin/runtime/internal/sdkhost"
)

// Replay replays every recording that matches pattern, as a subtest each, with
// the plugin that the test binary registers. It fails when none matches.
func Replay(t *testing.T, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatalf("pattern %q: %v", pattern, err)
	}
	if len(files) == 0 {
		t.Fatalf("no recording matches %q", pattern)
	}
	program := sdkhost.Registered()
	if program == nil {
		t.Fatal("no plugin is registered; plugin.Register has to be called by an init function")
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), filepath.Ext(file))
		t.Run(name, func(t *testing.T) {
			recording, err := load(file)
			if err != nil {
				t.Fatal(err)
			}
			replay(t, program, recording)
		})
	}
}

// replay runs one recorded request and compares.
func replay(t *testing.T, program *engine.Program, recording *recording) {
	t.Helper()
	gateway := newGateway(recording)
	redis := &recordedRedis{recording: recording}
	replayed := *program
	if replayed.Redis != nil {
		replayed.Redis = redis
	}
	root := engine.NewRoot(gateway, &replayed)
	if !root.Configure(recording.Config) {
		t.Fatalf("the configuration of the recording is refused: %s", strings.Join(gateway.allLines(), "; "))
	}
	stream := root.NewStream(requestID)
	if stream.OnRequestHeaders() == host.Continue {
		gateway.Resume()
	}
	for redis.answerNext() {
	}
	for _, difference := range compare(recording, gateway, redis) {
		t.Error(difference)
	}
	if t.Failed() {
		t.Logf("log of the plugin:\n%s", strings.Join(gateway.allLines(), "\n"))
	}
}
