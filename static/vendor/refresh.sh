#!/bin/sh
# Fetches the vendored files again with `npm pack` and builds ../icons.svg from
# the names in icons.txt. To update: change a version here and in README.md, run
# it, look at the pages, commit. Needs npm; running the site does not.
set -eu
here=$(cd "$(dirname "$0")" && pwd)
# A directory with the tarballs may be given, to work without a network.
tarballs=${1:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

unpack() { # package version tarball-name
    if [ -n "$tarballs" ]; then
        cp "$tarballs/$3-$2.tgz" "$work/"
    else
        (cd "$work" && npm pack --silent "$1@$2" >/dev/null)
    fi
    mkdir "$work/$3"
    tar -xzf "$work/$3-$2.tgz" -C "$work/$3" --strip-components=1
}

without_source_map() { # collectstatic would look for the map and fail
    sed -e 's|/\*# sourceMappingURL=[^*]*\*/||' -e 's|^//# sourceMappingURL=.*$||' "$1"
}

unpack @tabler/core 1.6.1 tabler-core
without_source_map "$work/tabler-core/dist/css/tabler.min.css" >"$here/tabler/tabler.min.css"

unpack htmx.org 2.0.11 htmx.org
without_source_map "$work/htmx.org/dist/htmx.min.js" >"$here/htmx/htmx.min.js"
cp "$work/htmx.org/LICENSE" "$here/htmx/LICENSE"

unpack @tabler/icons 3.51.0 tabler-icons
cp "$work/tabler-icons/LICENSE" "$here/tabler-icons/LICENSE"
{
    printf '<svg xmlns="http://www.w3.org/2000/svg">\n'
    while read -r name; do
        printf '<symbol id="icon-%s" viewBox="0 0 24 24" fill="none" stroke="currentColor" stroke-linecap="round" stroke-linejoin="round">' "$name"
        sed -e '1,/^>$/d' -e '/<\/svg>/d' -e '/d="M0 0h24v24H0z"/d' \
            "$work/tabler-icons/icons/outline/$name.svg" | sed -e 's/^ *//' -e 's| />|/>|' | tr -d '\n'
        printf '</symbol>\n'
    done <"$here/icons.txt"
    printf '</svg>\n'
} >"$here/../icons.svg"

unpack @fontsource-variable/inter 5.3.0 fontsource-variable-inter
rm -f "$here"/inter/*.woff2
cp "$work/fontsource-variable-inter/files"/inter-*-wght-normal.woff2 "$here/inter/"
cp "$work/fontsource-variable-inter/LICENSE" "$here/inter/LICENSE"
# A font that comes too late is left for the next page, so that no text moves.
sed -e 's|url(\./files/|url(./|' -e 's|font-display: swap|font-display: optional|' -e "s|'Inter Variable'|Inter|" \
    "$work/fontsource-variable-inter/index.css" >"$here/inter/inter.css"
