#!/usr/bin/env bash
# Install tipring on a Debian machine of one's own, or take it away again.
#
#   systemd/install.sh                 program, units, users; starts when machine.toml is there
#   systemd/install.sh --firewall      the same, and only neighbours may reach the machine
#   systemd/install.sh --uninstall     takes everything away but the office's data (make uninstall)
#   systemd/install.sh --purge         takes the data away too
#   --root DIR                         into the tree DIR, which is not running
#   --untried                          on another system than Debian 13, which nobody has tried
set -euo pipefail
here=$(cd "$(dirname "$0")" && pwd)
tree=$(dirname "$here")
root=""; action=install; firewall=no; untried=no
fail() { printf 'install: %s\n' "$1" >&2; exit 1; }
while [ $# -gt 0 ]; do
  case "$1" in
    --root) root=${2:?"--root needs a folder"}; shift ;;
    --firewall) firewall=yes ;;
    --untried) untried=yes ;;
    --uninstall|--purge) action=${1#--} ;;
    *) fail "$1 is not known; see the head of $0." ;;
  esac
  shift
done
[ -n "$root" ] || [ "$(id -u)" -eq 0 ] || fail "this changes the system; run it as root (sudo make install)."

program=$root/opt/tipring
units=$root/etc/systemd/system
placed=(
  "sysusers.d/tipring.conf:$root/usr/lib/sysusers.d/tipring.conf"
  "tmpfiles.d/tipring.conf:$root/usr/lib/tmpfiles.d/tipring.conf"
  "avahi/tipring.service:$root/etc/avahi/services/tipring.service"
  "journald.conf.d/tipring.conf:$root/etc/systemd/journald.conf.d/tipring.conf"
  "system.conf.d/tipring.conf:$root/etc/systemd/system.conf.d/tipring.conf"
)
live() { [ -z "$root" ] && [ -d /run/systemd/system ]; }

