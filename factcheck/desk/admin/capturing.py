"""Ways to capture what a source says: fetch its page, paste its text, upload a file."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from factcheck import text
from factcheck.desk.gate import NotAllowed
from factcheck.intake import captures, documents
from factcheck.intake.captures import Kept
from factcheck.intake.documents import Unreadable
from factcheck.intake.fetching import NotFetched
from factcheck.models import MOST_CHARACTERS, Source, User

from . import base
from .reasons import Reason


class CaptureForm(forms.Form):
    title: Any = ""
    verb: Any = ""
    use_required_attribute = False

    reason = Reason(
        initial=gettext_lazy("What it says now"),
        error_messages={"required": gettext_lazy("Say why: it is kept with the capture.")},
    )

    def keep(self, source: Source, user: User) -> Kept:
        raise NotImplementedError


class MomentForm(CaptureForm):
    captured_at = forms.DateTimeField(
        label=gettext_lazy("When it said so"),
        required=False,
        help_text=gettext_lazy("Now, where it is left empty. For an older copy, when that was made."),
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
    )


class FetchForm(CaptureForm):
    title, verb = gettext_lazy("Fetch the page"), gettext_lazy("Fetch it now")

    def keep(self, source: Source, user: User) -> Kept:
        if not source.url:
            raise NotFetched(_("This source has no address: paste its text, or upload a file."))
        return captures.fetch(source, user=user, reason=self.cleaned_data["reason"])


class PasteForm(MomentForm):
    title, verb = gettext_lazy("Paste its text"), gettext_lazy("Keep this text")
    field_order = ["text", "captured_at", "reason"]

    text = forms.CharField(
        label=gettext_lazy("Text"),
        max_length=MOST_CHARACTERS,
        help_text=gettext_lazy(
            "Kept for good, so look whether this source says it. Was a wrong text kept? Keep the right one after it, "
            "and say so in the reason."
        ),
        widget=forms.Textarea(attrs={"rows": 5, "class": "vLargeTextField"}),
        error_messages={"required": gettext_lazy("Paste what it says.")},
    )

    def keep(self, source: Source, user: User) -> Kept:
        return captures.paste(source, self.cleaned_data.pop("text"), user=user, **self.cleaned_data)


class UploadForm(MomentForm):
    title, verb = gettext_lazy("Upload a file"), gettext_lazy("Keep what it says")
    field_order = ["file", "captured_at", "reason"]

    file = forms.FileField(
        label=gettext_lazy("HTML, PDF or plain text"),
        error_messages={
            "required": gettext_lazy("Choose a file."),
            "empty": gettext_lazy("This file is empty."),
            "missing": gettext_lazy("Choose a file."),
        },
        widget=forms.FileInput(attrs={"accept": ".html,.htm,.pdf,.txt,text/html,application/pdf,text/plain"}),
    )

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > documents.MOST_BYTES:
            raise ValidationError(documents.too_large(file.size))
        return file

    def keep(self, source: Source, user: User) -> Kept:
        file = self.cleaned_data.pop("file")
        named = {"file_name": text.visible(file.name), "media_type": file.content_type or ""}
        return captures.upload(source, file.read(), user=user, **named, **self.cleaned_data)


FORMS = {"fetch": FetchForm, "paste": PasteForm, "upload": UploadForm}


def kept(form: CaptureForm, source: Source, user: User) -> Kept | None:
    """None where it was refused; then the form says why."""
    if not form.is_valid():
        return None
    try:
        return form.keep(source, user)
    except (NotFetched, Unreadable, NotAllowed) as refused:
        form.add_error(None, str(refused))
    except ValidationError as error:
        for name, errors in getattr(error, "error_dict", {None: error.messages}).items():
            form.add_error(name if name in form.fields else None, errors)
    except base.REFUSED as error:
        form.add_error(None, base.in_words(error))
    return None
