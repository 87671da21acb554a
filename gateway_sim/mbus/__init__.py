"""M-Bus (EN 13757-2 link, EN 13757-3 application): our own codec and master, standard library and pyserial only.

`decode` turns wire bytes into `Telegram` and `Record`, `encode` does the way back, `master` talks to a bus.
"""
