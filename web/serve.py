"""Serve the page behind its production server."""

from __future__ import annotations

import signal
from pathlib import Path
from types import FrameType

import waitress

from web.app import create_app
from web.box import Box

THREADS = 32  # a live page holds one; measured: 4 threads starve with 20 pages, 32 do not
STREAMS = 24  # the rest is for requests
CONNECTIONS = 400
HEADER_TIMEOUT_S = 20


def serve(*, run_folder: Path, data_folder: Path, address: str) -> None:
    """Serve until SIGTERM.

    Args:
        run_folder: where call control listens.
        data_folder: where the records are.
        address: ``host:port``.
    """
    box = Box(run_folder)
    box.start()
    server = waitress.create_server(
        create_app(box, data_folder),
        listen=address,
        threads=THREADS,
        connection_limit=CONNECTIONS,
        channel_timeout=HEADER_TIMEOUT_S,
        ident=None,
    )

    def end(_number: int, _frame: FrameType | None) -> None:
        box.stop()
        server.close()
        raise SystemExit(0)

    signal.signal(signal.SIGTERM, end)
    server.run()
