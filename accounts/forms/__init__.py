"""Forms of the account pages. `SignInForm` stands here because the settings name it."""

from accounts.forms.sign_in import SignInForm

__all__ = ["SignInForm"]
