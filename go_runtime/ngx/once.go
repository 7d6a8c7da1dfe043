package ngx

// Once is a variable that nginx computes when it is first read and keeps for the
// request: what compute gives the first time. It is for the runtime itself.
func (r *Request) Once(name string, compute func() (string, bool)) (string, bool) {
	for i := range r.computed {
		if r.computed[i].name == name {
			return r.computed[i].value, r.computed[i].ok
		}
	}
	value, ok := compute()
	r.computed = append(r.computed, field{name, value, ok})
	return value, ok
}
