package main

import (
	"net/http"
	"strconv"
	"sync"
)

// idHeader has the number of a request, on its way there and back.
const idHeader = "X-Soak-Id"

// upstream answers every request with its number and keeps how often it came.
type upstream struct {
	mutex   sync.Mutex
	arrived map[int]int
}

func newUpstream() *upstream { return &upstream{arrived: map[int]int{}} }

// ServeHTTP answers a request.
func (u *upstream) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	text := r.Header.Get(idHeader)
	if id, err := strconv.Atoi(text); err == nil {
		u.mutex.Lock()
		u.arrived[id]++
		u.mutex.Unlock()
	}
	w.Header().Set(idHeader, text)
	w.WriteHeader(http.StatusOK)
}

// take returns what has arrived since the last call.
func (u *upstream) take() map[int]int {
	u.mutex.Lock()
	defer u.mutex.Unlock()
	arrived := u.arrived
	u.arrived = map[int]int{}
	return arrived
}
