"""Running other programs."""

import os
import signal
import subprocess

from .problems import Ended, Problem, last_line

# Lock files that programs hold too: when a command is killed, the next one waits until
# what it had started has ended, and does not build in the same folder meanwhile.
held_locks = set()


def run(command, problem=None, **options):
    """Run ``command`` quietly and return its output.

    :param problem: a text that says what failed, or a function that makes the
        Problem out of the command's output
    :raises Problem: when the command cannot be run or fails
    """
    try:
        done = subprocess.run(
            [str(part) for part in command],
            text=True,
            errors="replace",
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            stdin=subprocess.DEVNULL,
            pass_fds=tuple(held_locks),
            **options,
        )
    except OSError as error:
        raise Problem(f"{command[0]} cannot be run: {error.strerror}.") from None
    if done.returncode == 0:
        return done.stdout
    if callable(problem):
        raise problem(done.stdout)
    problem = problem or f"{os.path.basename(str(command[0]))} failed"
    raise Problem(f"{problem}: {last_line(done.stdout)}")


def run_attached(command, variables, cwd=None):
    """Run a program that has the terminal, and return its exit status.

    Ctrl-C reaches the program itself, and it ends in its own way; what ends only this
    command is passed on.
    """
    running = subprocess.Popen(command, env=variables, cwd=cwd)
    while True:
        try:
            return running.wait()
        except Ended:
            running.send_signal(signal.SIGINT)
        except KeyboardInterrupt:
            continue
