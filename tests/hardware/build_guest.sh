#!/usr/bin/env bash
# Build the guest of the device test in the folder named: vmlinuz and guest.cpio.
# Nothing is installed and nobody needs to be root: packages are fetched and unpacked, never configured.
# What is fetched stays there, so that a second build fetches only what is new.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
to=$(mkdir -p "$1" && cd "$1" && pwd)
fail() { printf 'device-test: %s\n' "$1" >&2; exit 1; }
listed() { sed 's/#.*//' "$1" | awk 'NF'; }

python=$tree/.venv/bin/python
guest_python=3.13
kernel_release=sid  # the first Debian kernels with gpio-sim
modules="gpio-sim snd-aloop snd-dummy"

# --- Debian packages: this machine's own mirror, the guest's own releases -------------------------
mirror=$(apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' | grep -v security | head -1)
[ -n "$mirror" ] || fail "apt names no Debian mirror; it needs one line with a Debian release in its sources"
keys=/usr/share/keyrings/debian-archive-keyring.gpg
[ -f "$keys" ] || fail "$keys is missing; the package is debian-archive-keyring"
apt=$to/apt
mkdir -p "$apt/lists/partial" "$to/debs/partial"
: > "$apt/status"; : > "$apt/preferences"
cat > "$apt/guest.sources" <<SOURCES
Types: deb
URIs: $mirror
Suites: trixie $kernel_release
Components: main
Signed-By: $keys
SOURCES
cat > "$apt/apt.conf" <<CONF
Dir::State "$apt";
Dir::State::status "$apt/status";
Dir::State::Lists "$apt/lists";
Dir::Cache "$apt";
Dir::Cache::Archives "$to/debs";
Dir::Etc::SourceList "$apt/guest.sources";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::Preferences "$apt/preferences";
Dir::Etc::PreferencesParts "/dev/null";
APT::Default-Release "trixie";
APT::Install-Recommends "false";
APT::Architecture "amd64";
APT::Sandbox::User "";
Acquire::Languages "none";
CONF
export APT_CONFIG=$apt/apt.conf
apt-get update -qq || fail "the package lists of trixie and $kernel_release cannot be fetched"
kernel=$(apt-cache depends "linux-image-amd64/$kernel_release" | sed -n 's/.*Depends: linux-image-\([0-9].*\)/\1/p' | head -1)
[ -n "$kernel" ] || fail "$kernel_release has no kernel image for amd64"
printf 'device-test: fetching what the guest of kernel %s is made of\n' "$kernel"
wanted=$(listed "$here/guest_packages.txt" | awk '{print $2 "/" $1}')
mkdir -p "$apt/none/partial"  # else what is already fetched is not listed
apt-get install -qq -y --print-uris -o Dir::Cache::Archives="$apt/none" $wanted > "$apt/uris" || fail "the guest's packages do not fit together: $wanted"
apt-get install -qq -y --download-only $wanted >/dev/null || fail "the guest's packages cannot be fetched"
userland=$(awk '{print $2}' "$apt/uris")
(cd "$to/debs" && apt-get download -qq "linux-binary-$kernel/$kernel_release" "linux-modules-$kernel/$kernel_release") \
  || fail "the kernel $kernel cannot be fetched"

# What an earlier build fetched and this one does not use would only grow.
(cd "$to/debs" && for file in *.deb; do
  case $file in linux-*-"$kernel"_*) continue ;; esac
  grep -qF " $file " "$apt/uris" || rm -f "$file"
done)

# --- userland -------------------------------------------------------------------------------------
root=$to/root
rm -rf "$root" "$to/kernel"
mkdir -p "$root"/usr/{bin,sbin,lib,lib64} "$root"/{dev,proc,sys,tmp,run,etc} "$to/kernel"
for name in bin sbin lib lib64; do ln -s "usr/$name" "$root/$name"; done
for package in $userland; do
  dpkg-deb --fsys-tarfile "$to/debs/$package" | tar -x -C "$root" --keep-directory-symlink --no-same-owner \
    --exclude='./usr/share/doc/*' --exclude='./usr/share/man/*' --exclude='./usr/share/locale/*' \
    --exclude='./usr/share/i18n/*' --exclude='./usr/share/zoneinfo/*' --exclude='*.a'
done
site=$root/usr/lib/python3/dist-packages
mkdir -p "$site"

# --- kernel: the image, and the few modules that the test loads -----------------------------------
for package in "$to"/debs/linux-binary-"$kernel"_*.deb "$to"/debs/linux-modules-"$kernel"_*.deb; do
  dpkg-deb -x "$package" "$to/kernel"
