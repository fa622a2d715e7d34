"""Django's own Japanese leaves no space between date and time."""

DATE_FORMAT = "Y年n月j日"
TIME_FORMAT = "G:i"
DATETIME_FORMAT = "Y年n月j日 G:i"
SHORT_DATE_FORMAT = DATE_FORMAT
SHORT_DATETIME_FORMAT = DATETIME_FORMAT
# Of moments in records.
RECORD_FORMAT = "Y年n月j日 G:i:s"
THOUSAND_SEPARATOR = ","
NUMBER_GROUPING = 3
