"""What a person is told when a poll fails, in three languages, by the code of the field error."""

from __future__ import annotations

FAULTS: dict[str, tuple[str, str, str]] = {
    "port": ("The port cannot be opened.", "Le port ne s’ouvre pas.", "Порт не открывается."),
    "no_answer": ("The meter does not answer.", "Le compteur ne répond pas.", "Прибор не отвечает."),
    "bad_answer": (
        "The meter answers, but not cleanly: check the head and the speed.",
        "Le compteur répond, mais mal : vérifiez la tête et la vitesse.",
        "Прибор отвечает с ошибками: проверьте головку и скорость.",
    ),
    "refused": ("The meter refuses the request.", "Le compteur refuse la demande.", "Прибор отклонил запрос."),
    "nothing_there": ("The meter has no data.", "Le compteur n’a pas de données.", "В приборе нет данных."),
    "wrong_meter": (
        "Another meter is on the line than the point has.", "Un autre compteur est sur la ligne.",
        "На линии другой прибор.",
    ),
    "password": ("The meter asks for a password.", "Le compteur demande un mot de passe.", "Прибор просит пароль."),
    "not_supported": (
        "This meter has no such archive.", "Ce compteur n’a pas cette archive.", "У этого прибора нет такого архива.",
    ),
    "stopped": ("The poll was stopped.", "Le relevé a été arrêté.", "Опрос остановлен."),
    "file": ("The file cannot be written.", "Le fichier ne peut pas être écrit.", "Файл не удалось записать."),
    "settings": (
        "The settings of the point do not fit the meter’s model.",
        "Les réglages du point ne conviennent pas au modèle du compteur.",
        "Настройки точки не подходят к модели прибора.",
    ),
    "driver": (
        "The meter sent something that the driver does not know. Report the fault.",
        "Le compteur a envoyé quelque chose que le pilote ne connaît pas. Signalez l’erreur.",
        "Прибор прислал то, чего драйвер не знает. Сообщите об ошибке.",
    ),
    "field": ("The poll failed.", "Le relevé a échoué.", "Опрос не удался."),
}  # fmt: skip


def fault_text(code: str, language: str) -> str:
    english, french, russian = FAULTS.get(code, FAULTS["field"])
    return {"fr": french, "ru": russian}.get(language, english)
