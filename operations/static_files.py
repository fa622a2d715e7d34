"""The site's static files, also those of a version that this process does not run."""

import os

from django.http import HttpRequest, HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware  # type: ignore[import-untyped]


class StaticFiles(WhiteNoiseMiddleware):
    """WhiteNoise, which knows the files that there were when the process began.

    While workers are replaced, a page of a new one names files that an old one is asked for.
    """

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        path = request.path_info
        if path.startswith(self.static_prefix) and path not in self.files and not self.autorefresh:
            self._look_for(path)
        response: HttpResponseBase = super().__call__(request)
        return response

    def _look_for(self, url: str) -> None:
        path = os.path.join(self.static_root, url[len(self.static_prefix) :])
        # Canonical: without "..", "//" and the like.
        if self.url_is_canonical(url) and os.path.isfile(path):
            self.add_file_to_dictionary(url, path)
