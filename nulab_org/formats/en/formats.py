"""Dates that the whole world reads the same way; Django's own English is American."""

DATE_FORMAT = "M j, Y"
TIME_FORMAT = "g:i A"
DATETIME_FORMAT = "M j, Y, g:i A"
MONTH_DAY_FORMAT = "M j"
SHORT_DATE_FORMAT = DATE_FORMAT
SHORT_DATETIME_FORMAT = DATETIME_FORMAT
# Of moments in records.
RECORD_FORMAT = "M j, Y, g:i:s A"
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
