//go:build regexp

package main

import "regexp"

func match(pattern, subject string) (string, error) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return "", err
	}
	return re.FindString(subject), nil
}
