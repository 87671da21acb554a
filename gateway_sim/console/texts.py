"""The console's texts in French and Russian; English is the key. Labels are the seed's."""

from __future__ import annotations

from collections.abc import Callable

LANGUAGES = {"ru": "Русский", "fr": "Français", "en": "English"}
TEXTS: dict[str, tuple[str, str]] = {
    "Field console": ("Pupitre", "Универсальный пульт"),
    "Skip to the content": ("Aller au contenu", "Перейти к содержанию"),
    "Main menu": ("Menu principal", "Главное меню"),
    "Language": ("Langue", "Язык"),
    "Metering points": ("Points de comptage", "Точки учёта"),
    "Create": ("Créer", "Создать"),
    "Properties": ("Propriétés", "Свойства"),
    "Remove": ("Supprimer", "Удалить"),
    "Poll": ("Relever", "Опросить"),
    "Parameters": ("Paramètres", "Параметры"),
    "Data folder": ("Dossier de données", "Папка с данными"),
    "Last data read": ("Dernières données relevées", "Последние снятые данные"),
    "bit/s": ("bit/s", "бит/с"),
    "kB": ("ko", "КБ"),
    "Report a fault": ("Signaler une erreur", "Сообщить об ошибке"),
    "Box TJA480": ("Serveur TJA480", "Сервер TJA480"),
    "Name of the metering point": ("Nom du point de comptage", "Наименование точки учёта"),
    "Address": ("Adresse", "Адрес"),
    "Meter model": ("Modèle du compteur", "Модель счётчика"),
    "Serial number of the meter": ("Numéro de série du compteur", "Серийный номер счётчика"),
    "Point number": ("Numéro du point", "Номер точки"),
    "Filter": ("Filtrer", "Отобрать"),
    "All": ("Tous", "Все"),
    "Choose": ("Choisir", "Выбрать"),
    "Chosen": ("Choisi", "Выбрано"),
    "No metering point yet. Create one, or bring the settings file of your reader.": (
        "Aucun point de comptage. Créez-en un, ou apportez le fichier de réglages de votre pupitre.",
        "Точек учёта пока нет. Создайте первую или загрузите файл настроек вашего пульта.",
    ),
    "No metering point fits the filter.": (
        "Aucun point de comptage ne correspond au filtre.", "Под отбор не подходит ни одна точка учёта.",
    ),
    "Choose a metering point first.": (
        "Choisissez d’abord un point de comptage.", "Сначала выберите точку учёта.",
    ),
    "General": ("Général", "Основные"),
    "Meter": ("Compteur", "Счётчик"),
    "Channels and cells": ("Canaux et cellules", "Привязка каналов и ячеек"),
    "Registers": ("Adresses des registres", "Привязка адресов"),
    "System": ("Système", "Система"),
    "heat": ("Chauffage", "Теплоснабжение"),
    "hot_water": ("Eau chaude sanitaire", "ГВС"),
    "cold_water": ("Eau froide", "ХВС"),
    "gas": ("Gaz", "Газ"),
    "electricity": ("Électricité", "Электроэнергия"),
    "As assigned by the utility: the upload finds the point by it.": (
        "Tel qu’attribué par le fournisseur : le dépôt retrouve le point par ce numéro.",
        "Как присвоено поставщиком: по нему загрузка находит точку.",
    ),
    "Network address": ("Adresse réseau", "Сетевой адрес"),
    "Password": ("Mot de passe", "Пароль"),
    "Leave empty to keep the one that is stored.": (
        "Laissez vide pour conserver celui qui est enregistré.", "Оставьте пустым, чтобы сохранить прежний.",
    ),
    "Forget the stored password": ("Oublier le mot de passe enregistré", "Удалить сохранённый пароль"),
    "Protocol": ("Protocole", "Протокол"),
    "Adapter": ("Adaptateur", "Адаптер"),
    "Adapter address": ("Adresse de l’adaptateur", "Адрес адаптера"),
    "Connection": ("Liaison", "Подключение"),
    "The serial port of the parameters": ("Le port série des paramètres", "Последовательный порт из параметров"),
    "A converter calls in on the TCP port": (
        "Un convertisseur appelle sur le port TCP", "Преобразователь сам подключается к порту TCP",
    ),
    "A port or address of its own": ("Un port ou une adresse propre", "Отдельный порт или адрес"),
    "Port or address": ("Port ou adresse", "Порт или адрес"),
    "Port speed": ("Vitesse du port", "Скорость порта"),
    "As the model has it": ("Celle du modèle", "По модели"),
    "Flow control": ("Contrôle de flux", "Управление потоком"),
    "none": ("aucun", "нет"),
    "Software (XON/XOFF)": ("Logiciel (XON/XOFF)", "Программное (XON/XOFF)"),
    "Hardware (RTS/CTS)": ("Matériel (RTS/CTS)", "Аппаратное (RTS/CTS)"),
    "Response timeout, ms": ("Délai de réponse, ms", "Таймаут ответа, мс"),
    "Optical head": ("Tête optique", "Оптоголовка"),
    "M-Bus controller": ("Contrôleur M-Bus", "Контроллер шины M-Bus"),
    "other": ("autre", "другой"),
    "Supply channel": ("Canal aller", "Канал подачи"),
    "Return channel": ("Canal retour", "Канал обратки"),
    "Heat input number": ("Numéro de l’entrée de chaleur", "Номер теплового ввода"),
    "Parameter": ("Paramètre", "Параметр"),
    "Cell of the meter": ("Cellule du compteur", "Ячейка счётчика"),
    "Register of the meter": ("Registre du compteur", "Регистр счётчика"),
    "usual": ("habituelle", "обычная"),
    "This model has fixed cells.": (
        "Les cellules de ce modèle sont fixes.", "У этой модели привязка ячеек постоянная.",
    ),
    "This model takes no register addresses.": (
        "Ce modèle ne demande pas d’adresses de registres.", "Этой модели адреса регистров не нужны.",
    ),
    "Unit of heat": ("Unité de chaleur", "Единица теплоты"),
    "Unit of pressure": ("Unité de pression", "Единица давления"),
    "Gcal": ("Gcal", "Гкал"),
    "GJ": ("GJ", "ГДж"),
    "MWh": ("MWh", "МВт·ч"),
    "kgf/cm²": ("kgf/cm²", "кгс/см²"),
    "bar": ("bar", "бар"),
    "MPa": ("MPa", "МПа"),
    "kPa": ("kPa", "кПа"),
    "The stamp of an hour": ("L’horodatage d’une heure", "Метка часа"),
    "its end": ("sa fin", "конец часа"),
    "its start": ("son début", "начало часа"),
    "Faster speed of the session": ("Vitesse accrue de la session", "Повышенная скорость сеанса"),
    "Names of columns": ("Noms des colonnes", "Имена столбцов"),
    "experimental: not seen on a real meter yet": (
        "expérimental : pas encore vu sur un vrai compteur", "экспериментально: на живом приборе ещё не проверено",
    ),
    "Save": ("Enregistrer", "Сохранить"),
    "Cancel": ("Annuler", "Отмена"),
    "Saved.": ("Enregistré.", "Сохранено."),
    "Removed.": ("Supprimé.", "Удалено."),
    "New metering point": ("Nouveau point de comptage", "Новая точка учёта"),
    "The point number changes. The utility knows the meter by the old one: a file with another number is refused. "
    "Change it only if the utility has told you the new one.": (
        "Le numéro du point change. Le fournisseur connaît le compteur sous l’ancien : un fichier portant un autre "
        "numéro est refusé. Ne le changez que si le fournisseur vous a communiqué le nouveau.",
        "Номер точки меняется. Поставщик знает прибор под прежним номером: файл с другим номером не будет принят. "
        "Меняйте его, только если новый номер сообщил поставщик.",
    ),
    "Yes, change the number": ("Oui, changer le numéro", "Да, изменить номер"),
    "Remove the metering point {name}? The files already read stay in the data folder.": (
        "Supprimer le point de comptage {name} ? Les fichiers déjà relevés restent dans le dossier de données.",
        "Удалить точку учёта {name}? Уже снятые файлы останутся в папке с данными.",
    ),
    "Serial port": ("Port série", "Последовательный порт"),
    "COM3, /dev/ttyUSB0, or socket://host:port of a converter.": (
        "COM3, /dev/ttyUSB0, ou socket://hôte:port d’un convertisseur.",
        "COM3, /dev/ttyUSB0 или socket://адрес:порт преобразователя.",
    ),
    "TCP port": ("Port TCP", "Порт TCP"),
    "Folder for files": ("Dossier des fichiers", "Папка для файлов"),
    "Empty: the folder of the console.": ("Vide : le dossier de la console.", "Пусто: папка пульта."),
    "Theme": ("Thème", "Тема"),
    "as the system": ("comme le système", "как в системе"),
    "light": ("clair", "светлая"),
    "dark": ("sombre", "тёмная"),
    "E-mail of your support": ("E-mail de votre assistance", "E-mail вашей поддержки"),
    "Address of the portal": ("Adresse du portail", "Адрес портала"),
    "Settings file of the reader": ("Fichier de réglages du pupitre", "Файл настроек пульта"),
    "UniversalReader-Settings.xml, or the ready file that the utility sent you.": (
        "UniversalReader-Settings.xml, ou le fichier prêt envoyé par le fournisseur.",
        "UniversalReader-Settings.xml или готовый файл, который прислал поставщик.",
    ),
    "Keep the meters’ passwords that lie in the file": (
        "Garder les mots de passe des compteurs contenus dans le fichier",
        "Сохранить пароли приборов, которые лежат в файле",
    ),
    "Bring in": ("Importer", "Загрузить"),
    "{count} metering points were brought in, {known} were known already.": (
        "{count} points de comptage importés, {known} déjà connus.",
        "Загружено точек учёта: {count}, уже было: {known}.",
    ),
    "{count} passwords were left out.": (
        "{count} mots de passe laissés de côté.", "Паролей отброшено: {count}.",
    ),
    "No driver reads the meter of: {points}. Choose the model in its properties.": (
        "Aucun pilote ne lit le compteur de : {points}. Choisissez le modèle dans ses propriétés.",
        "Нет драйвера для прибора точек: {points}. Выберите модель в свойствах.",
    ),
    "The file is too large.": ("Le fichier est trop volumineux.", "Файл слишком велик."),
    "The file is no XML.": ("Le fichier n’est pas du XML.", "Это не файл XML."),
    "The file holds no settings of a reader.": (
        "Le fichier ne contient pas de réglages de pupitre.", "В файле нет настроек пульта.",
    ),
    "Choose a file.": ("Choisissez un fichier.", "Выберите файл."),
    "Period": ("Période", "Период"),
    "From": ("Du", "С"),
    "To": ("Au", "По"),
    "Both days are read.": ("Les deux jours sont compris.", "Оба дня включительно."),
    "Archives": ("Archives", "Архивы"),
    "hour": ("Heures", "Часовые"),
    "day": ("Jours", "Суточные"),
    "month": ("Mois", "Месячные"),
    "totals": ("Totaux", "Итоговые"),
    "current": ("Valeurs actuelles", "Текущие"),
    "Start": ("Démarrer", "Старт"),
    "Stop": ("Arrêter", "Стоп"),
    "Save the journal": ("Enregistrer le journal", "Сохранить журнал"),
    "Clear the journal": ("Effacer le journal", "Очистить журнал"),
    "Poll journal": ("Journal du relevé", "Журнал опроса"),
    "The journal is empty.": ("Le journal est vide.", "Журнал пуст."),
    "The poll is under way.": ("Le relevé est en cours.", "Идёт опрос."),
    "Another poll is under way: stop it first.": (
        "Un autre relevé est en cours : arrêtez-le d’abord.", "Идёт другой опрос: сначала остановите его.",
    ),
    "Everything asked for has been read.": ("Tout ce qui était demandé a été lu.", "Считано всё, что запрошено."),
    "A part is missing; what was read is kept.": (
        "Une partie manque ; ce qui a été lu est conservé.", "Считано не всё; прочитанное сохранено.",
    ),
    "Nothing was read.": ("Rien n’a été lu.", "Ничего не считано."),
    "The file": ("Le fichier", "Файл"),
    "missing, {kind}: {first} to {last}": ("manque, {kind} : du {first} au {last}", "нет, {kind}: {first} — {last}"),
    "The meter’s clock is off by {span}. It is left as it is.": (
        "L’horloge du compteur est décalée de {span}. Elle est laissée telle quelle.",
        "Часы прибора отличаются на {span}. Они не исправлялись.",
    ),
    "Found: {title}, serial number {serial}": (
        "Trouvé : {title}, numéro de série {serial}", "Найден: {title}, серийный номер {serial}",
    ),
    "not told": ("non communiqué", "не сообщается"),
    "Download": ("Télécharger", "Скачать"),
    "Size": ("Taille", "Размер"),
    "Read on": ("Relevé le", "Снято"),
    "No file yet. Poll a meter, and its file stands here.": (
        "Pas encore de fichier. Relevez un compteur, son fichier apparaîtra ici.",
        "Файлов пока нет. Опросите прибор, и файл появится здесь.",
    ),
    "Nothing has been read for this metering point yet.": (
        "Rien n’a encore été relevé pour ce point de comptage.", "Для этой точки учёта данных ещё не снимали.",
    ),
    "The file of the last poll is no longer in the folder.": (
        "Le fichier du dernier relevé n’est plus dans le dossier.", "Файла последнего опроса в папке больше нет.",
    ),
    "Time": ("Heure", "Время"),
    "missing in the meter": ("absent du compteur", "нет в приборе"),
    "Rows {first} to {last} of {count}": ("Lignes {first} à {last} sur {count}", "Строки {first}–{last} из {count}"),
    "Earlier": ("Précédent", "Раньше"),
    "Later": ("Suivant", "Позже"),
    "Upload this file on the page of your contract in the portal.": (
        "Déposez ce fichier sur la page de votre contrat dans le portail.",
        "Загрузите этот файл на странице договора в личном кабинете.",
    ),
    "Open the portal": ("Ouvrir le portail", "Открыть личный кабинет"),
    "What happened?": ("Que s’est-il passé ?", "Что случилось?"),
    "The report holds your words, the version, the meter’s model and the last journal. Passwords are left out. "
    "It is made on this machine; you send it yourself.": (
        "Le rapport contient votre texte, la version, le modèle du compteur et le dernier journal. Les mots de passe "
        "en sont exclus. Il est créé sur cette machine ; vous l’envoyez vous-même.",
        "В отчёт войдут ваш текст, версия, модель прибора и последний журнал. Паролей в нём нет. "
        "Он создаётся на этом компьютере; отправляете его вы сами.",
    ),
    "Make the report": ("Créer le rapport", "Создать отчёт"),
    "Send it to {address}.": ("Envoyez-le à {address}.", "Отправьте его на {address}."),
    "Portal": ("Portail", "Портал"),
    "Activation on the portal": ("Activation sur le portail", "Активация на портале"),
    "Activate": ("Activer", "Активировать"),
    "Deactivate": ("Désactiver", "Деактивировать"),
    "Data publication": ("Publication des données", "Публикация данных"),
    "Publish": ("Publier", "Опубликовать"),
    "Status": ("État", "Состояние"),
    "Serial number of the server": ("Numéro de série du serveur", "Серийный номер сервера"),
    "Password of the activation mail": ("Mot de passe de l’e-mail d’activation", "Пароль из письма об активации"),
    "Site file": ("Fichier du site", "Файл объекта"),
    "Done.": ("C’est fait.", "Готово."),
    "It was done in part.": ("Fait en partie.", "Сделано частично."),
    "The portal refused.": ("Le portail a refusé.", "Портал отказал."),
    "The portal does not let this server in.": (
        "Le portail n’accepte pas ce serveur.", "Портал не принимает этот сервер.",
    ),
    "There is no connection to the portal.": (
        "Pas de connexion au portail.", "Нет связи с порталом.",
    ),
    "The portal is busy. Try again later.": (
        "Le portail est occupé. Réessayez plus tard.", "Портал занят. Повторите позже.",
    ),
    "The answer is not one of the portal.": (
        "La réponse n’est pas celle du portail.", "Ответ не похож на ответ портала.",
    ),
    "The certificate does not prove who answers.": (
        "Le certificat ne prouve pas qui répond.", "Сертификат не подтверждает, кто отвечает.",
    ),
    "Something in the form is wrong.": ("Une donnée du formulaire est erronée.", "В форме есть ошибка."),
    "Details": ("Détails", "Подробности"),
    "Enter a name.": ("Indiquez un nom.", "Введите наименование."),
    "Choose a model.": ("Choisissez un modèle.", "Выберите модель."),
    "Enter the point number.": ("Indiquez le numéro du point.", "Введите номер точки."),
    "This point number belongs to another metering point.": (
        "Ce numéro appartient déjà à un autre point de comptage.", "Этот номер уже у другой точки учёта.",
    ),
    "Enter a whole number from {least} to {most}.": (
        "Indiquez un nombre entier de {least} à {most}.", "Введите целое число от {least} до {most}.",
    ),
    "Enter a date.": ("Indiquez une date.", "Введите дату."),
    "The period ends before it begins.": (
        "La période se termine avant de commencer.", "Период кончается раньше, чем начинается.",
    ),
    "The period is longer than three years.": (
        "La période dépasse trois ans.", "Период длиннее трёх лет.",
    ),
    "Choose at least one archive.": ("Choisissez au moins une archive.", "Выберите хотя бы один архив."),
    "Choose a model in the properties first.": (
        "Choisissez d’abord un modèle dans les propriétés.", "Сначала выберите модель в свойствах.",
    ),
    "The page was open too long. Do it once more.": (
        "La page est restée ouverte trop longtemps. Recommencez.", "Страница устарела. Повторите действие.",
    ),
    "There is no such page.": ("Cette page n’existe pas.", "Такой страницы нет."),
    "The folder cannot be used: {reason}": (
        "Le dossier n’est pas utilisable : {reason}", "Папкой нельзя воспользоваться: {reason}",
    ),
    "The meter’s clock: {clock}": ("Horloge du compteur : {clock}", "Часы прибора: {clock}"),
    "Reading: {kind}": ("Lecture : {kind}", "Чтение: {kind}"),
    "Written: {path}": ("Écrit : {path}", "Записано: {path}"),
    "Nothing was read, so no file was written.": (
        "Rien n’a été lu, aucun fichier n’a été écrit.", "Ничего не считано, файл не записан.",
    ),
    "Waiting for a converter on TCP port {port}.": (
        "Attente d’un convertisseur sur le port TCP {port}.", "Ожидание преобразователя на порту TCP {port}.",
    ),
    "No serial port is set in the parameters.": (
        "Aucun port série n’est défini dans les paramètres.", "В параметрах не задан последовательный порт.",
    ),
    "This meter has no such archive.": ("Ce compteur n’a pas cette archive.", "У этого прибора нет такого архива."),
    "Hours need a top module with a log.": (
        "Les heures demandent un module supérieur avec journal.", "Для часовых нужен верхний модуль с архивом.",
    ),
    "Press a key of the meter first: its optical port sleeps.": (
        "Appuyez d’abord sur une touche du compteur : son port optique est en veille.",
        "Сначала нажмите кнопку прибора: его оптопорт спит.",
    ),
    "Needs a local port: it asks at 300 and listens at 1200 bits/s.": (
        "Exige un port local : demande à 300, écoute à 1200 bit/s.",
        "Нужен местный порт: запрос на 300, ответ на 1200 бит/с.",
    ),
    "An hour's record carries the moment at which it was made, the end of its hour.": (
        "L’enregistrement d’une heure porte l’instant de sa création, la fin de son heure.",
        "Часовая запись помечена временем её создания — концом часа.",
    ),
    "Speeds in use: 2400, 57600, 4800, 19200, 9600, 38400, 115200.": (
        "Vitesses en usage : 2400, 57600, 4800, 19200, 9600, 38400, 115200.",
        "Встречаются скорости 2400, 57600, 4800, 19200, 9600, 38400, 115200.",
    ),
    "Speed and parity differ by installation: try 1200 to 9600.": (
        "Vitesse et parité varient selon l’installation : essayez de 1200 à 9600.",
        "Скорость и чётность зависят от установки: пробуйте от 1200 до 9600.",
    ),
    "The read-out of any meter by its optical head: values and totals of now.": (
        "La lecture de tout compteur par sa tête optique : valeurs et totaux actuels.",
        "Считывание любого прибора оптоголовкой: текущие и итоговые значения.",
    ),
    "Values and totals of now; some speak at 300 bits/s.": (
        "Valeurs et totaux actuels ; certains parlent à 300 bit/s.",
        "Текущие и итоговые значения; некоторые приборы говорят на 300 бит/с.",
    ),
    "No reading needs it, and it is never sent: a meter that asks for one is named in the journal.": (
        "Aucune lecture n’en a besoin et il n’est jamais envoyé : un compteur qui en demande un est signalé au journal.",
        "Для чтения он не нужен и прибору не передаётся: если прибор просит пароль, это видно в журнале.",
    ),
    "For your notes and the fault report: these adapters pass every byte on unchanged, and an echo is taken off by "
    "itself.": (
        "Pour vos notes et le rapport d’erreur : ces adaptateurs transmettent chaque octet tel quel, et un écho est "
        "retiré automatiquement.",
        "Для памяти и отчёта об ошибке: эти адаптеры прозрачны, эхо убирается само.",
    ),
    "This model has no network address.": (
        "Ce modèle n’a pas d’adresse réseau.", "У этой модели нет сетевого адреса.",
    ),
    "From {least} to {most}; empty: whoever answers.": (
        "De {least} à {most} ; vide : celui qui répond.", "От {least} до {most}; пусто: любой, кто ответит.",
    ),
    "This model has one heat input.": (
        "Ce modèle n’a qu’une entrée de chaleur.", "У этой модели один тепловой ввод.",
    ),
    "This model has fixed channels.": ("Les canaux de ce modèle sont fixes.", "Каналы у этой модели постоянные."),
    "The address does not fit this model.": (
        "L’adresse ne convient pas à ce modèle.", "Такой адрес не подходит к этой модели.",
    ),
    "Something went wrong in the console. What exactly stands in the window that it was started from.": (
        "Une erreur s’est produite dans la console. Le détail figure dans la fenêtre où elle a été lancée.",
        "В пульте произошла ошибка. Подробности — в окне, из которого он запущен.",
    ),
    "Sort by: {column}": ("Trier par : {column}", "Сортировать: {column}"),
    "Back to the list": ("Retour à la liste", "К списку"),
}  # fmt: skip
Say = Callable[..., str]


def sayer(language: str) -> Say:
    """`say("Saved.")`, `say("Send it to {address}.", address=…)` in `language`."""
    place = {"fr": 0, "ru": 1}.get(language)

    def say(text: str, **values: object) -> str:
        said = text if place is None or text not in TEXTS else TEXTS[text][place]
        if place is None and text in ENGLISH:
            said = ENGLISH[text]
        return said.format(**values) if values else said

    return say


# keys that are words of the program rather than of people
ENGLISH = {
    "heat": "Heat", "hot_water": "Hot water", "cold_water": "Cold water", "gas": "Gas", "electricity": "Electricity",
    "hour": "Hours", "day": "Days", "month": "Months", "totals": "Totals", "current": "Current values",
}  # fmt: skip
