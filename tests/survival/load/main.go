// Command load sends many requests through a gateway and is the upstream behind
// it, so that it sees of every request what became of it.
//
// Each request has a number of its own, in a header and, where the kind of request
// wants it, in its target. An answer of the upstream holds the number that arrived
// there; a redirect has it in its Location. What does not fit is reported.
//
// It reads a plan per line from its input, as JSON, and writes a report per line.
package main

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"net/http"
	"os"
)

// Plan is a run.
type Plan struct {
	Requests    int    `json:"requests"`
	Connections int    `json:"connections"`
	Kinds       []Kind `json:"kinds"`
}

// Kind is a kind of request. In Head and Body "@ID@" stands for its number.
type Kind struct {
	Name    string `json:"name"`
	Address string `json:"address"`
	Head    string `json:"head"` // up to the last header
	Body    string `json:"body"`
	// Statuses are those that may come, with what the plugin makes of it.
	Statuses []int `json:"statuses"`
	// Leaves says that the client does not wait for the answer.
	Leaves bool `json:"leaves"`
}

// Report is what came of a run.
type Report struct {
	Answers  map[string]map[int]int `json:"answers"` // by kind and status
	Arrived  int                    `json:"arrived"` // at the upstream
	Left     int                    `json:"left"`
	Problems []string               `json:"problems"` // the first of them
	Count    int                    `json:"count"`    // of problems
}

func main() {
	address := flag.String("upstream", "", "where the upstream listens, HOST:PORT")
	flag.Parse()
	listener, err := net.Listen("tcp", *address)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	upstream := newUpstream()
	go func() { _ = http.Serve(listener, upstream) }()
	input := bufio.NewScanner(os.Stdin)
	input.Buffer(nil, 1<<20)
	output := json.NewEncoder(os.Stdout)
	next := 0
	for input.Scan() {
		var plan Plan
		if err := json.Unmarshal(input.Bytes(), &plan); err != nil {
			fmt.Fprintln(os.Stderr, err)
			os.Exit(1)
		}
		run := newRun(plan, upstream, next)
		next += plan.Requests
		if err := output.Encode(run.do()); err != nil {
			os.Exit(1)
		}
	}
}
