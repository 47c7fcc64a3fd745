"""Choosing one of many: a search where the browser has JavaScript, and the newest to choose from where it has none."""

import re
from typing import Any

from django import forms
from django.contrib.admin.widgets import AutocompleteSelect

OFFERED = 100
NONE = "---------"
KEY = re.compile("[0-9]{1,18}")


class Choice(AutocompleteSelect):
    @property
    def media(self) -> forms.Media:
        return super().media + forms.Media(js=["factcheck/choice.js"])

    def optgroups(self, name: str, value: list[Any], attr: dict[str, Any] | None = None) -> list[Any]:
        """Django looks up whatever was sent, and offers nothing that was not chosen already."""
        groups = super().optgroups(name, [key for key in value if KEY.fullmatch(str(key))], attr)
        options = groups[0][1]
        if not any(option["selected"] for option in options):
            newest = self.choices.queryset.using(self.db).order_by("-pk")[:OFFERED]
            if not options:
                options.append(self.create_option(name, "", NONE, False, 0))
            options += [self.create_option(name, one.pk, str(one), False, len(options)) for one in newest]
        for option in options:
            option["label"] = option["label"] or NONE  # an option without words is no valid HTML
        return groups
