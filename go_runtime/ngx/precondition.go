package ngx

import "strings"

const httpPreconditionFailed = 412

// precondition is what nginx makes of the request's If-… headers where the
// handlers answer with 200: that status, 304, or 412. An ETag and a Last-Modified
// are those that the handlers have set.
func (r *Request) precondition() int {
	modified, hasModified := r.ownTime("last-modified")
	if since, ok := r.header("if-unmodified-since"); ok {
		limit, valid := parseHTTPTime(since)
		if !hasModified || !valid || limit < modified {
			return httpPreconditionFailed
		}
	}
	if tags, ok := r.header("if-match"); ok && !r.tagMatches(tags, false) {
		return httpPreconditionFailed
	}
	since, hasSince := r.header("if-modified-since")
	tags, hasTags := r.header("if-none-match")
	if !hasSince && !hasTags {
		return HTTP_OK
	}
	if hasSince {
		if at, valid := parseHTTPTime(since); !hasModified || !valid || at != modified {
			return HTTP_OK
		}
	}
	if hasTags && !r.tagMatches(tags, true) {
		return HTTP_OK
	}
	return HTTP_NOT_MODIFIED
}

// own is a header of the answer that the handlers have set.
func (r *Request) own(name string) (string, bool) {
	for _, line := range r.reply.headers {
		if equalFold(line[0], name) {
			return line[1], true
		}
	}
	return "", false
}

// ownTime is a header of the answer that holds a time.
func (r *Request) ownTime(name string) (int64, bool) {
	value, ok := r.own(name)
	if !ok {
		return 0, false
	}
	return parseHTTPTime(value)
}

// tagMatches reports whether a list of entity tags names that of the answer.
// With weak, a leading W/ does not count.
func (r *Request) tagMatches(tags string, weak bool) bool {
	if tags == "*" {
		return true
	}
	own, ok := r.own("etag")
	if !ok {
		return false
	}
	if weak {
		own = strings.TrimPrefix(own, "W/")
	}
	for rest := tags; rest != ""; {
		if weak {
			rest = strings.TrimPrefix(rest, "W/")
		}
		if behind, found := strings.CutPrefix(rest, own); found {
			behind = strings.TrimLeft(behind, " \t")
			if behind == "" || behind[0] == ',' {
				return true
			}
		}
		_, rest, _ = strings.Cut(rest, ",")
		rest = strings.TrimLeft(rest, " \t,")
	}
	return false
}
