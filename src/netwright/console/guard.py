"""From words to an exit code: 0 done, 1 the work failed, 2 the words were wrong, 130 interrupted."""

import os
import sys
import traceback
from collections.abc import Sequence
from typing import Any

import typer
from typer.core import TyperGroup

from netwright.console.terminal import print_error
from netwright.console.together import leave_at_once
from netwright.core.errors import ControlError, NetwrightError

DONE, FAILED, WRONG_WORDS, INTERRUPTED = 0, 1, 2, 130


class Guard(TyperGroup):
    """The group of all commands. Whatever a command raises becomes one or two lines and an exit code."""

    def main(self, args: Sequence[str] | None = None, *rest: Any, **named: Any) -> Any:
        """Run the command that ``args`` name, then exit."""
        words = list(sys.argv[1:] if args is None else args)
        # --debug counts wherever it stands, since an error may come before a command has read its options.
        debug = "--debug" in words
        code = self._answer([word for word in words if word != "--debug"] or ["--help"], debug)
        leave_at_once(code)
        sys.exit(code)

    def _answer(self, words: list[str], debug: bool) -> int:
        try:
            with self.make_context("netwright", words) as context:
                self.invoke(context)
            sys.stdout.flush()
        except typer.Exit as exit:
            return exit.exit_code
        except BrokenPipeError:
            return _reader_left()
        except (Exception, KeyboardInterrupt) as error:
            if debug:
                traceback.print_exc()
            code, message = _judged(error)
            if isinstance(error, typer.TyperException):
                command = f"{words[0]} " if words[0] in self.commands else ""
                message += f"\nSee: netwright {command}--help"
            print_error(message)
            return code
        return DONE


def _judged(error: BaseException) -> tuple[int, str]:
    """Return the exit code of an error and what to tell the user."""
    if isinstance(error, KeyboardInterrupt):
        return INTERRUPTED, str(error) or "interrupted; nothing was saved"
    if isinstance(error, typer.TyperException):
        return error.exit_code, " ".join(error.format_message().split())
    if isinstance(error, ControlError):
        return WRONG_WORDS, str(error)
    if isinstance(error, NetwrightError):
        return FAILED, str(error)
    if isinstance(error, OSError) and error.filename is not None:
        return FAILED, f"{error.filename}: {error.strerror}"
    said = " ".join(str(error).split()) or "no message"
    return FAILED, f"internal error: {type(error).__name__}: {said}; run again with --debug"


def _reader_left() -> int:
    """Stdout's reader is gone (``| head``): be quiet, also when Python flushes stdout at its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return FAILED
