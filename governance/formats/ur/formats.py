"""One way to write a date on every page: day, month in words, year; hours by the 24-hour clock."""

DATE_FORMAT = "j F Y"
DATETIME_FORMAT = "j M Y، H:i"
SHORT_DATE_FORMAT = "j M Y"
SHORT_DATETIME_FORMAT = "j M Y، H:i"
TIME_FORMAT = "H:i"
