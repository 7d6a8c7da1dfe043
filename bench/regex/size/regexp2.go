//go:build regexp2

package main

import "github.com/dlclark/regexp2"

func match(pattern, subject string) (string, error) {
	re, err := regexp2.Compile(pattern, 0)
	if err != nil {
		return "", err
	}
	found, err := re.FindStringMatch(subject)
	if found == nil {
		return "", err
	}
	return found.String(), err
}
