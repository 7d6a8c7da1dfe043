// Package date is os.date and os.time: what C's strftime and mktime make of a time,
// in the C locale. The zone is UTC, as in ingress-nginx's containers.
package date

import (
	"math"

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
	days := floorDiv(seconds, secondsPerDay)
	rest := int(seconds - days*secondsPerDay)
	m = moment{seconds: seconds, weekday: int(floorMod(days+4, 7)), zone: "UTC"}
	m.hour, m.minute, m.second = rest/3600, rest/60%60, rest%60
	m.year, m.month, m.day = civil(days)
	m.yearday = int(days - daysSince1970(m.year, 1, 1))
	return m, m.year-1900 >= math.MinInt32 && m.year-1900 <= math.MaxInt32
}

// civil is the Gregorian date of a day since 1970. Years are counted from March,
// so that the leap day comes last.
func civil(days int64) (year int64, month, day int) {
	const daysBefore1970, daysPerEra = 719468, 146097 // since March of year 0; of 400 years
	days += daysBefore1970
	era := floorDiv(days, daysPerEra)
	inEra := days - era*daysPerEra
	yearOfEra := (inEra - inEra/1460 + inEra/36524 - inEra/146096) / 365
	dayOfYear := int(inEra - (365*yearOfEra + yearOfEra/4 - yearOfEra/100))
	fromMarch := (5*dayOfYear + 2) / 153
	day = dayOfYear - (153*fromMarch+2)/5 + 1
	month = fromMarch%12 + 3
	year = yearOfEra + era*400
	if month > 12 {
		month -= 12
		year++
	}
	return year, month, day
}

// daysSince1970 is the inverse of civil; month is from 1 to 12.
func daysSince1970(year int64, month, day int) int64 {
	fromMarch := month - 3
	if month <= 2 {
		year--
		fromMarch += 12
	}
	leaps := floorDiv(year, 4) - floorDiv(year, 100) + floorDiv(year, 400)
	return 365*year + leaps + int64((153*fromMarch+2)/5+day-1) - 719468
}

// floorDiv is a/b, rounded down, for a b above 0.
func floorDiv(a, b int64) int64 {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

func floorMod(a, b int64) int64 { return a - floorDiv(a, b)*b }

// weekISO is the week of ISO 8601 and the year that it belongs to.
func (m moment) weekISO() (week int, year int64) {
	monday := (m.weekday + 6) % 7
	thursday := daysSince1970(m.year, m.month, m.day) - int64(monday) + 3
	year, _, _ = civil(thursday)
	return int(thursday-daysSince1970(year, 1, 1))/7 + 1, year
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
	fullYear := int64(year) + floorDiv(months, 12)
	days := daysSince1970(fullYear, int(floorMod(months, 12))+1, 1) + int64(day) - 1
	found := days*secondsPerDay + int64(hour)*3600 + int64(minute)*60 + int64(second)
	if lua.Truthy(table.Get("isdst")) {
		found -= 3600
	}
	if found == -1 {
		return 0, false
	}
	return float64(found), true
}
