"""Services of a name asked of a server on loopback; the answer is octets by hand."""

from __future__ import annotations

import socket
import threading
from pathlib import Path

from firmware.daemons.trunk.names import Names, machine_servers

# RFC 2782: priority 20 and 10, both ports and targets written out.
RECORDS = (
    bytes.fromhex("c00c 0021 0001 00000e10 000b 0014 0000 13c4")
    + b"\x03two\x00"
    + bytes.fromhex("c00c 0021 0001 00000e10 000b 000a 0000 13c5")
    + b"\x03one\x00"
)


def test_services_are_known_after_a_while_and_in_their_order() -> None:
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            asked, source = server.recvfrom(512)
            head = asked[:2] + bytes.fromhex("8180 0001 0002 0000 0000")
            server.sendto(head + asked[12:] + RECORDS, source)

        thread = threading.Thread(target=serve)
        thread.start()
        names = Names(servers=[server.getsockname()], patience_s=60)
        assert names.services("carrier.example", "udp") == ()  # never waited for
        for _ in range(12_000):
            if names.changed:
                break
            threading.Event().wait(0.005)
        thread.join()
    assert names.services("carrier.example", "udp") == (("one", 5_061), ("two", 5_060))


def test_servers_are_those_of_the_machine(tmp_path: Path) -> None:
    path = tmp_path / "resolv.conf"
    path.write_text("# made up\nsearch office\nnameserver 192.0.2.53\nnameserver 2001:db8::53\n")
    assert machine_servers(path) == (("192.0.2.53", 53), ("2001:db8::53", 53))
    assert machine_servers(tmp_path / "none") == ()