done
[ -d "$to/kernel/lib" ] || ln -s usr/lib "$to/kernel/lib"
cp "$(find "$to/kernel" -name 'vmlinuz*' | head -1)" "$to/vmlinuz"
depmod -b "$to/kernel" "$kernel" 2>/dev/null  # it warns of lists that only built-in modules have
: > "$root/modules.order"
for module in $modules; do
  modprobe -d "$to/kernel" -S "$kernel" --show-depends "$module" > "$to/depends" \
    || fail "the kernel $kernel has no module $module"
  while read -r verb path _; do
    [ "$verb" = insmod ] || continue
    plain=$(basename "${path%.xz}")
    grep -qx "$plain" "$root/modules.order" && continue
    mkdir -p "$root/modules"
    case "$path" in *.xz) xz -dc "$path" > "$root/modules/$plain" ;; *) cp "$path" "$root/modules/$plain" ;; esac
    echo "$plain" >> "$root/modules.order"
  done < "$to/depends"
done
rm -rf "$to/kernel"

# --- Python packages: the versions and hashes that the product is locked to -----------------------
fetch() {  # pip's options, then names
  local options=() ; while [[ "$1" == -* ]]; do options+=("$1"); shift; done
  "$python" "$here/locked.py" "$tree/requirements-hardware.lock" "$guest_python" "$@" > "$to/locked.txt"
  "$python" -m pip download -qq --disable-pip-version-check --no-deps --require-hashes "${options[@]}" \
    -r "$to/locked.txt" -d "$to/pip" || fail "these Python packages cannot be fetched: $*"
}
rm -rf "$to/pip" "$to/build"; mkdir -p "$to/pip" "$to/build"
fetch --only-binary=:all: "--python-version=$guest_python" --implementation=cp --abi="cp${guest_python/./}" --abi=abi3 --abi=none \
  --platform=manylinux_2_28_x86_64 --platform=manylinux_2_27_x86_64 --platform=manylinux_2_17_x86_64 --platform=manylinux2014_x86_64 \
  numpy msgspec cffi pycparser tinydb soundfile typing-extensions cryptography argon2-cffi argon2-cffi-bindings \
  anyascii phonenumberslite soxr rpi-lgpio
fetch --no-binary=:all: lgpio pyalsaaudio
for wheel in "$to"/pip/*.whl; do "$python" -m zipfile -e "$wheel" "$site"; done
for archive in "$to"/pip/*.tar.gz; do tar -xzf "$archive" -C "$to/build"; done

# Compiled here for the guest: its Python's and ALSA's headers, this machine's compiler and C library.
headers=$to/build/include
mkdir -p "$headers/x86_64-linux-gnu"
for name in "python$guest_python" "x86_64-linux-gnu/python$guest_python" alsa; do
  ln -s "$root/usr/include/$name" "$headers/$name"
done
compile=(gcc -O1 -shared -fPIC -w -pthread -I"$headers/python$guest_python" -I"$headers")
suffix=cpython-${guest_python/./}-x86_64-linux-gnu.so
(cd "$to"/build/lgpio-* && swig -python lgpio.i \
  && "${compile[@]}" -Isrc src/lg*.c src/rgpiod.c lgpio_wrap.c -o "$site/_lgpio.$suffix" && cp lgpio.py "$site/") \
  || fail "lgpio does not compile for Python $guest_python"
(cd "$to"/build/pyalsaaudio-* \
  && "${compile[@]}" alsaaudio.c -L"$root/usr/lib/x86_64-linux-gnu" -lasound -Wl,--allow-shlib-undefined -o "$site/alsaaudio.$suffix") \
  || fail "pyalsaaudio does not compile for Python $guest_python"
"${compile[@]}" "$here/guest/no_edges.c" -o "$root/usr/lib/no_edges.so" || fail "no_edges.c does not compile"

# --- one archive, unpacked by the kernel into memory ----------------------------------------------
rm -rf "$root"/usr/include "$root"/usr/share/{perl,bash-completion,info,lintian} "$root"/usr/lib/x86_64-linux-gnu/perl* \
  "$root"/usr/lib/x86_64-linux-gnu/libpython*.so* "$root"/usr/lib/python*/config-* "$root"/usr/lib/python*/test \
  "$root"/usr/lib/systemd "$root"/usr/lib/dracut
find "$site" -type d \( -name tests -o -name _core_tests \) -prune -exec rm -rf {} +
echo "$kernel" > "$root/kernel"
(cd "$root" && find . -print0 | cpio --null -o -H newc -R 0:0 --quiet) > "$to/guest.cpio.part"
mv "$to/guest.cpio.part" "$to/guest.cpio"
rm -rf "$root" "$to/build" "$to/depends" "$to/locked.txt"
