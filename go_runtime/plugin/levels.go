package plugin

import (
	"snippet2wasm.internal/plugin/runtime/internal/engine"
	"snippet2wasm.internal/plugin/runtime/ngx"
)

// phases are the handlers of a definition as the engine runs them: by phase, and
// those of a phase by level.
func (d *Definition[C]) phases() []engine.Phase {
	levels, first := d.Levels, 0
	if len(levels) == 0 {
		levels, first = []Level[C]{d.level()}, engine.AllLevels
	}
	handlers := make([][engine.Log + 1]Handler[C], len(levels))
	for i := range levels {
		handlers[i] = levels[i].handlers()
	}
	var phases []engine.Phase
	if d.Choose != nil {
		phases = append(phases, choose(levels, d.Choose))
	}
	for kind := engine.ServerRewrite; kind <= engine.Log; kind++ {
		if kind == engine.FindLocation && len(d.Levels) > 0 {
			phases = append(phases, find(levels))
		}
		for i := range levels {
			if handler := handlers[i][kind]; handler.Run != nil {
				phases = append(phases, handler.phase(kind, first+i))
			} else if kind == engine.Content && d.BuffersBody {
				phases = append(phases, bufferBody(first+i))
			}
		}
	}
	return phases
}

// level is the only level of a definition.
func (d *Definition[C]) level() Level[C] {
	return Level[C]{
		ServerRewrite: d.ServerRewrite,
		Set:           d.Set,
		Rewrite:       d.Rewrite,
		Input:         d.Input,
		Preaccess:     d.Preaccess,
		Rules:         d.Rules,
		Access:        d.Access,
		Precontent:    d.Precontent,
		Content:       d.Content,
		Pass:          d.Pass,
		Error:         d.Error,
		Proxy:         d.Proxy,
		Upstream:      d.Upstream,
		HeaderFilter:  d.HeaderFilter,
		Headers:       d.Headers,
		BodyFilter:    d.BodyFilter,
		Body:          d.Body,
		Log:           d.Log,
	}
}

// handlers are those of a level by phase.
func (l *Level[C]) handlers() [engine.Log + 1]Handler[C] {
	return [...]Handler[C]{
		engine.ServerRewrite: l.ServerRewrite,
		engine.Set:           l.Set,
		engine.Rewrite:       l.Rewrite,
		engine.Input:         l.Input,
		engine.Preaccess:     l.Preaccess,
		engine.Rules:         l.Rules,
		engine.Access:        l.Access,
		engine.Precontent:    l.Precontent,
		engine.Content:       l.Content,
		engine.Pass:          l.Pass,
		engine.Error:         l.Error,
		engine.Proxy:         l.Proxy,
		engine.Upstream:      l.Upstream,
		engine.HeaderFilter:  l.HeaderFilter,
		engine.Headers:       l.Headers,
		engine.BodyFilter:    l.BodyFilter,
		engine.Body:          l.Body,
		engine.Log:           l.Log,
	}
}

// phase is h without its type parameter, at a level.
func (h Handler[C]) phase(kind engine.Kind, level int) engine.Phase {
	run := func(s *engine.Stream) { h.Run(s.Reader.(*ngx.Request), s.Config.(*C)) }
	if kind == engine.Set {
		run = func(s *engine.Stream) {
			r := s.Reader.(*ngx.Request)
			h.Run(r, s.Config.(*C))
			r.Relocate()
		}
	}
	return engine.Phase{Kind: kind, Level: level, Chunk: string(h.Chunk), Suspends: h.Suspends, Run: run}
}

// bufferBody reads the body of a request that is about to go to the upstream.
func bufferBody(level int) engine.Phase {
	return engine.Phase{
		Kind:     engine.Access, // content that it is not
		Level:    level,
		Suspends: true,
		Run:      func(s *engine.Stream) { s.Reader.(*ngx.Request).ReadBody() },
	}
}

// choose chooses the server that a request is for, before anything else runs.
func choose[C any](levels []Level[C], by func([]*ngx.Server) func(*ngx.Request)) engine.Phase {
	servers := make([]*ngx.Server, len(levels))
	for i := range levels {
		servers[i] = levels[i].Server
	}
	enter := by(servers)
	return engine.Phase{
		Kind:  engine.ServerRewrite,
		Level: engine.AllLevels,
		Run:   func(s *engine.Stream) { enter(s.Reader.(*ngx.Request)) },
	}
}

// find finds the level that a request is at: that of the location that fits it best.
func find[C any](levels []Level[C]) engine.Phase {
	var locations ngx.Locations
	for i := range levels {
		for _, location := range levels[i].Match {
			locations.Add(location, i, levels[i].Within)
		}
	}
	return engine.Phase{
		Kind:  engine.FindLocation,
		Level: engine.AllLevels,
		Run: func(s *engine.Stream) {
			r := s.Reader.(*ngx.Request)
			before := s.Level
			if s.Level = r.ServerLevel(); !r.Arrive() {
				refuse(s)
				return
			}
			level, found := locations.Find(r)
			if !found {
				s.Level = before
				r.NoLocation()
				return
			}
			s.Level = level
			if levels[s.Level].Internal && !r.IsInternal() {
				r.Exit(ngx.HTTP_NOT_FOUND)
				return
			}
			r.RedirectsToSlash()
		},
	}
}
