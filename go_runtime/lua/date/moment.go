// Package date is os.date and os.time: what C's strftime and mktime make of a time,
// in the C locale. The zone is UTC, as in ingress-nginx's containers.
package date

import (
	"math"

	"snippet2wasm.internal/plugin/runtime/internal/calendar"
	"snippet2wasm.internal/plugin/runtime/lua"
)

// moment is a time, taken apart.
type moment struct {
	seconds              int64 // since 1970
	year                 int64
	month, day           int // from 1
	weekday              int // 0 is Sunday
	yearday              int // from 0
	hour, minute, second int
	zone                 string // GMT where that was asked for, else UTC
}

const secondsPerDay = 86400

// momentOf takes seconds since 1970 apart; ok is false where C's int has no room
// for the year.
func momentOf(seconds int64) (m moment, ok bool) {
	days := calendar.FloorDiv(seconds, secondsPerDay)
	rest := int(seconds - days*secondsPerDay)
	m = moment{seconds: seconds, weekday: int(calendar.FloorMod(days+4, 7)), zone: "UTC"}
	m.hour, m.minute, m.second = rest/3600, rest/60%60, rest%60
	m.year, m.month, m.day = calendar.Civil(days)
	m.yearday = int(days - calendar.DaysSince1970(m.year, 1, 1))
	return m, m.year-1900 >= math.MinInt32 && m.year-1900 <= math.MaxInt32
}

// weekISO is the week of ISO 8601 and the year that it belongs to.
func (m moment) weekISO() (week int, year int64) {
	monday := (m.weekday + 6) % 7
	thursday := calendar.DaysSince1970(m.year, m.month, m.day) - int64(monday) + 3
	year, _, _ = calendar.Civil(thursday)
	return int(thursday-calendar.DaysSince1970(year, 1, 1))/7 + 1, year
}

// seconds is C's time_t of a number.
func secondsOf(n float64) int64 {
	if n >= -1<<63 && n < 1<<63 {
		return int64(n)
	}
	return math.MinInt64
}

// Time is os.time(t): the seconds since 1970 at which a local clock shows the
// fields of t, or nil for the second before 1970, as in C. A nil t is now.
func Time(c lua.Clock, t any, at lua.Argument) (float64, bool) {
	if lua.Plain(t) == nil {
		return lua.Time(c), true
	}
	table := at.Table(t)
	field := func(name string, otherwise int) int {
		value := table.Get(name)
		if n, ok := lua.ToNumberOf(value).(float64); ok {
			return lua.Int(n)
		}
		if otherwise < 0 {
			at.Fail("field '" + name + "' missing in date table")
		}
		return otherwise
	}
	second, minute, hour := field("sec", 0), field("min", 0), field("hour", 12)
	day, month, year := field("day", -1), field("month", -1), field("year", -1)
	months := int64(month - 1)
	fullYear := int64(year) + calendar.FloorDiv(months, 12)
	days := calendar.DaysSince1970(fullYear, int(calendar.FloorMod(months, 12))+1, 1) + int64(day) - 1
	found := days*secondsPerDay + int64(hour)*3600 + int64(minute)*60 + int64(second)
	if lua.Truthy(table.Get("isdst")) {
		found -= 3600
	}
	if found == -1 {
		return 0, false
	}
	return float64(found), true
}
