"""Second factors (an authenticator app, passkeys, recovery codes) and asking again who it is.

The rows and the cryptography are django-allauth's (`allauth.mfa`); pages, words, mails and limits are ours.
"""
