package main

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"time"
)

const (
	patience     = 30 * time.Second
	maxProblems  = 20
	step         = 7919 // a prime, so that kinds come mixed
	settlingTime = 200 * time.Millisecond
)

// run is a plan on its way.
type run struct {
	plan     Plan
	upstream *upstream
	first    int
	next     atomic.Int64

	mutex  sync.Mutex
	report Report
	passed map[int]bool // by number: went on to the upstream, says its answer
	left   map[int]bool
}

func newRun(plan Plan, upstream *upstream, first int) *run {
	return &run{
		plan: plan, upstream: upstream, first: first,
		report: Report{Answers: map[string]map[int]int{}, Problems: []string{}},
		passed: map[int]bool{}, left: map[int]bool{},
	}
}

// do sends all requests and reports.
func (r *run) do() Report {
	var clients sync.WaitGroup
	for range r.plan.Connections {
		clients.Add(1)
		go func() {
			defer clients.Done()
			c := &client{connections: map[string]*connection{}}
			defer c.close()
			for n := int(r.next.Add(1)) - 1; n < r.plan.Requests; n = int(r.next.Add(1)) - 1 {
				id := r.first + n
				r.one(c, id, &r.plan.Kinds[id*step%len(r.plan.Kinds)])
			}
		}()
	}
	clients.Wait()
	time.Sleep(settlingTime) // what was left may still be on its way
	r.compare(r.upstream.take())
	return r.report
}

// one sends a request and judges its answer.
func (r *run) one(c *client, id int, kind *Kind) {
	text := strconv.Itoa(id)
	request := strings.ReplaceAll(kind.Head, "@ID@", text) + "\r\n" + idHeader + ": " + text + "\r\n"
	if kind.Body != "" {
		request += "Content-Length: " + strconv.Itoa(len(kind.Body)) + "\r\n"
	}
	request += "\r\n" + kind.Body
	if kind.Leaves {
		c.leave(kind.Address, request)
		r.mutex.Lock()
		r.left[id] = true
		r.report.Left++
		r.mutex.Unlock()
		return
	}
	response, err := c.send(kind.Address, request, strings.HasPrefix(kind.Head, "HEAD "))
	r.mutex.Lock()
	defer r.mutex.Unlock()
	if err != nil {
		r.problem("%s %d: no answer: %v", kind.Name, id, err)
		return
	}
	if r.report.Answers[kind.Name] == nil {
		r.report.Answers[kind.Name] = map[int]int{}
	}
	r.report.Answers[kind.Name][response.StatusCode]++
	if !slices.Contains(kind.Statuses, response.StatusCode) {
		r.problem("%s %d: status %d", kind.Name, id, response.StatusCode)
	}
	if back := response.Header.Get(idHeader); back != "" {
		r.passed[id] = true
		if back != text {
			r.problem("%s %d: got the answer to %s", kind.Name, id, back)
		}
	} else if response.StatusCode == http.StatusOK {
		r.problem("%s %d: 200, but not of the upstream", kind.Name, id)
	}
	if location := response.Header.Get("Location"); location != "" && !strings.HasSuffix(location, "id="+text) {
		r.problem("%s %d: sent to %s", kind.Name, id, location)
	}
}

// compare judges what arrived at the upstream: every request that was answered
// there came once, no other one came.
func (r *run) compare(arrived map[int]int) {
	r.report.Arrived = len(arrived)
	for id, times := range arrived {
		if times != 1 || !r.passed[id] && !r.left[id] {
			r.problem("%d came to the upstream %d times; its client got an answer from there: %v", id, times, r.passed[id])
		}
	}
	for id := range r.passed {
		if arrived[id] == 0 {
			r.problem("%d has an answer of the upstream, but never came there", id)
		}
	}
}

// problem keeps the first problems and counts all.
func (r *run) problem(format string, args ...any) {
	r.report.Count++
	if len(r.report.Problems) < maxProblems {
		r.report.Problems = append(r.report.Problems, fmt.Sprintf(format, args...))
	}
}

// client has a connection to every address.
type client struct{ connections map[string]*connection }

type connection struct {
	net.Conn
	reader *bufio.Reader
}

// send sends a request and reads its answer. A connection that the gateway has
// closed meanwhile is made anew, once.
func (c *client) send(address, request string, head bool) (*http.Response, error) {
	kept := c.connections[address]
	if kept != nil {
		response, err := kept.exchange(request, head)
		if err == nil {
			c.keep(address, kept, response)
			return response, nil
		}
		c.drop(address)
		if err != io.ErrUnexpectedEOF && err != io.EOF {
			return nil, err
		}
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return nil, err
	}
	kept = &connection{conn, bufio.NewReader(conn)}
	c.connections[address] = kept
	response, err := kept.exchange(request, head)
	if err != nil {
		c.drop(address)
		return nil, err
	}
	c.keep(address, kept, response)
	return response, nil
}

// keep keeps a connection unless its answer says that it ends.
func (c *client) keep(address string, kept *connection, response *http.Response) {
	if response.Close {
		c.drop(address)
		return
	}
	c.connections[address] = kept
}

func (c *client) drop(address string) {
	c.connections[address].Close()
	delete(c.connections, address)
}

func (c *client) close() {
	for address := range c.connections {
		c.drop(address)
	}
}

// leave sends a request on a connection of its own and hangs up.
func (c *client) leave(address, request string) {
	conn, err := net.Dial("tcp", address)
	if err != nil {
		return
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, request)
	time.Sleep(time.Duration(len(request)%3) * time.Millisecond) // before, while, and after it waits
}

// exchange sends a request and reads its answer with all of its body.
func (c *connection) exchange(request string, head bool) (*http.Response, error) {
	if err := c.SetDeadline(time.Now().Add(patience)); err != nil {
		return nil, err
	}
	if _, err := io.WriteString(c, request); err != nil {
		return nil, io.EOF
	}
	method := http.MethodGet
	if head {
		method = http.MethodHead
	}
	response, err := http.ReadResponse(c.reader, &http.Request{Method: method})
	if err != nil {
		return nil, err
	}
	defer response.Body.Close()
	_, err = io.Copy(io.Discard, response.Body)
	return response, err
}
