"""`poll`: a heat meter's archives for a period, into one LERS XML file."""

from __future__ import annotations

import argparse
import signal
import sys
import threading
from datetime import datetime
from pathlib import Path
from types import FrameType

from gateway_sim.field.driver import check_settings, models
from gateway_sim.field.errors import WrongSettings
from gateway_sim.field.intervals import netbook_now
from gateway_sim.field.journal import Entry, PollJournal
from gateway_sim.field.lers_file import SYSTEMS, Point
from gateway_sim.field.line import Line
from gateway_sim.field.model import KINDS, Kind, MeterSettings
from gateway_sim.field.poll import PollRequest, PollResult, poll, writable
from gateway_sim.mbus.errors import TransportError
from gateway_sim.mbus.transport import open_transport

HELP = "read a heat meter's archives into a LERS XML file"
COMPLETE, PARTLY, NOTHING, BAD_INPUT = 0, 1, 3, 64
BAR = 30  # characters of the progress bar


def add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--meter", required=True, choices=sorted(models()), metavar="MODEL",
                        help=f"the meter's model: {', '.join(sorted(models()))}")  # fmt: skip
    parser.add_argument(
        "--port", required=True, help="a device path or a pyserial URL (/dev/ttyUSB0, socket://host:port)"
    )
    parser.add_argument("--from", required=True, type=_moment, dest="start", metavar="DATE",
                        help="the first day or hour, by the meter's clock: 2026-10-01 or 2026-10-01T06")  # fmt: skip
    parser.add_argument("--to", required=True, type=_moment, dest="end", metavar="DATE",
                        help="the first day or hour left out")  # fmt: skip
    parser.add_argument("--kind", action="append", choices=KINDS, help="may be given several times (hour)")
    parser.add_argument("--out", required=True, type=Path, metavar="DIR", help="the folder for the file")
    parser.add_argument(
        "--point", default="", metavar="NUMBER", help="the metering point's number at the utility"
    )
    parser.add_argument("--name", default="", help="what the point is called")
    parser.add_argument("--place", default="", help="the point's postal address")
    parser.add_argument(
        "--system", default="heat", choices=sorted(SYSTEMS), help="what the point measures (heat)"
    )
    parser.add_argument(
        "--address", default="", metavar="A", help="the meter's network address, where it has one"
    )
    parser.add_argument("--serial", default="", metavar="S", help="refuse any meter but this one")
    parser.add_argument(
        "--password-file", type=Path, metavar="FILE", help="a file that holds the meter's password"
    )
    parser.add_argument(
        "--input", type=int, default=1, metavar="N", help="heat input of a meter of several (1)"
    )
    parser.add_argument("--baud", type=int, metavar="B", help="speed, where it is not the model's usual one")
    parser.add_argument("--timeout", type=float, metavar="S", help="seconds until an answer begins")
    parser.add_argument("--retries", type=int, default=3, metavar="N", help="repeats of a request (3)")
    parser.add_argument(
        "--journal", type=Path, metavar="FILE", help="keep the poll journal, with every byte, there"
    )
    parser.add_argument(
        "--quiet", action="store_true", help="no progress bar and no journal on standard error"
    )


def run(args: argparse.Namespace) -> int:
    """0 when everything asked for is in the file, 1 when something is missing, 3 when nothing was read."""
    if args.start >= args.end:
        print("poll: --from must lie before --to", file=sys.stderr)
        return BAD_INPUT
    try:
        password = args.password_file.read_text(encoding="utf-8").strip() if args.password_file else ""
    except (OSError, UnicodeDecodeError) as error:
        print(f"poll: {args.password_file}: {error}", file=sys.stderr)
        return BAD_INPUT
    journal = PollJournal(None if args.quiet else _show)
    request = _request(args, password)
    try:
        check_settings(request.settings)
        writable(args.out)
    except WrongSettings as error:
        print(f"poll: {error}: {_told(error)}", file=sys.stderr)
        return BAD_INPUT
    except OSError as error:
        print(f"poll: {args.out}: {error.strerror or error}", file=sys.stderr)
        return BAD_INPUT
    try:
        info = models()[args.meter]
        transport = open_transport(args.port, args.baud or info.baud, info.framing)
    except TransportError as error:
        print(f"poll: {error}", file=sys.stderr)
        return NOTHING
    line = Line(transport, retries=args.retries, journal=journal, stop=_stop_at_signals())
    try:
        result = poll(
            request, line, journal=journal,
            now=netbook_now(),
            progress=None if args.quiet else _progress,
        )  # fmt: skip
    finally:
        line.close()
        _save(journal, args.journal)
    return _report(result)


def _stop_at_signals() -> threading.Event:
    """Ctrl-C stops the poll as the console's button does: what has been read is kept."""
    stop = threading.Event()

    def ask(number: int, frame: FrameType | None) -> None:
        stop.set()

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, ask)
    return stop


def _told(error: WrongSettings) -> str:
    bounds = [str(error.data[name]) for name in ("least", "most") if name in error.data]
    return f"{error.data['field']}{' takes ' + ' to '.join(bounds) if bounds else ''}"


def _request(args: argparse.Namespace, password: str) -> PollRequest:
    settings = MeterSettings(
        args.meter, args.address, args.serial, password, args.baud, args.timeout, heat_input=args.input
    )
    point = Point(args.point, args.name, args.place, args.system)
    return PollRequest(settings, point, tuple(args.kind or ["hour"]), args.start, args.end, args.out)


def _report(result: PollResult) -> int:
    if result.path:
        print(result.path)
    if result.error:
        print(f"poll: {result.error.code}: {result.error}", file=sys.stderr)
    for kind, reason in result.not_supported.items():
        print(f"poll: {kind}: {reason}", file=sys.stderr)
    for kind, gaps in result.missing.items():
        for first, last in gaps:
            print(f"poll: missing, {kind}: {first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}", file=sys.stderr)
    if not result.path:
        return NOTHING
    return COMPLETE if result.complete else PARTLY


def _moment(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise argparse.ArgumentTypeError(
            f"{text!r} is no date, such as 2026-10-01 or 2026-10-01T06"
        ) from None
    if at.tzinfo is not None:
        raise argparse.ArgumentTypeError("the meter's own time is meant, so no zone may stand here")
    return at.replace(minute=0, second=0, microsecond=0)


def _show(entry: Entry) -> None:
    if entry.kind in ("said", "warned", "failed"):
        print(f"\r\x1b[K{entry.line()}" if sys.stderr.isatty() else entry.line(), file=sys.stderr)


def _progress(kind: Kind, done: int, total: int) -> None:
    if total and sys.stderr.isatty():
        filled = BAR * done // total
        print(
            f"\r[{'#' * filled}{'.' * (BAR - filled)}] {kind} {done}/{total}",
            end="",
            file=sys.stderr,
            flush=True,
        )
        if done == total:
            print(file=sys.stderr)


def _save(journal: PollJournal, path: Path | None) -> None:
    if path is None:
        return
    try:
        path.write_text(journal.text(), encoding="utf-8")
    except OSError as error:
        print(f"poll: the journal cannot be written: {error}", file=sys.stderr)
