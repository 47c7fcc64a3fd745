"""The field in which somebody says why."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from factcheck.models import only_visible


class Reason(forms.CharField):
    default_validators = [only_visible]
    default_error_messages = {"required": gettext_lazy("Say why: it is kept with the change.")}

    def __init__(self, **given: Any) -> None:
        widget = forms.TextInput(attrs={"class": "vTextField", "autocomplete": "off"})
        super().__init__(**{"label": gettext_lazy("Reason"), "max_length": 1000, "widget": widget} | given)
