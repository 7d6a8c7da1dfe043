//go:build pcre

package main

import "go.elara.ws/pcre"

func match(pattern, subject string) (string, error) {
	re, err := pcre.Compile(pattern)
	if err != nil {
		return "", err
	}
	return re.FindString(subject), nil
}
