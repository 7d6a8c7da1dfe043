package re

import "snippet2wasm.internal/plugin/runtime/regex"

const (
	// maxPatterns and maxPatternBytes bound the cache of compiled patterns, which lives as long as the VM.
	maxPatterns     = 1024
	maxPatternBytes = 1 << 20
)

// key is what a compiled pattern is found by.
type key struct {
	text  string
	flags regex.Flags
}

// patterns are those that were compiled; they do not change, so all configurations of a VM share them.
var (
	patterns     = map[key]*regex.Regex{}
	patternBytes int
)

// compile returns the compiled pattern of a text. A full cache is emptied.
func compile(text string, flags regex.Flags) (*regex.Regex, error) {
	wanted := key{text, flags}
	if found := patterns[wanted]; found != nil {
		return found, nil
	}
	found, err := regex.Compile(text, flags)
	if err != nil {
		return nil, err
	}
	if len(patterns) >= maxPatterns || patternBytes+len(text) > maxPatternBytes {
		clear(patterns)
		patternBytes = 0
	}
	patterns[wanted] = found
	patternBytes += len(text)
	return found, nil
}
