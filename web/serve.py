"""Serve the page behind its production server."""

from __future__ import annotations

import logging
import signal
from pathlib import Path
from types import FrameType

import waitress

from web.app import create_app
from web.box import Box

log = logging.getLogger(__name__)

THREADS = 32  # a live page holds one; measured: 4 threads starve with 20 pages, 32 do not
CONNECTIONS = 400
HEADER_TIMEOUT_S = 20


def serve(*, run_folder: Path, data_folder: Path, address: str) -> None:
    """Serve until SIGTERM.

    Args:
        run_folder: where call control listens.
        data_folder: where the records are.
        address: ``host:port``.

    Raises:
        SystemExit: the address cannot be used (1), or the end was asked for (0).
    """
    box = Box(run_folder)
    try:
        server = waitress.create_server(
            create_app(box, data_folder),
            listen=address,
            threads=THREADS,
            connection_limit=CONNECTIONS,
            channel_timeout=HEADER_TIMEOUT_S,
            ident=None,
        )
    except OSError as problem:
        log.error("page_address %s cannot be used: %s", address, problem.strerror)  # noqa: TRY400  # the sentence says it all
        raise SystemExit(1) from None
    box.start()

    def end(_number: int, _frame: FrameType | None) -> None:
        box.stop()
        # The server's loop lets its threads finish: streams see that the box has stopped.
        raise SystemExit(0)

    logging.getLogger("waitress").setLevel(logging.WARNING)  # a browser that leaves is no news
    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    server.run()
