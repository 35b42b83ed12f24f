"""Runs a command in a pseudo-terminal: its keys are our input, its screen is our output."""

import fcntl
import os
import pty
import select
import struct
import sys
import termios

ROWS, COLUMNS = 40, int(os.environ.get("TERMINAL_COLUMNS", "120"))


def main(command: list[str]) -> int:
    """Run until the command ends; its exit code."""
    child, screen = pty.fork()
    if child == 0:
        fcntl.ioctl(0, termios.TIOCSWINSZ, struct.pack("HHHH", ROWS, COLUMNS, 0, 0))
        os.execvp(command[0], command)
    keys = sys.stdin.fileno()
    sources = [keys, screen]
    while screen in sources:
        for source in select.select(sources, [], [])[0]:
            try:
                data = os.read(source, 65536)
            except OSError:
                # Linux reports the end of a terminal so.
                data = b""
            if not data:
                sources.remove(source)
            elif source == keys:
                os.write(screen, data)
            else:
                os.write(sys.stdout.fileno(), data)
    _, status = os.waitpid(child, 0)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
