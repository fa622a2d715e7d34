"""Text for a page: words, or words that wait for the reader's language."""

from django.utils.functional import Promise

Text = str | Promise
