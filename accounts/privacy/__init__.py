"""Personal data: everybody's own copy (`export`), erasure (`erasure`), and how long it is kept (`retention`).

Apps further left say what they hold about a person by `register_personal_data` (see `registry`).
"""
