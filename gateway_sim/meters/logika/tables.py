"""What each СПТ calls its values, and which SDK parameter that is. Numbers are decimal, as in the documents.

A name such as `t1` stands for a pipe: `{1}` and `{2}` below are the supply and return pipe of the point.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from gateway_sim.field.model import Kind, MeterSettings, ModelInfo

_M4: tuple[Kind, ...] = ("hour", "day", "month", "totals", "current")
_4L: tuple[Kind, ...] = ("hour", "day", "month", "current")
_CELLS = (
    "t1", "t2", "dt", "t3", "tx", "tв", "P1", "P2", "P3", "V1", "V2", "V3", "M1", "M2", "M3", "Q", "Qг",
)  # fmt: skip
_UNITS = ("heat_unit", "pressure_unit", "hour_stamp")
_STAMP = "An hour's record carries the moment at which it was made, the end of its hour."
MODELS = {
    info.name: replace(
        info,
        cells=_CELLS,
        options=(*_UNITS, "speed") if "totals" in info.kinds else _UNITS,
        addresses=(0, 99),
        channels=True,
        protocol="M4" if "totals" in info.kinds else "4L",
    )
    for info in (
        ModelInfo("spt941.20", "СПТ941.20", 168, 2400, "8N1", _M4, note=_STAMP),
        ModelInfo(
            "spt941.10", "СПТ941.10", 12, 2400, "8N1", _4L, note=_STAMP, tells_clock=False, tells_serial=False
        ),
        ModelInfo(
            "spt942",
            "СПТ942",
            7,
            2400,
            "8N1",
            _4L,
            circuits=2,
            note=_STAMP,
            tells_clock=False,
            tells_serial=False,
        ),
        ModelInfo("spt943", "СПТ943 rev. 3", 4, 2400, "8N1", _M4, circuits=2, note=_STAMP),
        ModelInfo("spt943.old", "СПТ943", 4, 2400, "8N1", _4L, circuits=2, note=_STAMP, tells_serial=False),
        ModelInfo("spt944", "СПТ944", 361, 2400, "8N1", _M4, circuits=2, experimental=True, note=_STAMP),
    )
}


OLD_941 = b"\x54\x29"


def model_of(ident: bytes) -> str | None:
    """The model behind the three bytes of a session answer; None for one that no driver of ours knows."""
    family, version = ident[:2].hex(), ident[2]
    if family == "9229":
        return "spt941.20" if version >= 0x80 else "spt941.10"
    if family == "5429" and version == 3:  # seen in the field, answers as 941.10
        return "spt941.10"
    if family == "542a":
        return "spt942"
    if family == "542b":
        return "spt943" if 0x0A <= version <= 0x1F else "spt943.old"
    if family == "542c":
        return "spt944"
    return None


# Names of the documents → SDK. {1} and {2}: the number of the supply and of the return pipe.
PIPED = {"t": ("T_in", "T_out"), "P": ("P_in", "P_out"), "V": ("V_in", "V_out"), "M": ("M_in", "M_out")}
PLAIN = {
    "dt": "T_delta", "tx": "T_cw", "tв": "T_outdoor", "Q": "Q_delta", "Ти": "NormalOperationDuration",
    "Tmin": "FlowUnderrunDuration", "Tmax": "FlowOverrunDuration", "Tdt": "TempDiffLowDuration",
    "Тэп": "NoPowerDuration", "Тф": "IncidentDuration",
}  # fmt: skip


def sdk_name(name: str, settings: MeterSettings) -> str | None:
    """The SDK parameter of a value, None for one that the archive file does not carry. A binding of the owner
    wins, and the value that had the parameter before stays out."""
    bound = next((parameter for parameter, cell in settings.cells.items() if cell == name), None)
    if bound is not None:
        return bound
    usual = _usual_name(name, settings)
    return None if usual in settings.cells else usual


def _usual_name(name: str, settings: MeterSettings) -> str | None:
    stem, pipe = name[:-1], name[-1:]
    if stem in PIPED and pipe.isdecimal():
        number = int(pipe)
        if number == settings.supply:
            return PIPED[stem][0]
        return PIPED[stem][1] if number == settings.return_ else None
    return PLAIN.get(name)


def _words(text: str) -> tuple[str, ...]:
    return tuple(text.split())


@dataclass(frozen=True)
class M4Table:
    """`record`: the fields of an archive record in order. `skip`: fields of the other circuits before and after
    ours. `current` and `totals`: parameter number → name, on the channel of the heat input."""

    record: dict[int, tuple[str, ...]]  # by channel
    current: dict[int, str]
    totals: dict[int, str]
    by_channel: bool  # the record of a heat input lies on a channel of its own

    def archive_channel(self, heat_input: int) -> int:
        return heat_input if self.by_channel else 0

    def value_channel(self, heat_input: int) -> int:
        return heat_input if len(self.record) > 1 or self.by_channel else 0

    def fields(self, heat_input: int) -> tuple[str, ...]:
        return self.record[heat_input if heat_input in self.record else 0]


_941 = _words(
    "Т Д СП t1 t2 dt t3 tx tв P1 P2 P3 Pх P4 V1 V2 V3 M1 M2 M3 Q Qг Ти Тн Тш "
    + " ".join(f"СТ{number}" for number in range(1, 17))
    + " ДС НС"
)
_943 = _words("СП P1 P2 t1 t2 dt t3 tx tв V1 V2 V3 M1 M2 M3 Q Qг Ти Tmin Tmax Tdt Тэп Тф Тн Тш НС ДС")
_944_COMMON = _words("Т Д _ tx tв _ _ _ _ _ _ _ _ Ти Тн Тш " + " ".join("_" for _ in range(20)) + " НС ДС")
_944_CIRCUIT = _words("СП t1 t2 dt t3 tог P1 P2 P3 V1 V2 V3 M1 M2 M3 Q Qг")
_OTHER = ("_",) * len(_944_CIRCUIT)

_TOTALS = {2048: "V1", 2049: "V2", 2050: "V3", 2051: "M1", 2052: "M2", 2053: "M3", 2054: "Q"}

M4_TABLES = {
    "spt941.20": M4Table(
        record={0: _941},
        current={1033: "t1", 1034: "t2", 1035: "dt", 1037: "tx", 1039: "P1", 1040: "P2"},
        totals={**_TOTALS, 2056: "Ти"},
        by_channel=False,
    ),
    "spt943": M4Table(
        record={1: _943, 2: _943},
        current={1028: "P1", 1029: "P2", 1030: "t1", 1031: "t2", 1032: "dt", 1034: "tx", 1035: "tв"},
        totals={**_TOTALS, 2056: "Ти"},
        by_channel=True,
    ),
    "spt944": M4Table(
        record={1: _944_COMMON + _944_CIRCUIT + _OTHER, 2: _944_COMMON + _OTHER + _944_CIRCUIT},
        current={1031: "t1", 1032: "t2", 1033: "dt", 1036: "P1", 1037: "P2"},
        totals=_TOTALS,
        by_channel=False,
    ),
}


@dataclass(frozen=True)
class LegacyTable:
    """`size`: data bytes of an archive answer; a record is three bytes of abnormal situations, the scheme and
    floats named by `record`. `current`: address of a heat input's block in RAM, its length, its floats."""

    size: int
    record: tuple[str, ...]
    current: dict[int, int]
    current_size: int
    current_fields: tuple[str, ...]


LEGACY_TABLES = {
    "spt941.10": LegacyTable(
        64, _words("t1 t2 V1 V2 V3 M1 M2 M3 Q Ти"), {1: 0x0200}, 28, _words("G1 G2 G3 t1 t2 dt")
    ),
    "spt942": LegacyTable(
        64, _words("P1 P2 t1 t2 V1 V2 V3 M1 M2 M3 Q Ти"), {1: 0x0220, 2: 0x0244}, 36,
        _words("G1 G2 G3 P1 P2 t1 t2 dt"),
    ),
    "spt943.old": LegacyTable(
        68, _words("P1 P2 t1 t2 t3 tx tв V1 V2 V3 M1 M2 M3 Q Ти Qг"), {1: 0x0200, 2: 0x0230}, 48,
        _words("G1 G2 G3 P1 P2 t1 t2 dt t3"),
    ),
}  # fmt: skip
CLOCK_ADDRESS = {"spt943.old": 0x00F3}  # six bytes: yy mm dd hh mm ss
