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

// seconds is the time_t that nginx makes of a number; times before 1970 are 1970.
func seconds(n float64) int64 {
	if !(n > 0) || n >= 1<<62 {
		return 0
	}
	return int64(n)
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
	_, rest, comma := strings.Cut(s, ",")
	var day, month, year, clock string
	switch fields := strings.Fields(rest); {
	case comma && len(fields) >= 4 && len(fields[0]) == 2:
		day, month, year, clock = fields[0], fields[1], fields[2], fields[3]
	case comma && len(fields) >= 2 && len(fields[0]) == 9:
		day, month, year, clock = fields[0][:2], fields[0][3:6], fields[0][7:], fields[1]
	case !comma:
		words := strings.Fields(s)
		if len(words) < 5 {
			return 0, false
		}
		month, day, clock, year = words[1], words[2], words[3], words[4]
	default:
		return 0, false
	}
	return assemble(day, month, year, clock)
}

// assemble makes a time of its parts and checks that there is such a day.
func assemble(day, month, year, clock string) (int64, bool) {
	d, dayOK := number(day)
	y, yearOK := number(year)
	parts := strings.Split(clock, ":")
	m := monthNumber(month)
	if !dayOK || !yearOK || m == 0 || len(parts) != 3 {
		return 0, false
	}
	if len(year) == 2 {
		if y += 1900; y < 1970 {
			y += 100
		}
	}
	hour, hourOK := number(parts[0])
	minute, minuteOK := number(parts[1])
	second, secondOK := number(parts[2])
	if !hourOK || !minuteOK || !secondOK || hour > 23 || minute > 59 || second > 59 || d > daysIn(y, m) {
		return 0, false
	}
	days := calendar.DaysSince1970(int64(y), m, d) // a day 0 is the day before
	return days*secondsPerDay + int64(hour*3600+minute*60+second), true
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

// monthNumber is the number of a month's name, 0 for none.
func monthNumber(name string) int {
	for i, month := range monthNames {
		if month == name {
			return i + 1
		}
	}
	return 0
}

// number reads up to four decimal digits.
func number(s string) (int, bool) {
	n := 0
	for i := 0; i < len(s); i++ {
		if s[i] < '0' || s[i] > '9' {
			return 0, false
		}
		n = n*10 + int(s[i]-'0')
	}
	return n, s != "" && len(s) <= 4
}
