#!/bin/sh
# A voice pack as the box knows one, on a voice that Debian has: text in, a WAV file out.
# Called as: espeak_voice.sh LOG --language zh-CN. Every text that is said stands in LOG.
case "$3" in
    zh-CN) voice=cmn ;;
    en) voice=en-us ;;
    *) echo "this voice has no $3" >&2; exit 3 ;;
esac
text=$(cat)
echo "$text" >> "$1"
exec espeak-ng -v "$voice" --stdout "$text"
