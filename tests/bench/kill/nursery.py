"""A process that has loaded what the programs stand on; each run of a program is a fork of it.

Loading costs ten times what a program does. A fork begins where a fresh process would be after its
imports, with descriptors of its own, and ends as one does, with all that the interpreter does then.

python -B nursery.py DESCRIPTOR   (a socket of whole messages: what to run, its process, its end)
"""

import ctypes  # noqa: F401  # loaded for the forks
import gc
import json
import os
import runpy
import socket
import sys
from pathlib import Path

import firmware.storage.records
import firmware.storage.settings  # noqa: F401  # loaded for the forks

HERE = Path(__file__).parent
LONGEST_MESSAGE = 10_000


def main(harness: socket.socket) -> None:
    """Fork one program after the other, until the harness has gone."""
    while True:
        order, descriptors, _, _ = socket.recv_fds(harness, LONGEST_MESSAGE, 3)
        if not order:
            return
        process = os.fork()
        if process == 0:
            harness.close()
            for standard, given in enumerate(descriptors):
                os.dup2(given, standard)
                os.close(given)
            program, folder = json.loads(order)
            sys.argv = [program, folder]
            runpy.run_path(str(HERE / program), run_name="__main__")
            return
        for given in descriptors:
            os.close(given)
        harness.send(str(process).encode())
        _, status = os.waitpid(process, 0)
        harness.send(str(os.waitstatus_to_exitcode(status)).encode())


if __name__ == "__main__":
    gc.freeze()  # else each fork copies what its collector merely looks at
    main(socket.socket(fileno=int(sys.argv[1])))
