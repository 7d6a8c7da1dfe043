// Command size is a program whose only use of an engine is one match: its size as wasm is that of the engine. Which
// engine it is, a build tag says.
package main

import "os"

func main() {
	found, err := match(os.Args[0], os.Args[len(os.Args)-1])
	os.Stdout.WriteString(found)
	if err != nil {
		os.Stdout.WriteString(err.Error())
	}
}
