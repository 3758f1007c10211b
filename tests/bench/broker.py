"""An MQTT broker of the bench: mosquitto, with TLS by an authority of the bench and one user.

Each process of the tests has an address of its own on the loopback interface, so that no two want
the same port.
"""

from __future__ import annotations

import os
import shutil
import subprocess
from pathlib import Path
from typing import Self

import trustme

PORT = 8883
CLEAR_PORT = 1883
USER, PASSWORD = "tipring", "s3cret words"


def own_address() -> str:
    """An address of 127/8 that belongs to this process alone."""
    pid = os.getpid()
    return f"127.{(pid >> 16) + 100 & 255}.{pid >> 8 & 255}.{pid & 255}"


class MqttBroker:
    """mosquitto in a folder; started and stopped as a context, and again.

    Args:
        folder: For its files.
        name: The certificate is for this name or address.
    """

    def __init__(self, folder: Path, *, name: str = "") -> None:
        self.address = own_address()
        self._folder = folder
        authority = trustme.CA()
        self.authority = authority.cert_pem.bytes().decode()
        leaf = authority.issue_cert(name or self.address)
        leaf.private_key_and_cert_chain_pem.write_to_path(str(folder / "leaf.pem"))
        passwords = folder / "passwords"
        run = [shutil.which("mosquitto_passwd") or "mosquitto_passwd", "-b", "-c"]
        subprocess.run([*run, str(passwords), USER, PASSWORD], check=True, capture_output=True)
        (folder / "access").write_text(f"user {USER}\ntopic readwrite tipring/#\n")
        (folder / "conf").write_text(
            f"user root\nper_listener_settings false\nallow_anonymous false\n"
            f"password_file {passwords}\nacl_file {folder / 'access'}\n"
            f"persistence false\nlog_dest stderr\nlog_type all\n"
            f"listener {PORT} {self.address}\ncertfile {folder / 'leaf.pem'}\n"
            f"keyfile {folder / 'leaf.pem'}\n"
            f"listener {CLEAR_PORT} {self.address}\n"
        )
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        program = shutil.which("mosquitto", path=f"{os.environ['PATH']}:/usr/sbin") or "mosquitto"
        self._process = subprocess.Popen(
            [program, "-c", str(self._folder / "conf")], stderr=subprocess.PIPE
        )
        self.until(b" running")
        return self

    def until(self, words: bytes) -> list[bytes]:
        """Read what it says until it says this."""
        assert self._process is not None
        assert self._process.stderr is not None
        said = []
        for line in self._process.stderr:
            said.append(line)
            if words in line:
                return said
        raise AssertionError(f"it ended: {said}")

    def __exit__(self, *_: object) -> None:
        assert self._process is not None
        self._process.terminate()
        self._process.wait(20)
        assert self._process.stderr is not None
        self._process.stderr.close()
