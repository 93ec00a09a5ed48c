"""What stops a command, said to the user in one sentence."""

import signal
import sys


class Problem(Exception):
    """Something the user can act on; its text is all that is printed."""


class Ended(KeyboardInterrupt):
    """This command alone was told to end; it cleans up as after Ctrl-C."""


NETWORK_SIGNS = (
    "Temporary failure resolving",
    "Temporary failure in name resolution",
    "Could not resolve",
    "Name or service not known",
    "Network is unreachable",
    "Failed to establish a new connection",
    "Could not connect to",
    "Connection timed out",
    "Connection refused",
    "NewConnectionError",
    "No route to host",
)


def download_problem(what, output):
    """The Problem for a failed download of ``what``, told from the tool's output."""
    if any(sign in output for sign in NETWORK_SIGNS):
        return Problem(
            f"No network: {what} could not be downloaded. Connect and run the same "
            "command again; what was already fetched is kept."
        )
    return Problem(f"Could not get {what}: {last_line(output)}")


def last_line(output):
    """The last non-empty line of a tool's output: where tools put their reason."""
    lines = [line.strip() for line in output.splitlines() if line.strip()]
    return lines[-1] if lines else "no reason given."


def run_main(main, arguments=None):
    """Run ``main(arguments)`` and exit with its status; a Problem is one sentence."""
    for ending in (signal.SIGTERM, signal.SIGHUP):
        # nohup has it ignored, and means it
        if signal.getsignal(ending) is not signal.SIG_IGN:
            signal.signal(ending, _interrupt)
    try:
        sys.exit(main(sys.argv[1:] if arguments is None else arguments))
    except Problem as problem:
        sys.exit(f"\n{problem}")
    except KeyboardInterrupt:
        print("\nInterrupted; the same command takes up where this one stopped.")
        sys.exit(130)


def _interrupt(_number, _frame):
    raise Ended
