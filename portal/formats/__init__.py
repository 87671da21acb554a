"""How a language writes dates where Django's own way would mislead: one folder a language (`FORMAT_MODULE_PATH`)."""
