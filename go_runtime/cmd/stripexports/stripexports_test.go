package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// pluginSource is a module with callbacks of the ABI and other exports, one of whose names only
// resembles a callback's.
const pluginSource = `package main

//go:wasmexport proxy_on_configure
func configure(a, b int32) int32 { return a + b }

//go:wasmexport proxy_on_request_headers
func requestHeaders(a, b, c int32) int32 { return a + b + c }

//go:wasmexport proxy_on_response_headers
func responseHeaders(a, b, c int32) int32 { return a * b * c }

//go:wasmexport proxy_abi_version_0_2_1
func abiVersion() {}

//go:wasmexport my_proxy_on_tick
func tick() {}

func main() {}
`

// buildModule links pluginSource as a plugin is linked and returns the path of the module.
func buildModule(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"go.mod": "module example\n\ngo 1.24\n", "main.go": pluginSource} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	cmd := exec.Command("go", "build", "-buildmode=c-shared", "-trimpath", "-ldflags=-s -w -buildid=", "-o", "plugin.wasm", ".")
	cmd.Dir = dir
	cmd.Env = append(os.Environ(), "GOOS=wasip1", "GOARCH=wasm", "CGO_ENABLED=0", "GOFLAGS=", "GOWORK=off")
	if output, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, output)
	}
	return filepath.Join(dir, "plugin.wasm")
}

// section is a section of a module: its id and its payload.
type section struct {
	id      byte
	payload []byte
}

// sections splits a module that is known to be sound.
func sections(t *testing.T, module []byte) []section {
	t.Helper()
	r := reader{data: module[len(header):]}
	var all []section
	for len(r.data) > 0 {
		all = append(all, section{id: r.byte(), payload: r.bytes(r.uint32())})
	}
	if r.err != nil {
		t.Fatal(r.err)
	}
	return all
}

// exportNames lists what a module exports, in its order.
func exportNames(t *testing.T, module []byte) []string {
	t.Helper()
	var names []string
	for _, s := range sections(t, module) {
		if s.id != exportSection {
			continue
		}
		r := reader{data: s.payload}
		for range r.uint32() {
			names = append(names, string(r.bytes(r.uint32())))
			r.byte()
			r.uint32()
		}
		if r.err != nil {
			t.Fatal(r.err)
		}
	}
	return names
}

func readFile(t *testing.T, path string) []byte {
	t.Helper()
	content, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	return content
}

func TestStripFile(t *testing.T) {
	path := buildModule(t)
	before := readFile(t, path)
	if err := os.Chmod(path, 0o640); err != nil {
		t.Fatal(err)
	}
	keep := []string{"proxy_on_configure", "proxy_on_request_headers"}
	if err := stripFile(path, keep); err != nil {
		t.Fatal(err)
	}
	after := readFile(t, path)

	var want []string
	for _, name := range exportNames(t, before) {
		if name != "proxy_on_response_headers" {
			want = append(want, name)
		}
	}
	got := exportNames(t, after)
	if !slices.Equal(got, want) {
		t.Errorf("exports = %v, want %v", got, want)
	}
	for _, name := range []string{"memory", "_initialize", "proxy_abi_version_0_2_1", "my_proxy_on_tick"} {
		if !slices.Contains(got, name) {
			t.Errorf("export %s is gone", name)
		}
	}
	sameButExports(t, before, after)

	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("mode = %v, %v, want 0640", info.Mode(), err)
	}
	if names, err := filepath.Glob(path + ".*"); err != nil || names != nil {
		t.Errorf("left behind: %v, %v", names, err)
	}
	if err := stripFile(path, keep); err != nil || !bytes.Equal(readFile(t, path), after) {
		t.Errorf("a second run changed the module, or failed: %v", err)
	}
}

// sameButExports checks that both modules have the same sections, apart from the exports.
func sameButExports(t *testing.T, before, after []byte) {
	t.Helper()
	a, b := sections(t, before), sections(t, after)
	if len(a) != len(b) {
		t.Fatalf("%d sections became %d", len(a), len(b))
	}
	for i := range a {
		if a[i].id != b[i].id || a[i].id != exportSection && !bytes.Equal(a[i].payload, b[i].payload) {
			t.Errorf("section %d (id %d) changed", i, a[i].id)
		}
	}
}

func TestNothingToStrip(t *testing.T) {
	path := buildModule(t)
	before := readFile(t, path)
	keep := []string{"proxy_on_configure", "proxy_on_request_headers", "proxy_on_response_headers"}
	if err := stripFile(path, keep); err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(readFile(t, path), before) {
		t.Error("the module changed though every export is kept")
	}
}

func TestKeptExportMissing(t *testing.T) {
	path := buildModule(t)
	before := readFile(t, path)
	err := stripFile(path, []string{"proxy_on_tick", "proxy_on_configure", "proxy_on_done"})
	if err == nil || err.Error() != "the module does not export proxy_on_done, proxy_on_tick" {
		t.Errorf("error = %v", err)
	}
	if !bytes.Equal(readFile(t, path), before) {
		t.Error("the module changed in spite of the error")
	}
}

func TestNotAModule(t *testing.T) {
	executable, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	for name, content := range map[string][]byte{
		"empty":             {},
		"short":             []byte("\x00asm"),
		"text":              []byte("package main\n"),
		"native executable": readFile(t, executable),
		"component":         []byte("\x00asm\x0d\x00\x01\x00"),
	} {
		_, err := stripExports(content, []string{"proxy_on_configure"})
		if err == nil || !strings.HasPrefix(err.Error(), "not a WebAssembly module") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}

func TestDamagedModule(t *testing.T) {
	sound := readFile(t, buildModule(t))
	keep := []string{"proxy_on_configure"}
	// Behind the exports a cut between two sections would leave a sound module.
	end := len(sound)
	for _, s := range sections(t, sound) {
		if s.id == exportSection {
			end = bytes.Index(sound, s.payload) + len(s.payload)
		}
	}
	for cut := len(header) + 1; cut < end; cut++ {
		if _, err := stripExports(sound[:cut], keep); err == nil {
			t.Errorf("a module cut at %d of %d bytes was accepted", cut, len(sound))
		}
	}
	for name, tail := range map[string]string{
		"number of six bytes":     "\x07\x80\x80\x80\x80\x80\x01",
		"number above 32 bits":    "\x07\x80\x80\x80\x80\x10",
		"name beyond the section": "\x07\x02\x01\x09",
		"export count too high":   "\x07\x06\x02\x01a\x00\x00\x00",
		"bytes after the exports": "\x07\x02\x00\x00",
	} {
		_, err := stripExports([]byte(header+tail), keep)
		if err == nil || !strings.HasPrefix(err.Error(), "damaged WebAssembly module") {
			t.Errorf("%s: error = %v", name, err)
		}
	}
}

func TestFileErrors(t *testing.T) {
	dir := t.TempDir()
	for path, want := range map[string]string{
		filepath.Join(dir, "absent.wasm"): "no such file or directory",
		dir:                               "is a directory",
	} {
		if err := stripFile(path, []string{"proxy_on_configure"}); err == nil || err.Error() != want {
			t.Errorf("%s: error = %v, want %s", path, err, want)
		}
	}
}

func TestAppendUint32(t *testing.T) {
	for _, value := range []uint32{0, 1, 127, 128, 16383, 16384, 1<<32 - 1} {
		r := reader{data: appendUint32(nil, value)}
		if got := r.uint32(); got != value || r.err != nil || len(r.data) != 0 {
			t.Errorf("%d reads back as %d, %v, %d bytes left", value, got, r.err, len(r.data))
		}
	}
}
