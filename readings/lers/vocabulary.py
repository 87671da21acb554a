"""The names LERS uses, and how a name of a file is matched with them.

Codes come from the vendor's public SDK (parameter names, enumerations); captions are not copied. Names are
compared folded: local name, case-folded, without `_`, `-`, `.` and blanks, Cyrillic letters that look like
Latin ones taken as Latin, so that `Т1` typed on a Russian keyboard is `T1`.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import NamedTuple

from readings.lers.model import Kind, Profile
from readings.lers.units import family_of_unit, name_and_unit
from readings.lers.words import may_be_time, parameter_in_words


def _words(text: str) -> list[str]:
    return text.split()


# SDK DataParameter by id: the order is the SDK's, so that masks and confirmed id tables can refer to it.
PARAMETERS: dict[int, str] = dict(
    enumerate(
        _words(
            "T_in T_out T_cw T_outdoor M_in M_out V_in V_out Q_in Q_out Q_delta P_in P_out P_cw "
            "NormalOperationDuration T P V V_std Ap1 An1 Rp1 Rn1 Ap2 An2 Rp2 Rn2 Ap3 An3 Rp3 Rn3 Ap4 An4 Rp4 "
            "Rn4 Ap An Rp Rn StopDuration FlowUnderrunDuration FlowOverrunDuration TempDiffLowDuration "
            "NoPowerDuration IncidentDuration SaturatedSteamDuration T_delta P_delta V_delta M_delta M T_indoor "
            "PowerProfile_Pp PowerProfile_Pn PowerProfile_Qp PowerProfile_Qn S SA SB SC ElectricCurrent_P Pp Pn "
            "PA PB PC Q Qp Qn QA QB QC U UA UB UC I IA IB IC PhiUAB PhiUAC PhiUBC PhiUIA PhiUIB PhiUIC "
            "Frequency CosPhi CosPhiA CosPhiB CosPhiC M_balance H"
        ),
        start=1,
    )
)
LATER_PARAMETERS = _words(
    "T_internal T_control T_base ValvePercent CorrectionCoeff CalorificValue Humidity AtmospherePressure "
    "CarbonDioxideContent NitrogenContent V_NoCount DensityStd TempOverrunDuration TempUnderrunDuration "
    "PressOverrunDuration PressUnderrunDuration FlowUnderrunThresholdDuration "
    "UnacceptablePhysicalStateDuration"
)

_ALIASES = """
T_in: T1 Tпод Tpod Tп Tпр
T_out: T2 Tобр Tobr
T_cw: Tхв Tхи Tcw Thv
T_outdoor: Tнв Tвозд Tnv
M_in: M1 Mпод Mpod Mп
M_out: M2 Mобр Mobr Mо
V_in: V1 Vпод Vpod Vп
V_out: V2 Vобр Vobr Vо
Q_in: Q1 H_in Qпод Qpod
Q_out: Q2 H_out Qобр Qobr
Q_delta: ΔQ dQ Qпотр H_delta Qpotr Qтв Qтс Wтс Qсум Qобщ Qts
P_in: P1 Pпод Ppod Pп
P_out: P2 Pобр Pobr
P_cw: Pхв
NormalOperationDuration: WorkTime Tраб NormalOperationTime Tнар Tнорм ВНР Trab Tnar VNR Tи Tр
V_std: Vприв
StopDuration: Tост ВОС
FlowUnderrunDuration: Tmin Tмин
FlowOverrunDuration: Tmax Tмакс
TempDiffLowDuration: TΔt Tdt
NoPowerDuration: Tэп
IncidentDuration: Tф
SaturatedSteamDuration: Tнс
T_delta: ΔT dT
P_delta: ΔP dP
V_delta: ΔV dV
M_delta: ΔM dM
T_indoor: Tвнутр
M_balance: %M
"""

_MASK_BITS = _words(
    "V_in V_out M_in M_out T_in T_out T_cw T_outdoor P_in P_out Q_in Q_out Q_delta NormalOperationDuration "
    "StopDuration FlowUnderrunDuration FlowOverrunDuration TempDiffLowDuration NoPowerDuration IncidentDuration "
    "SaturatedSteamDuration V_delta M_delta T_delta P_delta T_indoor P_cw H"
)
MASK_NAMES: dict[int, str] = {1 << bit: name for bit, name in enumerate(_MASK_BITS)}

# Beside one of the first a Q is heat, as heat meters label it; beside one of the others it is reactive power.
_THERMAL = frozenset(
    name for name in PARAMETERS.values() if name.startswith(("T_", "M_", "V_", "Q_", "P_")) or name == "T"
)
_ELECTRIC = frozenset(
    _words("P S SA SB SC PA PB PC QA QB QC Qp Qn Pp Pn U UA UB UC I IA IB IC Frequency CosPhi Ap An Rp Rn")
)


def is_heat(keys: Collection[str]) -> bool:
    """Whether the `Q` of a record with these parameters means Q_delta."""
    return not _THERMAL.isdisjoint(keys) or _ELECTRIC.isdisjoint(keys)


def is_plain_heat(keys: Collection[str]) -> bool:
    """The same, whichever of the parameters may be missing from a record."""
    return _ELECTRIC.isdisjoint(keys)


_LOOKALIKE = str.maketrans("авекмнорстухё", "abekmhopctyxe")
_DROPPED = re.compile(r"[\s_\-.\u00a0]+")


def fold(name: str) -> str:
    """The form in which two names are compared; a `{namespace}` in front is dropped."""
    local = name.rpartition("}")[2]
    return _DROPPED.sub("", local.casefold().translate(_LOOKALIKE).replace("∆", "δ").replace("φ", "ф"))


class Role(NamedTuple):
    """What a name means: `what` is one of the words below, `key` says which, `rank` who wins."""

    what: str
    key: str = ""
    rank: int = 0
    unit: str = ""  # that the name itself carries: Q_GJ


UNKNOWN = Role("")
_SYSTEMS = {1: "Heat", 2: "HotWater", 4: "ColdWater", 8: "Steam", 16: "Gas", 32: "Electricity", 64: "Sewage"}
_SYSTEM_NAMES = {
    **{fold(name): name for name in _SYSTEMS.values()},
    **{
        fold(word): name
        for word, name in {
            "Теплоснабжение": "Heat",
            "Отопление": "Heat",
            "ГВС": "HotWater",
            "ХВС": "ColdWater",
            "Пароснабжение": "Steam",
            "Газоснабжение": "Gas",
            "Электроснабжение": "Electricity",
            "Водоотведение": "Sewage",
            "Control": "Control",
        }.items()
    },
}
_KIND_WORDS: dict[str, Kind] = {
    "hour": "hour",
    "hourly": "hour",
    "hours": "hour",
    "h": "hour",
    "day": "day",
    "daily": "day",
    "days": "day",
    "d": "day",
    "month": "month",
    "monthly": "month",
    "months": "month",
    "totals": "totals",
    "total": "totals",
    "integrators": "totals",
    "current": "current",
    "currents": "current",
    **{fold(w): "hour" for w in ("час", "часовой", "часовые", "часовая", "ч")},
    **{fold(w): "day" for w in ("сутки", "суточный", "суточные", "суточная", "день", "дневной")},
    **{fold(w): "month" for w in ("месяц", "месячный", "месячные")},
    **{fold(w): "totals" for w in ("итоги", "итоговые", "итоговый", "интеграторы", "нарастающий")},
    **{fold(w): "current" for w in ("текущий", "текущие")},
}
# SDK flags, and those numbers of the generated client that cannot be read as one SDK flag.
_KIND_NUMBERS: dict[int, Kind] = {
    128: "hour", 64: "day", 32: "month", 512: "totals", 4: "current", 7: "hour", 6: "day", 5: "month", 9: "totals",
}  # fmt: skip
_UNSUPPORTED_KINDS = {fold(w) for w in ("Interval", "PowerProfile", "16", "256", "HalfHour")}
_KIND_OF_STEM: dict[str, Kind] = {
    "hour": "hour",
    "day": "day",
    "daily": "day",
    "month": "month",
    "total": "totals",
    "current": "current",
    fold("часов"): "hour",
    fold("суточн"): "day",
    fold("сутки"): "day",
    fold("месяч"): "month",
    fold("итог"): "totals",
    fold("интегратор"): "totals",
    fold("текущ"): "current",
    "chasov": "hour",
    "sutoch": "day",
    "sutki": "day",
    "mesyach": "month",
    "mesjach": "month",
    "itogov": "totals",
    "tekush": "current",
}
_KIND_IN_NAME = re.compile("|".join(_KIND_OF_STEM))
_POINT_LIKE = {
    fold(w)
    for w in _words(
        "measurePoint MeteringPoint MeasuringPoint AccountingPoint point MeasurePointData MeasurePointInfo "
        "MeasurePointImportData MeasurePointExportData mp ту точка точкаучета точкаучёта узелточка tochka tochkaUcheta"
    )
}
_DEVICE_LIKE = {
    fold(w) for w in _words("device counter equipment meter прибор счетчик счётчик тепловычислитель")
}

_ROLES: dict[str, Role] = {}


def _add(what: str, words: str, *, key: str = "", rank: int = 0) -> None:
    for position, word in enumerate(words.split()):
        _ROLES[fold(word)] = Role(what, key or fold(word), rank + position)


_add("known", "created version xmlns resourceKind endDate end to periodEnd endTime timeEnd dateEnd dateTo fullTitle "
     "comment state resource isDoublePipeHotWaterSystem counterId isTwoChannels errorMessage dataSource measurePointTitle "
     "count quantity generator program schemaLocation type nil lang space units exported exportDate owner")  # fmt: skip
_add("time", "dateTime dataDate dateTimeValue timestamp recordDate recordTime dataTime moment stamp date "
     "ДатаВремя Дата/Время ДатаИВремя Дата DataVremya DataVremja DataIVremya")  # fmt: skip
for _name in ("time", "Время", "Vremya", "Vremja"):
    _ROLES[fold(_name)] = Role("clock")
_add(
    "start",
    "startDate start periodStart dateStart begin dateFrom from beginTime startTime beginDate timeStart начало "
    "датаНачала началоПериода началоИнтервала времяНачала",
)
_ROLES["ts"] = Role("time", "ts", 60)
_ROLES["data"] = Role("maybetime", "data", 80)  # "date" in Latin letters, and a name of much else
_add("hour", "hour час chas часы hourNumber номерЧаса")
_add("year", "year год god")
_add("month", "month месяц mesyac mesjac")
_add("dayno", "day день число dayOfMonth")
_add("minute", "minute минута")
_add("kind", "dataType archiveType archiveKind recordType dataKind kind archive period тип_архива тип")
_ROLES["period"] = Role("kind", "period", 9)
_ROLES["type"] = Role("kind", "type", 9)
_add("isday", "isDay")
_add("point", "syncNumber serviceNumber measurePointNumber pointNumber meteringPointNumber measuringPointNumber "
     "measurePointServiceNumber номерТочки номерТочкиУчета номерТУ №точки №точкиУчета №ТУ nomerTochki "
     "nomerTochkiUcheta nomerTU", rank=10)  # fmt: skip
_add("weakpoint", "number num no номер № nomer measurePointId pointId id", rank=30)
# a point that is named by its number, or by words
_add("pointtext", "measurePoint meteringPoint measuringPoint point точкаУчета точка ТУ tochkaUcheta", rank=50)
_add("serial", "counterSerialNumber equipmentSerialNumber deviceSerialNumber meterSerialNumber serialNumber "
     "serial counterSerial deviceSerial meterSerial counterNumber deviceNumber заводскойНомер серийныйНомер "
     "номерПрибора завНомер зав№ заводской№ серийный№ №прибора zavodskoyNomer zavodskojNomer zavNomer "
     "seriynyyNomer nomerPribora")  # fmt: skip
_add("model", "counterModel deviceModel equipmentModel meterModel model counterType deviceType модель")
_add("system", "systemType resourceTypeId measurePointSystemType system типСистемы")
_add("title", "title measurePointName pointName name наименование название")
_add("address", "address адрес")
_add("flags", "attributes flags recordAttributes recordFlags")
_add("mask", "badValues badMask bad", key="bad")
_add("mask", "calculatedValues calcValues calculatedMask calculated", key="calculated")
_add("mask", "interpolatedValues interpolatedMask interpolated", key="interpolated")
_add("mask", "resettedValues resetValues resetMask resetted reset", key="reset")
_add("is", "isBad", key="bad")
_add("is", "isCalc isCalculated", key="calculated")
_add("is", "isInterpolated", key="interpolated")
_add("is", "isReset isResetted", key="reset")
_add("isempty", "isEmpty")
_add("parameter", "dataParameter parameter parameterName param paramName dataParameterName параметр код")
_add("parameterid", "parameterId dataParameterId paramId")
_add("value", "value val dataValue значение")
_add("values", "values valueList vals dataValues значения")
_add(
    "columns",
    "columns columnNames parameters parameterNames dataParameters fields header names колонки параметры столбцы",
)
_add("unit", "unit units unitName measureUnit ед ed единица")
_add("pressure", "pressureType")
_add("errorcode", "errorCode")
_add("event", "code", key="code")
_add("event", "description text", key="description")
_add("event", "duration", key="duration")
_add("event", "channelNumber channel", key="channel")
_add("secret", "password passwd pwd пароль")
_add("poller", "networkAddress protocolId adapterModel adapterAddress portSpeed flowControl heatLeadIn "
     "supplyChannel returnChannel cell cellId pulseRatio responseDelay listenPort serialPortName saveDirectory "
     "parameterId")  # fmt: skip
_ROLES[fold("parameterId")] = Role("parameterid")

for _name in (*PARAMETERS.values(), *LATER_PARAMETERS):
    _ROLES[fold(_name)] = Role("parameter_value", _name)
for _line in _ALIASES.strip().splitlines():
    _target, _, _others = _line.partition(":")
    for _word in _words(_others):
        _ROLES.setdefault(fold(_word), Role("parameter_value", _target))


_SHORT = {"v": Role("value", "v", 9), "t": Role("maybetime", "t", 85)}
# told from the English "to" by their letters: tо with a Cyrillic о is the temperature of the return pipe
_RETURN = frozenset(("tо", "то"))
# Fields of any name may hold the name of a parameter: <v n="T_in">, <Key>Q_delta</Key>, <p code="M_in">
_NAMING = frozenset(("", "weakpoint", "event"))


class Vocabulary:
    """Names of one profile, with a look-up remembered per spelling."""

    def __init__(self, profile: Profile) -> None:
        self._roles = dict(_ROLES)
        for position, name in enumerate(profile.time_keys):
            self._roles[fold(name)] = Role("time", fold(name), position - 100)
        for position, name in enumerate(profile.point_keys):
            self._roles[fold(name)] = Role("point", fold(name), position - 100)
        for name, target in profile.aliases.items():
            self._roles[fold(name)] = Role("parameter_value", target)
        self._ids = dict(profile.parameter_ids)
        self._seen: dict[str, Role] = {}

    def role(self, name: str) -> Role:
        role = self._seen.get(name)
        if role is None:
            role = self._roles.get(fold(name), UNKNOWN)
            if (
                role.what == "parameter_value"
                and len(role.key) == 1
                and not name.rpartition("}")[2].isupper()
            ):  # <p>, <i>, <v>: anybody's short names, not pressure, current and volume
                role = _SHORT.get(name.rpartition("}")[2], UNKNOWN)
            if role.key == "NormalOperationDuration" and name.startswith("tн"):
                role = UNKNOWN  # Tнар is how long the meter worked, tнар how cold it was outside
            if (role is UNKNOWN or role.key == "to") and len(self._seen) < 5_000:
                role = self._guessed(name.rpartition("}")[2]) or role
            if len(self._seen) < 5_000:  # a hostile file may invent names without end
                self._seen[name] = role
        return role

    def named(self, name: str) -> bool:
        """Whether the name stands in the lists, so that nothing needs to be guessed."""
        return fold(name) in self._roles

    def _guessed(self, name: str) -> Role | None:
        """What a name means that is in no list: by its words, its unit, or because a time may stand there."""
        if name.casefold() in _RETURN:
            return Role("parameter_value", "T_out")
        if family := family_of_unit(name):
            return Role("unitof", family)
        plain, unit = name_and_unit(name)
        known = self._roles.get(fold(plain)) if unit else None
        if known is None or known.what != "parameter_value":
            key = parameter_in_words(plain)
            known = Role("parameter_value", key) if key else None
        if known is not None and name.startswith("tн"):
            return Role("parameter_value", "T_outdoor") if "c" in fold(unit) else None
        if known is not None:
            return known._replace(unit=unit)
        return Role("maybetime", fold(name), 90) if may_be_time(name) else None

    def parameter(self, text: str) -> str | None:
        """The SDK parameter that a value list names, never from a bare number without a confirmed table."""
        text = text.strip()
        if text.isdecimal() and text.isascii():
            return self._ids.get(int(text[:6]))
        role = self.role(text)
        return role.key if role.what == "parameter_value" else None

    def names_parameter(self, role: Role, text: str | None) -> bool:
        """Whether a field of no known meaning, or of another one, names a parameter all the same."""
        if role.what not in _NAMING or not text or not 1 < len(text) < 60 or text.strip().isdecimal():
            return False
        return self.parameter(text) is not None


def kind_of_value(text: str) -> tuple[Kind | None, bool, bool]:
    """(kind, guessed, unsupported) of a `dataType` text. Numbers of the generated client count as a guess."""
    word = fold(text)
    if word in _UNSUPPORTED_KINDS:
        return None, False, True
    if word.isdecimal() and word.isascii() and len(word) <= 4:
        number = int(word)
        return _KIND_NUMBERS.get(number), number in (5, 6, 7, 9), False
    kind = _KIND_WORDS.get(word)
    if kind is None:
        kind = kind_of_name(text)
    return kind, False, False


def kind_of_name(tag: str) -> Kind | None:
    """The kind that the name of a container or record carries (hourConsumption, DayArchive, …)."""
    hit = _KIND_IN_NAME.search(fold(tag))
    return _KIND_OF_STEM[hit.group()] if hit else None


def system_of(text: str) -> str | None:
    """SDK name of a system type from its name or SDK number; None if it is neither."""
    word = fold(text)
    if word.isdecimal() and word.isascii() and len(word) <= 4:
        return _SYSTEMS.get(int(word))
    return _SYSTEM_NAMES.get(word)


def point_like(tag: str) -> bool:
    return fold(tag) in _POINT_LIKE


def device_like(tag: str) -> bool:
    return fold(tag) in _DEVICE_LIKE
