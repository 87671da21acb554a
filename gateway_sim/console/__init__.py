"""The field console: the seed's *Универсальный пульт* as local pages on loopback. `app.py` puts it together."""