if [ "$action" != install ]; then
  if live; then systemctl disable -q --now tipring.target tipring-{lined,calld,sipd,faxd,webd,outboxd}.service tipring-webd.socket tipring-{power-off,network}.path 2>/dev/null || true; fi
  for unit in "$here"/system/*; do rm -f "$units/$(basename "$unit")"; done
  [ -n "$root" ] || for group in $(cat "$program/groups-made" 2>/dev/null); do groupdel "$group" 2>/dev/null || true; done
  rm -rf "$units"/tipring-{lined,calld}.service.d/own-machine.conf
  rmdir "$units"/tipring-{lined,calld}.service.d 2>/dev/null || true
  rm -rf "$units"/tipring.target.wants "$units"/multi-user.target.wants/tipring.target "$units"/sockets.target.wants/tipring-webd.socket
  for pair in "${placed[@]}"; do rm -f "${pair#*:}"; done
  rm -f "$root/etc/nftables.d/tipring.nft" "$root/usr/local/bin/tipring"
  [ -f "$root/etc/nftables.conf" ] && sed -i '/nftables.d\/tipring.nft/d' "$root/etc/nftables.conf"
  rm -rf "$program" "$root"/run/tipring "$root"/run/tipring-*
  rmdir "$root/etc/systemd/journald.conf.d" "$root/etc/systemd/system.conf.d" "$root/etc/nftables.d" "$root/media/backup" 2>/dev/null || true
  if live; then systemctl daemon-reload; systemctl try-restart systemd-journald.service; fi
  if [ "$action" = purge ]; then
    rm -rf "$root/var/lib/tipring" "$root/etc/tipring"
    if [ -z "$root" ]; then
      for user in line call sip fax web out; do userdel "tipring-$user" 2>/dev/null || true; done
      groupdel tipring 2>/dev/null || true
    fi
  else
    # Whom it belongs to stays too: a later install would give the numbers to others, and nothing could be read.
    printf 'install: the data stays in %s and the configuration in %s, with the users whom they belong to; --purge takes them too.\n' "$root/var/lib/tipring" "$root/etc/tipring"
  fi
  [ -n "$root" ] || printf 'install: Debian packages that came with it stay; systemd/packages.txt names them.\n'
  exit 0
fi

if [ -z "$root" ]; then
  system=$(. /etc/os-release 2>/dev/null && printf '%s %s' "${ID:-}" "${VERSION_ID:-}" || true)
  if [ "$system" != "debian 13" ] && [ "$untried" = no ]; then
    fail "this is ${system:-an unknown system}, not Debian 13; nothing was changed. systemd/install.sh --untried goes on all the same."
  fi
  wanted=()
  while read -r name _; do
    case "$name" in ''|'#'*) continue ;; esac
    found=""
    for one in ${name//|/ }; do
      if apt-cache show "$one" >/dev/null 2>&1; then found=$one; break; fi
    done
    [ -n "$found" ] || fail "Debian's lists name none of: ${name//|/, }; nothing was changed. Run apt-get update first."
    wanted+=("$found")
  done < "$here/packages.txt"
  [ "$firewall" = no ] || wanted+=(nftables)
  DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${wanted[@]}" >/dev/null \
    || fail "Debian could not install: ${wanted[*]} (see apt's lines above). Is there a network? The same command goes on where it stopped."
fi

mkdir -p "$program" "$units" "$root/etc/tipring"
for part in drivers firmware ivr web; do
  rm -rf "${program:?}/$part"
  cp -r "$tree/$part" "$program/$part"
done
cp "$tree/README.md" "$tree/requirements-hardware.lock" "$program/"
find "$program/drivers" "$program/firmware" "$program/ivr" "$program/web" -name __pycache__ -prune -exec rm -rf {} +
for unit in "$here"/system/*; do install -m 644 "$unit" "$units/"; done
for pair in "${placed[@]}"; do install -D -m 644 "$here/${pair%%:*}" "${pair#*:}"; done
install -D -m 755 /dev/stdin "$root/usr/local/bin/tipring" <<'W'
#!/bin/sh
PYTHONSAFEPATH=1 PYTHONPATH=/opt/tipring exec /opt/tipring/.venv/bin/python -m firmware.daemons.cli "$@"
W
install -m 644 "$tree/firmware/machine.example.toml" "$root/etc/tipring/machine.example.toml"
if [ "$firewall" = yes ]; then
  install -D -m 644 "$here/nftables.d/tipring.nft" "$root/etc/nftables.d/tipring.nft"
  touch "$root/etc/nftables.conf"
  grep -q 'nftables.d/tipring.nft' "$root/etc/nftables.conf" || printf 'include "/etc/nftables.d/tipring.nft"\n' >> "$root/etc/nftables.conf"
fi
[ -z "$root" ] || exit 0

python3 -c 'import sys; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))' || fail "Python 3.11, 3.12 or 3.13 is needed."
[ -x "$program/.venv/bin/python" ] || python3 -m venv "$program/.venv"
# lgpio has no wheel for Python 3.13; with PYPI set it builds from the C sources in its own package.
PYPI=1 "$program/.venv/bin/python" -m pip install -q --disable-pip-version-check --no-cache-dir --require-hashes -r "$program/requirements-hardware.lock" \
  || fail "the locked Python packages could not be installed (see pip's lines above). Is there a network? The same command goes on where it stopped."
"$program/.venv/bin/python" -m compileall -q "$program/drivers" "$program/firmware" "$program/ivr" "$program/web"
for group in spi gpio; do getent group "$group" >/dev/null || printf '%s\n' "$group" >> "$program/groups-made"; done
systemd-sysusers tipring.conf
systemd-tmpfiles --create "$root/usr/lib/tmpfiles.d/tipring.conf"
# Data whose owners are gone (an earlier install was taken away, a disk comes from another machine) is read by nobody.
adopt() { [ ! -d "/var/lib/tipring$1" ] || find "/var/lib/tipring$1" \( -nouser -o -nogroup \) -exec chown -h "tipring-$2:tipring" {} +; }
for folder in recordings voicemail captures; do adopt "/$folder" line; done
adopt /page web; adopt /trunk sip; adopt "" call
# A machine of one's own has no other slot to turn to, and other work: what fails is tried again, ever more slowly.
for daemon in lined calld; do
  install -D -m 644 /dev/stdin "$units/tipring-$daemon.service.d/own-machine.conf" <<'W'
[Unit]
StartLimitIntervalSec=0
StartLimitAction=none
[Service]
RestartSteps=8
RestartMaxDelaySec=60
W
done
if live; then
  systemctl daemon-reload
  [ "$firewall" = no ] || systemctl enable --now nftables.service
fi
ls "$program"/pjsua2/pjsua2.py "$program"/.venv/lib/python3*/site-packages/pjsua2* >/dev/null 2>&1 \
  || printf 'install: without a SIP library trunks to providers stay out; image/pjproject/build.sh makes one for /opt/tipring/pjsua2.\n'
systemctl enable -q tipring.target tipring-{lined,calld,sipd,faxd,webd,outboxd}.service tipring-webd.socket tipring-{power-off,network}.path
if [ ! -f /etc/tipring/machine.toml ]; then
  printf 'install: copy /etc/tipring/machine.example.toml to machine.toml, make it fit your card, then: systemctl start tipring.target\n'
elif live; then
  systemctl restart tipring-webd.socket tipring.target tipring-{lined,calld,sipd,faxd,webd,outboxd}.service
  printf 'install: tipring runs; the page is at http://%s.local\n' "$(hostname)"
fi
