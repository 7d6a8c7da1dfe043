//go:build ignore

// Generate writes commands.go from commands.txt.
package main

import (
	"bytes"
	"fmt"
	"go/format"
	"log"
	"os"
	"strings"
)

func main() {
	list, err := os.ReadFile("commands.txt")
	if err != nil {
		log.Fatal(err)
	}
	var b bytes.Buffer
	b.WriteString("// Code generated from commands.txt by generate.go; DO NOT EDIT.\n\npackage redis\n\n")
	b.WriteString("import \"snippet2wasm.internal/plugin/runtime/lua\"\n")
	for _, line := range strings.Split(string(list), "\n") {
		fields := strings.Fields(line)
		if len(fields) == 0 || fields[0] == "#" {
			continue
		}
		if len(fields) != 2 {
			log.Fatalf("expected a command and a name: %q", line)
		}
		command, name := fields[0], fields[1]
		fmt.Fprintf(&b, "\n// %s is red:%s(args...).\n", name, command)
		fmt.Fprintf(&b, "func (c *Client) %s(args ...any) (Reply, lua.OptString) { return c.Do(%q, args...) }\n", name, command)
	}
	source, err := format.Source(b.Bytes())
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile("commands.go", source, 0o644); err != nil {
		log.Fatal(err)
	}
}
