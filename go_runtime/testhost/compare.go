package testhost

import (
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/host"
)

// compare returns what the plugin did otherwise than nginx, a sentence each.
func compare(r *recording, g *gateway, redis *recordedRedis) []string {
	differences := compareResponse(r.Response, g)
	if r.RedisFailure != failureRefused {
		differences = append(differences, compareCommands(r.Redis, redis.sent)...)
	}
	return append(differences, compareLog(r.Log, g.lines)...)
}

// compareResponse compares what became of the request.
func compareResponse(want response, g *gateway) []string {
	if g.acts != 1 {
		return []string{fmt.Sprintf("the request was answered, resumed, or reset %d times, want once", g.acts)}
	}
	if describeWanted(want) != describeOutcome(g) {
		return []string{fmt.Sprintf("outcome: %s, nginx: %s", describeOutcome(g), describeWanted(want))}
	}
	switch {
	case g.resumed && want.Answer != nil:
		differences := compareHeaders("header of the request at the upstream", want.Received, g.headers, requestsOwn)
		if g.response == nil { // else a handler has put another one in its place
			status, _ := strconv.Atoi(g.status)
			g.response = &host.Response{Status: uint32(status), Headers: g.upstream, Body: g.piece}
		}
		if int(g.response.Status) != want.Status {
			differences = append(differences, fmt.Sprintf("status %d, nginx: %d", g.response.Status, want.Status))
		}
		return append(differences, compareAnswer(want, g)...)
	case g.resumed:
		differences := compareHeaders("header of the request at the upstream", want.Received, g.headers, requestsOwn)
		return append(differences, compareHeaders("header of the response", want.Headers, g.upstream, addedOwn)...)
	case g.response != nil:
		return compareAnswer(want, g)
	}
	return nil
}

// compareAnswer compares the response that the plugin made.
func compareAnswer(want response, g *gateway) []string {
	body := string(g.response.Body)
	if method, _ := g.RequestHeader(":method"); method == "HEAD" {
		body = "" // the gateway leaves it out
	}
	own := responsesOwn
	if body == "" {
		own = append([]string{"content-type"}, own...) // there is nothing that it could describe
	}
	differences := compareHeaders("header of the response", want.Headers, g.response.Headers, own)
	if want.Body != nil && bytesOf(*want.Body) != body {
		differences = append(differences, fmt.Sprintf("body: %q, nginx: %q", body, bytesOf(*want.Body)))
	}
	return differences
}

// Headers that are not compared: the gateway's own.
var (
	requestsOwn  = []string{":method", ":path", ":authority", ":scheme", "connection", "content-length", "transfer-encoding"}
	addedOwn     = []string{"content-type"} // an upstream has its own
	responsesOwn = []string{"server", "date", "connection", "content-length", "transfer-encoding"}
)

// compareHeaders compares the lines of each header. Headers that were not
// recorded (nil) are not compared.
func compareHeaders(what string, want, got [][2]string, left []string) []string {
	if want == nil {
		return nil
	}
	wanted, found := byName(decoded(want), left), byName(got, left)
	names := slices.Sorted(maps.Keys(wanted))
	for name := range found {
		if _, known := wanted[name]; !known {
			names = append(names, name)
		}
	}
	var differences []string
	for _, name := range names {
		if !slices.Equal(wanted[name], found[name]) {
			differences = append(differences, fmt.Sprintf("%s %s: %q, nginx: %q", what, name, found[name], wanted[name]))
		}
	}
	return differences
}

// decoded is recorded headers as bytes.
func decoded(headers [][2]string) [][2]string {
	out := make([][2]string, len(headers))
	for i, header := range headers {
		out[i] = [2]string{bytesOf(header[0]), bytesOf(header[1])}
	}
	return out
}

// byName are the values of headers by name, in lower case, without some names.
func byName(headers [][2]string, left []string) map[string][]string {
	found := map[string][]string{}
	for _, header := range headers {
		name := strings.ToLower(header[0])
		if !slices.Contains(left, name) {
			found[name] = append(found[name], header[1])
		}
	}
	return found
}

// describeWanted says what nginx did with the request.
func describeWanted(want response) string {
	switch {
	case want.Upstream:
		return "passed to the upstream"
	case want.Status == 0:
		return "ended without an answer"
	default:
		return fmt.Sprintf("answered with status %d", want.Status)
	}
}

// describeOutcome says what the plugin did with the request.
func describeOutcome(g *gateway) string {
	switch {
	case g.resumed:
		return "passed to the upstream"
	case g.reset:
		return "ended without an answer"
	default:
		return fmt.Sprintf("answered with status %d", g.response.Status)
	}
}

// compareCommands compares the commands that Redis got.
func compareCommands(want []exchange, sent [][]string) []string {
	var differences []string
	for i := 0; i < max(len(want), len(sent)); i++ {
		wanted, got := "nothing", "nothing"
		if i < len(want) {
			wanted = fmt.Sprintf("%q", allBytesOf(want[i].Command))
		}
		if i < len(sent) {
			got = fmt.Sprintf("%q", sent[i])
		}
		if got != wanted {
			differences = append(differences, fmt.Sprintf("Redis command %d: %s, nginx: %s", i+1, got, wanted))
		}
	}
	return differences
}

// nginxLevels are the gateway's levels for nginx's names of levels.
var nginxLevels = map[string]host.Level{
	"stderr": host.Critical, "emerg": host.Critical, "alert": host.Critical, "crit": host.Critical,
	"error": host.Error, "warn": host.Warn, "notice": host.Info, "info": host.Info, "debug": host.Debug,
}

// compareLog compares the lines that the snippet logged.
func compareLog(want []logLine, lines []hostLine) []string {
	var own []hostLine
	for _, line := range lines {
		if strings.HasPrefix(line.message, "[lua] ") {
			own = append(own, line)
		}
	}
	if len(own) != len(want) {
		return []string{fmt.Sprintf("the snippet logged %d lines, in nginx %d", len(own), len(want))}
	}
	var differences []string
	for i, line := range own {
		if !sameLine(want[i], line) {
			differences = append(differences, fmt.Sprintf("log line %d: level %d, %q; nginx: %s, %q",
				i+1, line.level, line.message, want[i].Level, want[i].Message))
		}
	}
	return differences
}

// position is what stands in front of a message: chunk, line, and the function
// if the message was logged in one.
var position = regexp.MustCompile(`^\[lua\] .*?:\d+: (\w+\(\): )?`)

// sameLine reports whether a line is the recorded one behind its position.
func sameLine(want logLine, got hostLine) bool {
	level, ok := nginxLevels[want.Level]
	return ok && level == got.level && position.ReplaceAllString(got.message, "") == bytesOf(want.Message)
}
