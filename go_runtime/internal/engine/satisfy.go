package engine

import "snippet2wasm.internal/plugin/runtime/internal/host"

// The statuses with which a request is refused so that another rule can still let it
// pass, where one is enough.
const (
	unauthorized = 401
	forbidden    = 403
)

// access is how far a request has got with the rules of its location and with
// access_by_lua.
type access struct {
	any     bool // `satisfy any`: one of them is enough
	refused int  // the status of the refusals so far, 0 without one
	granted bool // one was enough
	passed  bool // the handler neither allows nor refuses
}

// SatisfyAny is `satisfy any`: what follows refuses the request only if nothing allows
// it.
func (s *Stream) SatisfyAny() { s.access.any = true }

// Grant says that a rule allows the request. Where one is enough, the rules and
// access_by_lua end here.
func (s *Stream) Grant() {
	if !s.access.any {
		return
	}
	s.access.granted, s.access.refused = true, 0
	s.Reader.TakeBackChallenge()
	if s.Kind() == Rules {
		s.Unwind()
	}
}

// Deny says that a rule refuses the request, with 401 or 403. Where one rule is enough
// it returns.
func (s *Stream) Deny(code int) {
	if s.refuse(code) {
		return
	}
	s.Exit(code)
	s.Unwind()
}

// DenyByRule is Deny for a client whose address is refused.
func (s *Stream) DenyByRule() {
	if !s.access.any {
		s.logForbidden()
	}
	s.Deny(forbidden)
}

// Reject ends the request with a status, although another rule could allow it. It does
// not return.
func (s *Stream) Reject(code int) {
	s.Exit(code)
	s.Unwind()
}

// refuse remembers a refusal where another rule may still allow the request: 401 is
// stronger than 403.
func (s *Stream) refuse(code int) (remembered bool) {
	if !s.access.any || code != unauthorized && code != forbidden {
		return false
	}
	if s.access.refused != unauthorized {
		s.access.refused = code
	}
	s.access.passed = true
	return true
}

// logForbidden writes nginx's line.
func (s *Stream) logForbidden() { s.Log(host.Error, "access forbidden by rule") }

// skips reports whether a phase does not run because a rule has allowed the request.
func (s *Stream) skips(phase *Phase) bool {
	return s.access.granted && (phase.Kind == Rules || phase.Kind == Access)
}

// judge takes a handler of access_by_lua that came to its end for one that allows the
// request, unless it said something else.
func (s *Stream) judge(phase *Phase) {
	if phase.Kind == Access && s.access.any && s.outcome == undecided && !s.jumps && !s.access.passed {
		s.Grant()
	}
	s.access.passed = false
}

// unsatisfied ends a request that rules refused and none allowed, once all of them were
// asked: when a phase behind them is next, or nothing.
func (s *Stream) unsatisfied() bool {
	code := s.access.refused
	if code == 0 || s.current < len(s.phases) && s.phases[s.current].Kind <= Access {
		return false
	}
	s.access = access{}
	if code == forbidden {
		s.logForbidden()
	}
	s.Exit(code)
	return true
}
