#!/usr/bin/env bash
# Build pjsua2 for one architecture and one Python from the source that Debian carries.
#   build.sh ARCHITECTURE TARBALL OUTPUT_FOLDER
# ARCHITECTURE is amd64 or arm64; the other one than this machine's is cross-compiled, against the tree that SYSROOT names
# (see README.md for what must be in it). TARBALL must stand in sources.tsv by its SHA-256. OUTPUT_FOLDER gets _pjsua2*.so, pjsua2.py and BUILD.txt.
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
fail() { printf 'pjproject: %s\n' "$1" >&2; exit 1; }

[ $# -eq 3 ] || fail "usage: build.sh amd64|arm64 TARBALL OUTPUT_FOLDER"
architecture=$1 tarball=$2
[ -f "$tarball" ] || fail "there is no source $tarball; fetch.sh gets it."
case "$architecture" in
  amd64) triplet=x86_64-linux-gnu ;;
  arm64) triplet=aarch64-linux-gnu ;;
  *) fail "architecture $architecture is neither amd64 nor arm64." ;;
esac
hash=$(sha256sum "$tarball" | cut -d' ' -f1)
version=$(awk -F'\t' -v hash="$hash" '$1 == hash { print $2 }' "$here/sources.tsv")
[ -n "$version" ] || fail "the source $tarball has the SHA-256 $hash, which sources.tsv does not list as known to be good."
mkdir -p "$3"
out=$(cd "$3" && pwd)
python=${PYTHON:-python3}
# For another Python than this machine's: its version, with PYTHON_INCLUDE at its headers.
tag=${PYTHON_VERSION:-$("$python" -c 'import sys; print(f"{sys.version_info[0]}.{sys.version_info[1]}")')}
soabi=cpython-${tag/./}
include=${PYTHON_INCLUDE:-$("$python" -c 'import sysconfig; print(sysconfig.get_path("include"))')}
[ -f "$include/Python.h" ] || fail "there is no $include/Python.h; Debian has it in libpython3-dev."

work=$(mktemp -d "${TMPDIR:-/tmp}/pjproject.XXXXXX")
trap 'rm -rf "$work"' EXIT
tar -xf "$tarball" -C "$work" --strip-components=1
cd "$work"

# The trimmed source lacks the files of a sound device that nobody here uses, but not its name in the list.
sed -i 's/ bdimad_dev\.o//' pjmedia/build/Makefile
cp "$here/config_site.h" pjlib/include/pj/config_site.h

host=()
prefix="" from=""
if [ "$(dpkg --print-architecture)" != "$architecture" ]; then
  prefix=$triplet-
  host=(--host="$triplet")
  command -v "${prefix}g++" >/dev/null || fail "there is no ${prefix}g++; Debian has it in g++-${triplet/_/-}."
  # Headers and libraries of the target, as its packages hold them, beside the compiler's own C library. What those
  # libraries need of the target's newer C library is there on the target.
  from=${SYSROOT:?"SYSROOT names the tree with the headers and libraries of the target"}
  export CPPFLAGS="-I$from/usr/include -I$from/usr/include/$triplet"
  export LDFLAGS="-L$from/usr/lib/$triplet -Wl,-rpath-link,$from/usr/lib/$triplet -Wl,--allow-shlib-undefined"
fi
# Optimised, reproducible (no paths of this folder), hardened like Debian's own packages.
export CFLAGS="-O2 -fPIC -DNDEBUG -ffile-prefix-map=$work=. -fstack-protector-strong -D_FORTIFY_SOURCE=2 ${CPPFLAGS:-}"
export CXXFLAGS="$CFLAGS"
export CC="${prefix}gcc" CXX="${prefix}g++" AR="${prefix}ar" RANLIB="${prefix}ranlib" LD="${prefix}gcc"

# --with-ssl is not a luxury: without it a cross build has no TLS and says nothing. SRTP and the resampler are Debian's,
# since the source carries neither. Everything that is off is a parser less on the network.
./aconfigure "${host[@]}" \
  --with-ssl="$from/usr" --with-external-srtp --enable-speex-resample --with-external-speex \
  --disable-video --disable-sound --disable-v4l2 --disable-ffmpeg --disable-sdl --disable-openh264 --disable-vpx \
  --disable-libwebrtc --disable-libwebrtc-aec3 --disable-libyuv \
  --disable-speex-codec --disable-speex-aec --disable-gsm-codec --disable-ilbc-codec --disable-l16-codec \
  --disable-g7221-codec --disable-silk --disable-bcg729 --disable-opencore-amr --disable-lyra --disable-upnp \
  > configure.txt 2>&1 || { tail -20 configure.txt >&2; fail "configure failed, see above."; }
grep -q '#define PJ_HAS_SSL_SOCK 1' pjlib/include/pj/compat/os_auto.h || fail "the build would have no TLS; is libssl-dev there for $architecture?"
grep -q '#define PJMEDIA_HAS_OPUS_CODEC 1' pjmedia/include/pjmedia-codec/config_auto.h || fail "the build would have no Opus; is libopus-dev there for $architecture?"
{ make -j"${JOBS:-2}" dep && make -j"${JOBS:-2}" lib; } > make.txt 2>&1 || { tail -30 make.txt >&2; fail "the libraries could not be compiled, see above."; }

cd pjsip-apps/src/swig/python
includes="-I../../../../pjlib/include -I../../../../pjlib-util/include -I../../../../pjmedia/include -I../../../../pjsip/include -I../../../../pjnath/include"
# shellcheck disable=SC2086 # words on purpose, in the five places where lists are split
swig $includes -w312 -threads -c++ -python -o pjsua2_wrap.cpp ../pjsua2.i
flags=$(make --no-print-directory -f helper.mak cflags | tr '\n' ' ')
libs=$(make --no-print-directory -f helper.mak libs | sed 's/^/-l/' | tr '\n' ' ')
paths="$(make --no-print-directory -f helper.mak ldflags | tr '\n' ' ') ${LDFLAGS:-}"
# shellcheck disable=SC2086
"$CC" $CFLAGS $flags $includes -Wall -Wextra -c "$here/gate.c" -o gate.o
# shellcheck disable=SC2086
"$CC" $CFLAGS $flags $includes -Wall -Wextra -c "$here/legs.c" -o legs.o
module=_pjsua2.$soabi-$triplet.so
# shellcheck disable=SC2086
"$CXX" -fPIC -O1 -DNDEBUG -ffile-prefix-map="$work"=. $flags -I"$include" -c pjsua2_wrap.cpp -o pjsua2_wrap.o
link="$CXX -shared -fPIC pjsua2_wrap.o gate.o legs.o $paths $libs -lspeexdsp"
# A name that no library gives is found now, and not when the box starts; the module itself does not link Python's.
# For another architecture the one who loads it finds it (image/sip_library.py does, under an emulated processor).
[ -n "$from" ] || $link -Wl,--no-undefined "-lpython$tag" -o complete.so || fail "the module lacks what is named above."
$link -o "$module"
"${prefix}strip" --strip-unneeded "$module"
install -m 644 "$module" pjsua2.py "$out/"
{
  printf 'pjproject %s\nsource %s\narchitecture %s\npython %s\n' "$version" "$hash" "$architecture" "$tag"
  "${prefix}readelf" -d "$module" | sed -n 's/.*(NEEDED).*\[\(.*\)\]/needs \1/p'
} > "$out/BUILD.txt"
cat "$out/BUILD.txt"
