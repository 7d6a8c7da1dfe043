package date

import (
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/calendar"
	"snippet2wasm.internal/plugin/runtime/lua"
)

var (
	dayNames   = [...]string{"Sunday", "Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday"}
	monthNames = [...]string{"January", "February", "March", "April", "May", "June", "July", "August",
		"September", "October", "November", "December"}
)

// Text is os.date(format) for now, with a format that asks for no table.
func Text(c lua.Clock, format string) string {
	text, _ := TextAt(format, lua.Time(c))
	return text
}

// TextAt is os.date(format, seconds) with a format that asks for no table; ok is
// false, for nil, where the year has no room in C's int.
func TextAt(format string, seconds float64) (text string, ok bool) {
	format, isUTC := strings.CutPrefix(format, "!")
	m, ok := momentOf(secondsOf(seconds))
	if !ok {
		return "", false
	}
	if isUTC {
		m.zone = "GMT"
	}
	format, _, _ = strings.Cut(format, "\x00") // for C it ends there
	return m.format(format), true
}

// Table is os.date("*t") and os.date("!*t") for now.
func Table(c lua.Clock) *lua.Table {
	m, _ := momentOf(secondsOf(lua.Time(c)))
	return m.table()
}

// TableAt is os.date("*t", seconds) and os.date("!*t", seconds): a table, or nil as
// in TextAt.
func TableAt(seconds float64) lua.Value {
	m, ok := momentOf(secondsOf(seconds))
	if !ok {
		return nil
	}
	return m.table()
}

// Of is os.date(format, seconds) for a format that is whatever is given; at is the
// first argument.
func Of(format any, seconds float64, at lua.Argument) lua.Value {
	wanted := at.TextOr(format, "%c")
	if IsTable(wanted) {
		return TableAt(seconds)
	}
	if text, ok := TextAt(wanted, seconds); ok {
		return text
	}
	return nil
}

// IsTable reports whether a format asks for a table.
func IsTable(format string) bool { return format == "*t" || format == "!*t" }

func (m moment) table() *lua.Table {
	return lua.TableOf(
		"sec", float64(m.second), "min", float64(m.minute), "hour", float64(m.hour),
		"day", float64(m.day), "month", float64(m.month), "year", float64(m.year),
		"wday", float64(m.weekday+1), "yday", float64(m.yearday+1), "isdst", false,
	)
}

// layout says how one conversion is written: glibc's flags and width.
type layout struct {
	pad   byte // instead of the usual: '_', '-', '0' or 0 for none
	upper bool
	other bool // the other case
	width int
}

// format is strftime.
func (m moment) format(format string) string {
	var b strings.Builder
	for i := 0; i < len(format); i++ {
		if format[i] != '%' {
			b.WriteByte(format[i])
			continue
		}
		begin := i
		i++
		l := layout{}
		for ; i < len(format) && strings.IndexByte("_-0^#", format[i]) >= 0; i++ {
			switch format[i] {
			case '^':
				l.upper = true
			case '#':
				l.other = true
			default:
				l.pad = format[i]
			}
		}
		for ; i < len(format) && '0' <= format[i] && format[i] <= '9'; i++ {
			l.width = min(l.width*10+int(format[i]-'0'), 1<<16)
		}
		modified := i < len(format) && (format[i] == 'E' || format[i] == 'O')
		verb := i
		if modified {
			verb++
		}
		text, known := "", false
		if verb < len(format) {
			i = verb
			text, known = m.conversion(format[i], l)
		} else {
			i = len(format) - 1
		}
		if !known {
			text = format[begin : i+1]
		}
		b.WriteString(text)
	}
	return b.String()
}

