// Package calendar counts days. Go's package time would make plugins larger.
package calendar

// Civil is the Gregorian date of a day since 1970. Years are counted from March,
// so that the leap day comes last.
func Civil(days int64) (year int64, month, day int) {
	const daysBefore1970, daysPerEra = 719468, 146097 // since March of year 0; of 400 years
	days += daysBefore1970
	era := FloorDiv(days, daysPerEra)
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

// DaysSince1970 is the inverse of Civil; month is from 1 to 12.
func DaysSince1970(year int64, month, day int) int64 {
	fromMarch := month - 3
	if month <= 2 {
		year--
		fromMarch += 12
	}
	leaps := FloorDiv(year, 4) - FloorDiv(year, 100) + FloorDiv(year, 400)
	return 365*year + leaps + int64((153*fromMarch+2)/5+day-1) - 719468
}

// FloorDiv is a/b, rounded down, for a b above 0.
func FloorDiv(a, b int64) int64 {
	if a < 0 {
		return -((b - 1 - a) / b)
	}
	return a / b
}

// FloorMod is what FloorDiv leaves: at least 0, below b.
func FloorMod(a, b int64) int64 { return a - FloorDiv(a, b)*b }
