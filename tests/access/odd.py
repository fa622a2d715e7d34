"""What nobody means to send: in an address, a query string, a form, a cookie, a header."""

NUL = "\x00"
LONG = "x" * 3000
HUGE = str(10**20)
# In place of an id or a name in the address.
IN_ADDRESSES = (f"a{NUL}b", "-1", "0", HUGE, "1e9", "None", "..", "'\"<>&", "%", "\U0001f600", "\u202e", "é", LONG)
# Of every field at once, and of some of them.
VALUES = (
    "", NUL, f"a{NUL}b", "-1", "0", HUGE, "1.5", "nan", "__", "-", "name__", "-__class__", "0000-00-00", "2026-02-30",
    "9999-12-31", "999999-01-01", "0001-01-01", "'", '"', "%", "{}", "[]", "../../etc/passwd", "\u202e", "\ud7ff",
    "\U0001f600", "\r\nX-Odd: 1", "ja", "123456789:1", LONG,
)  # fmt: skip
# What the pages read of a query string, and some that they do not.
QUERY_NAMES = (
    "page", "after", "sort", "q", "status", "type", "role", "product", "licence", "list", "member", "team", "since",
    "until", "from", "to", "window", "next", "again", "state", "kind", "outcome", "account", "reason", "event",
    "category", "action", "operator", "subject", "ADMIN", "GUEST", "o", "p", "e", "all", "_popup", "_to_field",
    "_facets", "organization__id__exact", "is_active__exact", "RelayState", "SAMLRequest", "format", "language",
    "app_label", "model_name", "field_name", "term", "organization", "filter", "count", "startIndex", "cursor",
)  # fmt: skip
# Bytes that no encoding has: as they stand in a query string or a form.
BROKEN = ("%00", "%ff", "%ff%fe", "%c3%28", "%ed%a0%80", "%", "&&==&", "=", "a" * 5000, "%5b%5d=1", "q[]=1&q[$ne]=1")
HEADERS = (
    {"Accept-Language": NUL, "Referer": f"http://testserver/{NUL}", "User-Agent": f"a{NUL}b"},
    {"Accept-Language": "ja," * 3000, "Referer": LONG, "User-Agent": LONG, "X-Forwarded-For": LONG},
    {
        "Accept-Language": "\xff\xfe", "Referer": "http://[", "User-Agent": "\xff", "X-Forwarded-For": "a, b",
        "Origin": "null", "If-Modified-Since": "yesterday", "Range": "bytes=9-1", "HX-Request": "true",
        "HX-Current-URL": "http://[", "HX-Current-URL-URI-AutoEncoded": "true", "X-Forwarded-Host": "evil.example",
    },
)  # fmt: skip
COOKIES = (NUL, "%00", "\xff", "a" * 4000, "{}", "null", "..", "1")
COOKIE_NAMES = ("session", "csrftoken", "language", "theme", "saml-waiting", "saml-browser", "messages")
BODIES = (
    ("application/json", b'{"a": [1]}'),
    ("application/x-www-form-urlencoded", b"a=%00&%00=a&a=%ff&=&&%"),
    ("application/x-www-form-urlencoded; charset=utf-16", b"a=b"),
    ("application/x-www-form-urlencoded; charset=nonsense", b"a=b"),
    ("application/x-www-form-urlencoded", b"a=1&" * 2000),
    ("multipart/form-data", b"no boundary"),
    ("multipart/form-data; boundary=x", b"--x\r\nContent-Disposition: form-data; name="),
    ("multipart/form-data; boundary=\xc3\xa9", b"--x--"),
    ("text/plain", b"\x00" * 1000),
    ("", b""),
)