// conversion is the text of %VERB; ok is false for a verb that there is not.
func (m moment) conversion(verb byte, l layout) (text string, ok bool) {
	switch verb {
	case '%', 'n', 't':
		return l.words(map[byte]string{'%': "%", 'n': "\n", 't': "\t"}[verb]), true
	case 'a':
		return l.names(dayNames[m.weekday][:3]), true
	case 'A':
		return l.names(dayNames[m.weekday]), true
	case 'b', 'h':
		return l.names(monthNames[m.month-1][:3]), true
	case 'B':
		return l.names(monthNames[m.month-1]), true
	case 'p':
		if l.other {
			return l.words(strings.ToLower(m.half())), true
		}
		return l.words(m.half()), true
	case 'P':
		return l.words(strings.ToLower(m.half())), true
	case 'Z':
		if l.other {
			return l.words(strings.ToLower(m.zone)), true
		}
		return l.words(m.zone), true
	case 'z':
		return l.zone(), true
	case 'c':
		return l.words(m.format("%a %b %e %H:%M:%S %Y")), true
	case 'D', 'x':
		return l.words(m.format("%m/%d/%y")), true
	case 'F':
		return l.words(strconv.FormatInt(m.year, 10) + m.format("-%m-%d")), true
	case 'r':
		return l.words(m.format("%I:%M:%S %p")), true
	case 'R':
		return l.words(m.format("%H:%M")), true
	case 'T', 'X':
		return l.words(m.format("%H:%M:%S")), true
	}
	return m.count(verb, l)
}

// count is conversion for what is a number.
func (m moment) count(verb byte, l layout) (text string, ok bool) {
	week, year := m.weekISO()
	twelve := int64((m.hour+11)%12 + 1)
	switch verb {
	case 'C':
		return l.number(calendar.FloorDiv(m.year, 100), 1, '0'), true
	case 'd':
		return l.number(int64(m.day), 2, '0'), true
	case 'e':
		return l.number(int64(m.day), 2, '_'), true
	case 'g':
		return l.number(calendar.FloorMod(year, 100), 2, '0'), true
	case 'G':
		return l.number(year, 1, '0'), true
	case 'H':
		return l.number(int64(m.hour), 2, '0'), true
	case 'I':
		return l.number(twelve, 2, '0'), true
	case 'j':
		return l.number(int64(m.yearday+1), 3, '0'), true
	case 'k':
		return l.number(int64(m.hour), 2, '_'), true
	case 'l':
		return l.number(twelve, 2, '_'), true
	case 'm':
		return l.number(int64(m.month), 2, '0'), true
	case 'M':
		return l.number(int64(m.minute), 2, '0'), true
	case 's':
		return l.number(m.seconds, 1, '0'), true
	case 'S':
		return l.number(int64(m.second), 2, '0'), true
	case 'u':
		return l.number(int64((m.weekday+6)%7+1), 1, '0'), true
	case 'U':
		return l.number(int64(m.yearday-m.weekday+7)/7, 2, '0'), true
	case 'V':
		return l.number(int64(week), 2, '0'), true
	case 'w':
		return l.number(int64(m.weekday), 1, '0'), true
	case 'W':
		return l.number(int64(m.yearday-(m.weekday+6)%7+7)/7, 2, '0'), true
	case 'y':
		return l.number(calendar.FloorMod(m.year, 100), 2, '0'), true
	case 'Y':
		return l.number(m.year, 1, '0'), true
	}
	return "", false
}

// half is the half of the day.
func (m moment) half() string {
	if m.hour < 12 {
		return "AM"
	}
	return "PM"
}

// names is words for a name, which other writes in capitals.
func (l layout) names(text string) string {
	l.upper = l.upper || l.other
	return l.words(text)
}

// words fills a text up to the width.
func (l layout) words(text string) string {
	if l.upper {
		text = strings.ToUpper(text)
	}
	fill := " "
	if l.pad == '0' {
		fill = "0"
	}
	return strings.Repeat(fill, max(0, l.width-len(text))) + text
}

// number fills a number up to the width, which is least unless one is given.
func (l layout) number(n int64, least int, pad byte) string {
	if l.pad != 0 {
		pad = l.pad
	}
	width := l.width
	if width == 0 {
		width = least
	}
	if pad == '-' {
		width = l.width
		if width == 0 {
			return strconv.FormatInt(n, 10)
		}
		pad = '0'
	}
	text, sign := strconv.FormatInt(n, 10), ""
	if n < 0 {
		sign, text = "-", text[1:]
	}
	missing := max(0, width-len(sign)-len(text))
	if pad == '_' {
		return strings.Repeat(" ", missing) + sign + text
	}
	return sign + strings.Repeat("0", missing) + text
}

// zone is %z.
func (l layout) zone() string {
	switch l.pad {
	case '-':
		return "+0"
	case '_':
		return strings.Repeat(" ", max(0, max(l.width, 5)-2)) + "+0"
	}
	return "+" + strings.Repeat("0", max(4, l.width-1))
}
