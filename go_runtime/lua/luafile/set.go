package luafile

import "strings"

// Set is the files of a plugin: their texts by their paths, without a `/` in
// front.
type Set map[string]string

// Of is the set of files that name, text, name, text… give.
func Of(namesAndTexts ...string) Set {
	found := Set{}
	for index := 0; index+1 < len(namesAndTexts); index += 2 {
		found[namesAndTexts[index]] = namesAndTexts[index+1]
	}
	return found
}

// With is the set with one file more, whose text the configuration has.
func (s Set) With(name, text string) Set {
	found := Set{name: text}
	for each, is := range s {
		found[each] = is
	}
	return found
}

// find is the text of a file. The path is one of nginx's server: the files are
// looked for by all of it, then by ever less of its beginning.
func (s Set) find(path string) (string, bool) {
	parts := strings.FieldsFunc(path, func(char rune) bool { return char == '/' })
	kept := parts[:0]
	for _, part := range parts {
		if part != "." {
			kept = append(kept, part)
		}
	}
	for skipped := range kept {
		if text, ok := s[strings.Join(kept[skipped:], "/")]; ok {
			return text, true
		}
	}
	return "", false
}
