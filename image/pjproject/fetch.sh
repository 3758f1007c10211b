#!/usr/bin/env bash
# Get the newest source of sources.tsv from the distribution, and check it: fetch.sh FOLDER
# It is a part of another package there and may have moved on; then a kept copy of the tarball is the way (README.md).
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
fail() { printf 'pjproject: %s\n' "$1" >&2; exit 1; }
[ $# -eq 1 ] || fail "usage: fetch.sh FOLDER"
mkdir -p "$1"
folder=$(cd "$1" && pwd)
IFS=$'\t' read -r hash version file package release < <(grep -v '^#' "$here/sources.tsv" | head -1)
if [ -f "$folder/$file" ] && printf '%s  %s\n' "$hash" "$folder/$file" | sha256sum -c --status; then exit 0; fi

# A package manager's view of its own: only the sources of the unstable branch, from the mirror this machine uses.
mirror=$(cat /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -oE 'https?://[^ ]+/debian/?( |$)' | head -1 | tr -d ' ') || true
[ -n "$mirror" ] || fail "no Debian mirror is set up here; fetch $file of $package $release by hand."
private=$(mktemp -d)
trap 'rm -rf "$private"' EXIT
mkdir -p "$private/lists/partial" "$private/cache/archives/partial"
printf 'deb-src [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] %s sid main\n' "$mirror" > "$private/sources.list"
cat > "$private/apt.conf" <<EOF
Dir::Etc::sourcelist "$private/sources.list";
Dir::Etc::sourceparts "-";
Dir::State::lists "$private/lists";
Dir::Cache "$private/cache";
Acquire::Languages "none";
EOF
export APT_CONFIG=$private/apt.conf
apt-get update -qq || fail "the list of sources cannot be fetched from $mirror."
address=$(apt-get source --print-uris "$package=$release" 2>/dev/null | grep -F "SHA256:$hash" | cut -d"'" -f2) || true
[ -n "$address" ] || fail "$package $release is no longer there; use a kept copy of $file ($version)."
/usr/lib/apt/apt-helper download-file "$address" "$folder/$file" "SHA256:$hash" > /dev/null \
  || fail "$file cannot be fetched, or is not what sources.tsv says."
printf '%s\n' "$folder/$file"
