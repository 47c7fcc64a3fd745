"""Figures as people type them: plain or in groups of three, with a point before the decimals."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy

GROUPING = ",'’ \u00a0\u2009\u202f"
PLAIN = re.compile(r"[+-]?[0-9]*\.?[0-9]*")
GROUPED = re.compile(rf"[+-]?[1-9][0-9]{{0,2}}([{GROUPING}])[0-9]{{3}}(?:\1[0-9]{{3}})*(?:\.[0-9]*)?")
HOW = gettext_lazy("Write 1200, 1,200 or 1 200. A point begins the decimals: 1.5 is one and a half, 1.200 is 1.2.")


class FigureField(forms.DecimalField):
    widget = forms.TextInput(attrs={"inputmode": "decimal", "autocomplete": "off", "size": 12})
    default_error_messages = {"invalid": HOW}

    def to_python(self, value: Any) -> Any:
        if isinstance(value, str):
            value = value.strip().replace("−", "-")
            if GROUPED.fullmatch(value):
                value = value.translate(dict.fromkeys(map(ord, GROUPING)))
            elif not PLAIN.fullmatch(value):
                raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


class WholeField(forms.IntegerField):
    def to_python(self, value: Any) -> Any:
        if isinstance(value, str) and "_" in value:
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return super().to_python(value)


FIELDS = {models.DecimalField: FigureField, models.IntegerField: WholeField}
