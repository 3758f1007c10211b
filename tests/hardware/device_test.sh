#!/usr/bin/env bash
# make device-test: drivers/gpio.py and drivers/alsa_pcm.py through the genuine Python modules,
# against devices of a Linux kernel, in a small guest without KVM.
# What is fetched and built lies in out/device-test (or DEVICE_TEST_CACHE); a second run only boots.
set -euo pipefail
export PATH=$PATH:/usr/sbin:/sbin
here=$(cd "$(dirname "$0")" && pwd)
tree=$(cd "$here/../.." && pwd)
cache=${DEVICE_TEST_CACHE:-$tree/out/device-test}
limit_s=${DEVICE_TEST_LIMIT_S:-900}
fail() { printf 'device-test: %s\n' "$1" >&2; exit 1; }

[ "$(uname -m)" = x86_64 ] || fail "the guest is built for amd64 and with this machine's compiler; this machine is $(uname -m)"
missing=()
while read -r package _; do
  case "$package" in ''|'#'*) continue ;; esac
  dpkg-query -W -f='${Status}' "$package" 2>/dev/null | grep -q 'install ok installed' || missing+=("$package")
done < "$here/packages.txt"
if [ "${#missing[@]}" -gt 0 ]; then
  as_root=""
  if [ "$(id -u)" -ne 0 ]; then
    { command -v sudo >/dev/null && sudo -n true 2>/dev/null; } \
      || fail "these Debian packages are missing and this user may not install them: ${missing[*]}"
    as_root="sudo -n"
  fi
  printf 'device-test: installing Debian packages: %s\n' "${missing[*]}"
  export DEBIAN_FRONTEND=noninteractive
  $as_root apt-get update -qq || fail "the Debian package lists cannot be fetched, and these packages are missing: ${missing[*]}"
  $as_root apt-get install -y -qq --no-install-recommends "${missing[@]}" >/dev/null || fail "Debian could not install: ${missing[*]}"
fi

mkdir -p "$cache"
cache=$(cd "$cache" && pwd)
exec 9> "$cache/lock"
flock -w "$limit_s" 9 || fail "another run holds $cache/lock"
want=$(cat "$here"/{build_guest.sh,guest_packages.txt,locked.py,guest/no_edges.c} "$tree/requirements-hardware.lock" | sha256sum | cut -d' ' -f1)
if [ ! -f "$cache/guest.cpio" ] || [ "$(cat "$cache/built" 2>/dev/null)" != "$want" ]; then
  rm -f "$cache/built" "$cache/guest.cpio"
  nice -n 10 bash "$here/build_guest.sh" "$cache"
  echo "$want" > "$cache/built"
fi

# The project as it is now, in a second archive that the kernel unpacks over the first.
now=$(mktemp -d "$cache/now.XXXXXX")
trap 'rm -rf "$now"' EXIT
mkdir -p "$now/root/opt/tipring/tests" "$now/root/etc"
cp -r "$tree"/{drivers,firmware,ivr} "$now/root/opt/tipring/"
cp "$tree/tests/__init__.py" "$now/root/opt/tipring/tests/"
cp -r "$tree"/tests/{bench,hardware} "$now/root/opt/tipring/tests/"
cp "$here/guest/init" "$now/root/init" && chmod 755 "$now/root/init"
cp "$here/guest/asound.conf" "$now/root/etc/"
find "$now/root" -name __pycache__ -prune -exec rm -rf {} +
(cd "$now/root" && find . -print0 | cpio --null -o -H newc -R 0:0 --quiet) > "$now/project.cpio"
cat "$cache/guest.cpio" "$now/project.cpio" > "$now/initrd"

# The guest's clock counts its instructions (2 ns each, half the speed of a small board), so a busy
# machine makes the test slower and changes none of its figures.
console=$cache/console.log
printf 'device-test: booting the guest, console in %s\n' "$console"
begin=$SECONDS
timeout "$limit_s" qemu-system-x86_64 -accel tcg -icount shift=1,sleep=off -cpu Nehalem -m 1024 -smp 1 \
  -machine pc -nodefaults -no-user-config -display none -no-reboot -serial stdio \
  -kernel "$cache/vmlinuz" -initrd "$now/initrd" \
  -append "console=ttyS0 quiet loglevel=4 panic=-1 mitigations=off tsc=reliable" \
  < /dev/null > "$console" 2>&1 && status=0 || status=$?
tr -d '\r' < "$console" | grep -E '^(CHECK|GUEST)' || true
[ "$status" -ne 124 ] || fail "the guest was not done within $limit_s s; the last line is: $(tail -1 "$console")"
grep -q '^GUEST DONE' "$console" || fail "the guest ended early (status $status); its last lines are: $(tail -3 "$console")"
passed=$(grep -c '^CHECK pass' "$console" || true)
failed=$(grep -c '^CHECK fail' "$console" || true)
printf 'device-test: %s checks passed, %s failed, %s s\n' "$passed" "$failed" "$((SECONDS - begin))"
[ "$failed" -eq 0 ] && [ "$passed" -gt 0 ]
