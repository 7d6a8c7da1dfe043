package ngx

import (
	"strconv"
	"strings"

	"snippet2wasm.internal/plugin/runtime/internal/calendar"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// The clock is the gateway's; the zone is UTC, as in containers. Package time is
// left out: its formats would make every module larger.

var (
	dayNames   = [...]string{"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"}
	monthNames = [...]string{"Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"}
)

// date is a moment, taken apart.
type date struct {
	year, month, day     int // month and day from 1
	weekday              int // 0 is Sunday
	hour, minute, second int
}

const secondsPerDay = 86400

// dateOf takes seconds since 1970, which are not negative, apart.
func dateOf(seconds int64) date {
	days, rest := seconds/secondsPerDay, int(seconds%secondsPerDay)
	year, month, day := calendar.Civil(days)
	return date{
		year: int(year), month: month, day: day, weekday: int((days + 4) % 7),
		hour: rest / 3600, minute: rest / 60 % 60, second: rest % 60,
	}
}

// digits is n with at least width digits.
func digits(n, width int) string {
	text := strconv.Itoa(n)
	return strings.Repeat("0", max(0, width-len(text))) + text
}

// clock is "hh:mm:ss".
func (d date) clock() string {
	return digits(d.hour, 2) + ":" + digits(d.minute, 2) + ":" + digits(d.second, 2)
}

// Today is ngx.today(): "yyyy-mm-dd".
func Today(c lua.Clock) string {
	d := dateOf(c.UnixNano() / 1e9)
	return digits(d.year, 4) + "-" + digits(d.month, 2) + "-" + digits(d.day, 2)
}

// UTCTime is ngx.utctime(): "yyyy-mm-dd hh:mm:ss".
func UTCTime(c lua.Clock) string { return Today(c) + " " + dateOf(c.UnixNano()/1e9).clock() }

// LocalTime is ngx.localtime(). The zone is UTC.
func LocalTime(c lua.Clock) string { return UTCTime(c) }

// lastSecond is the last one of the year 9999: nginx writes it for all behind it.
const lastSecond = 253402300799

// seconds is the time_t that nginx makes of a number; times before 1970 are 1970.
func seconds(n float64) int64 {
	if !(n > 0) || n >= 1<<63 {
		return 0
	}
	return min(int64(n), lastSecond)
}

// HTTPTime is ngx.http_time(n): "Thu, 18 Nov 2010 11:27:35 GMT".
func HTTPTime(n float64) string {
	d := dateOf(seconds(n))
	return dayNames[d.weekday] + ", " + digits(d.day, 2) + " " + monthNames[d.month-1] + " " +
		digits(d.year, 4) + " " + d.clock() + " GMT"
}

// CookieTime is ngx.cookie_time(n): "Thu, 18-Nov-10 11:27:35 GMT", from 2038 on
// with four digits for the year.
func CookieTime(n float64) string {
	d := dateOf(seconds(n))
	year := digits(d.year%100, 2)
	if d.year > 2037 {
		year = digits(d.year, 4)
	}
	return dayNames[d.weekday] + ", " + digits(d.day, 2) + "-" + monthNames[d.month-1] + "-" + year + " " +
		d.clock() + " GMT"
}

// ParseHTTPTime is ngx.parse_http_time(s): seconds since 1970, if s is a date.
func ParseHTTPTime(s string) (float64, bool) {
	n, ok := parseHTTPTime(s)
	return float64(n), ok
}

// parseHTTPTime reads the three forms of HTTP dates, as nginx does:
// "Tue, 10 Nov 2002 23:50:13 GMT", "Tuesday, 10-Dec-02 23:50:13 GMT",
// "Tue Dec 10 23:50:13 2002". What stands around the numbers does not count.
func parseHTTPTime(s string) (int64, bool) {
	mark := strings.IndexAny(s, ", ")
	if mark < 0 {
		return 0, false
	}
	t := dateText{rest: strings.TrimLeft(s[mark+1:], " ")}
	var d date
	if s[mark] == ',' {
		d = t.internet()
	} else {
		d = t.ofC()
	}
	if t.wrong || d.hour > 23 || d.minute > 59 || d.second > 59 || d.day > daysIn(d.year, d.month) {
		return 0, false
	}
	days := calendar.DaysSince1970(int64(d.year), d.month, d.day) // a day 0 is the day before
	found := days*secondsPerDay + int64(d.hour*3600+d.minute*60+d.second)
	return found, found != -1 // which is nginx's sign of an error
}

// dateText is what is left of a date's text.
type dateText struct {
	rest  string
	wrong bool // it is no date
}

// internet reads "10 Nov 2002 23:50:13" and "10-Dec-02 23:50:13".
func (t *dateText) internet() date {
	d := date{day: t.number(2)}
	separator := t.next()
	d.month = t.month()
	t.skip(separator)
	switch separator {
	case ' ':
		d.year = t.number(4)
	case '-':
		if d.year = 1900 + t.number(2); d.year < 1970 {
			d.year += 100
		}
	default:
		t.wrong = true
	}
	t.clock(&d)
	return d
}

// ofC reads "Dec 10 23:50:13 2002"; a day below 10 may have a blank in front.
func (t *dateText) ofC() date {
	d := date{month: t.month()}
	t.next()
	t.rest = strings.TrimPrefix(t.rest, " ")
	d.day = t.number(1)
	if !strings.HasPrefix(t.rest, " ") {
		d.day = d.day*10 + t.number(1)
	}
	t.clock(&d)
	t.skip(' ')
	d.year = t.number(4)
	return d
}

// clock reads " 23:50:13".
func (t *dateText) clock(d *date) {
	t.skip(' ')
	d.hour = t.number(2)
	t.skip(':')
	d.minute = t.number(2)
	t.skip(':')
	d.second = t.number(2)
}

// next takes the next byte off.
func (t *dateText) next() byte {
	if t.rest == "" {
		t.wrong = true
		return 0
	}
	c := t.rest[0]
	t.rest = t.rest[1:]
	return c
}

// skip takes off the next byte, which has to be c.
func (t *dateText) skip(c byte) {
	if t.next() != c {
		t.wrong = true
	}
}

// number takes so many digits off.
func (t *dateText) number(width int) int {
	n := 0
	for range width {
		c := t.next()
		if c < '0' || c > '9' {
			t.wrong = true
		}
		n = n*10 + int(c) - '0'
	}
	return n
}

// month takes three letters off. Like nginx it looks at as few of them as tell one
// month from another.
func (t *dateText) month() int {
	first, second, third := t.next(), t.next(), t.next()
	switch {
	case first == 'J' && second == 'a':
		return 1
	case first == 'J' && third == 'n':
		return 6
	case first == 'M' && third == 'r':
		return 3
	case first == 'A' && second == 'p':
		return 4
	}
	at := strings.IndexByte(" F  M JASOND", first) // those that are left
	if at < 1 {
		t.wrong = true
	}
	return at + 1
}

// daysIn is the number of days in a month.
func daysIn(year, month int) int {
	switch month {
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	case 4, 6, 9, 11:
		return 30
	default:
		return 31
	}
}
