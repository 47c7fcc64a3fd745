"""What is worked out once is said in the language and the time zone of whoever asks."""

from django.utils import timezone, translation

from factcheck.page.kept import kept
from factcheck.page.words import when

MOMENT = "2018-03-23T20:31:00+00:00"


def test_each_time_zone_has_its_own():
    for _again in range(2):
        for zone, text in {"UTC": "20:31 UTC", "Europe/Paris": "21:31 CET"}.items():
            with timezone.override(zone):
                assert when(MOMENT).text == f"23 March 2018, {text}"


def test_each_language_has_its_own():
    for _again in range(2):
        for language, month in {"en-gb": "March", "fr": "mars"}.items():
            with translation.override(language):
                assert when(MOMENT).text == f"23 {month} 2018, 20:31 UTC"


def test_it_is_worked_out_once():
    asked = []
    answer = kept(2)(lambda value: asked.append(value) or value.upper())
    assert [answer(each) for each in "aab"] == ["A", "A", "B"] and asked == ["a", "b"]
    answer.cache_clear()
    assert answer("a") == "A" and asked == ["a", "b", "a"]
