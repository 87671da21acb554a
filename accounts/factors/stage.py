"""The step between the password and the door: whoever has a second factor shows it."""

from __future__ import annotations

from typing import Any

from allauth.mfa.stages import AuthenticateStage
from django.shortcuts import redirect


class SecondStep(AuthenticateStage):
    urlname = "second_step"

    def handle(self) -> tuple[Any, bool]:
        if not self._should_handle(self.request):
            return None, True
        return redirect("second_step"), True
