package engine

import "snippet2wasm.internal/plugin/runtime/internal/host"

// body is the body of a request, as far as a plugin that reads bodies has it. The
// gateway keeps it while the request is held; the whole of it is read, once, when
// its end is there.
type body struct {
	exists   bool   // the request has one, maybe of nothing
	coming   bool   // the end of it is not there
	size     int    // the bytes that are there
	data     string // all of it, once it is not coming any more
	dropped  bool   // it does not fit into memory
	limit    int    // the most bytes that it may have, 0 for any number
	tooLarge bool   // it has more
	arriving bool   // its callback runs, whose answer lets the request pass
	wake     func() // goes on with the handler that waits for it
}

// hold is what holds a request, and lets the rest of its body in if there is one.
func (b *body) hold() host.Action {
	if b.coming {
		return host.Hold
	}
	return host.Wait
}

// wanted reports whether a handler waits for the end of the body.
func (b *body) wanted() bool { return b.wake != nil && b.coming }

// ExpectBody notes, before OnRequestHeaders, that the request has a body.
func (s *Stream) ExpectBody() { s.body.exists, s.body.coming = true, true }

// OnRequestBody is told that a part of the body has come: the gateway holds size
// bytes, and all of it at the end. The result is for the gateway.
func (s *Stream) OnRequestBody(size int, end bool) host.Action {
	if s.settled {
		s.body.size += size
		s.checkPassing()
		return s.afterBody()
	}
	s.body.size = size
	if !end && !s.body.exceeds() {
		return host.Hold
	}
	return s.bodyEnded()
}

// LimitBody says how many bytes the request's body may have, 0 for any number. One
// that turns out to have more is answered with 413.
func (s *Stream) LimitBody(size int) { s.body.limit = size }

// BodyLimit is what LimitBody was told, 0 for no limit.
func (s *Stream) BodyLimit() int { return s.body.limit }

// exceeds reports whether the body has more bytes than it may.
func (b *body) exceeds() bool { return b.limit > 0 && b.size > b.limit }

// checkPassing ends a request that has gone to the upstream when its body has more
// bytes than it may: the upstream gets no end of it.
func (s *Stream) checkPassing() {
	if s.outcome == undecided && s.body.exceeds() {
		s.answer(413)
		s.root.host.Respond(s.response)
	}
}

// OnRequestTrailers is told that the body has ended and trailers follow it.
func (s *Stream) OnRequestTrailers() host.Action {
	if s.settled {
		return s.afterBody()
	}
	return s.bodyEnded()
}

// bodyEnded takes the body and goes on with a handler that waits for it.
func (s *Stream) bodyEnded() host.Action {
	b := &s.body
	b.coming, b.tooLarge = false, b.exceeds()
	if !b.tooLarge {
		data, ok := s.root.host.RequestBody(b.size)
		b.data, b.dropped = data, !ok
	}
	wake := b.wake
	if wake == nil {
		return host.Hold
	}
	b.arriving = !s.root.busy // else the work is queued and done after this callback
	wake()
	b.arriving = false
	return s.afterBody()
}

// afterBody is the answer to a callback about the body.
func (s *Stream) afterBody() host.Action {
	if s.settled && s.outcome == undecided {
		return host.Continue
	}
	return host.Hold
}

// ReadBody waits for the end of the request's body and returns it. It is not ok
// when the request has none.
func (s *Stream) ReadBody() (data string, ok bool) {
	b := &s.body
	if b.coming {
		if s.gone {
			panic(stopped{}) // it never comes
		}
		s.Await(func(wake func()) { b.wake = wake })
		b.wake = nil
	}
	if b.dropped || b.tooLarge {
		s.refuseBody()
		panic(unwind{})
	}
	return b.data, b.exists
}

// refuseBody answers a request whose body the plugin does not have.
func (s *Stream) refuseBody() {
	if s.body.tooLarge {
		s.answer(413)
		return
	}
	s.answer(503)
}

// unwindUnread ends a handler that waits for the body of a client that left: nginx
// does not go on with it either, and notes 400.
func (s *Stream) unwindUnread() {
	s.stop()
	s.outcome, s.Code = dropped, 400
	s.end()
	s.log()
	s.gone = true
}
