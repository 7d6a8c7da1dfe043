//go:build own

package main

import "snippet2wasm.internal/plugin/runtime/regex"

func match(pattern, subject string) (string, error) {
	re, err := regex.Compile(pattern, 0)
	if err != nil {
		return "", err
	}
	found, err := re.Match(subject, 0, nil)
	if found == nil {
		return "", err
	}
	return subject[found[0]:found[1]], err
}
