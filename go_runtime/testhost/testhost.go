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
	"snippet2wasm.internal/plugin/runtime/plugin"
)

// Replay replays every recording that matches pattern, as a subtest each, with
// the plugin that the test binary registers. It fails when none matches.
func Replay(t *testing.T, pattern string) {
	t.Helper()
	program := sdkhost.Registered()
	if program == nil {
		t.Fatal("no plugin is registered; plugin.Register has to be called by an init function")
	}
	replayAll(t, program, pattern)
}

// ReplayUnit is Replay with a unit of a bundle.
func ReplayUnit(t *testing.T, unit plugin.Unit, pattern string) {
	t.Helper()
	replayAll(t, unit.Program(), pattern)
}

// replayAll replays every recording that matches pattern.
func replayAll(t *testing.T, program *engine.Program, pattern string) {
	t.Helper()
	files, err := filepath.Glob(pattern)
	if err != nil {
		t.Fatalf("pattern %q: %v", pattern, err)
	}
	if len(files) == 0 {
		t.Fatalf("no recording matches %q", pattern)
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

// replay runs one recorded request and reports what differs.
func replay(t *testing.T, program *engine.Program, recording *recording) {
	t.Helper()
	differences, log := play(program, recording)
	for _, difference := range differences {
		t.Error(difference)
	}
	if t.Failed() {
		t.Logf("log of the plugin:\n%s", strings.Join(log, "\n"))
	}
}

// play runs one recorded request. It returns what the plugin did otherwise than
// nginx, a sentence each, and the plugin's log.
func play(program *engine.Program, recording *recording) (differences, log []string) {
	gateway := newGateway(recording)
	redis := &recordedRedis{recording: recording}
	replayed := *program
	if replayed.Redis != nil {
		replayed.Redis = redis
	}
	root := engine.NewRoot(gateway, &replayed)
	if !root.Configure(recording.Config) {
		return []string{"the plugin refuses the configuration of the recording"}, gateway.allLines()
	}
	stream := root.NewStream(requestID)
	if gateway.body != "" {
		stream.ExpectBody()
	}
	action := stream.OnRequestHeaders()
	if action == host.Hold {
		action = stream.OnRequestBody(len(gateway.body), true)
	}
	if action == host.Continue {
		gateway.Resume()
	}
	for {
		if redis.answerNext() {
			continue
		}
		if !gateway.sleep() {
			break
		}
		root.OnTick()
	}
	gateway.respond(stream)
	return compare(recording, gateway, redis), gateway.allLines()
}
