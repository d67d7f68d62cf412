"""Sentences that say that a name is new, and sentences that do not. [new] and {old} mark the names."""

from __future__ import annotations

import pytest

from monitor.stories.renaming import Link, Span, is_cue, said

SAID = {
    "formerly": "[Muse Spark], formerly {Avocado}, arrived",
    "previously known as": "[Zelvora], previously known as {LX-204}, is approved",
    "a noun between": "[Zelvora], the obesity pill formerly known as {LX-204}",
    "known in trials as": "[Zelvora], known in trials as {LX-204}, is approved",
    "code-named": "shows [Muse Spark], code-named {Avocado}, and breaks",
    "it called": "launches [Muse Spark], the closed model it called {Avocado}",
    "now": "{Helix}, now [Volta One], ships in May",
    "is now called": "{Project Helix} is now called [Volta One]",
    "renamed": "{Sphere} has been renamed [Sphere Max]",
    "renames to": "Kumo renames its {Sphere} to [Sphere Max]",
    "launched as": "{Avocado} launched as [Muse Spark]",
    "German before": "[Zelvora], bisher als {LX-204} bekannt",
    "German after": "{Helix} heißt künftig [Volta One]",
    "German, both": "Kumo benennt {Sphere} in [Sphere Max] um",
    "French before": "[Zelvora], connu sous le nom de code {LX-204}",
    "French after": "{Helix} devient [Volta One]",
    "Spanish before": "[Volta One], conocida hasta ahora como {Helix}",
    "Spanish after": "{Helix} pasa a llamarse [Volta One]",
    "Portuguese": "[Volta One], antes {Helix}, chega em maio",
    "Chinese before": "[启明]（原名{星云}）将开放",
    "Chinese code name": "Meta发布[Muse Spark]：代号“{牛油果}”，首款闭源模型",
    "Chinese of": "代号“{牛油果}”的新模型[Muse Spark]",
    "Chinese after": "{星云}大模型正式更名为“[启明]”",
    "Japanese before": "「[ゼルボラ]」（開発コード名{LX-204}）が承認",
    "Japanese after": "「{Nebula}」を「[チーミン]」に改称",
    "Japanese of": "コードネーム「{ヘリックス}」で知られたゲーム機が「[Volta One]」として",
    "Korean before": "'[볼타 원]'(코드명 {헬릭스})",
    "Korean after": "'{헬릭스}'를 '[볼타 원]'으로 변경",
}
UNSAID = {
    "a rival": "[Gemini], which beat the model codenamed {Avocado}",
    "of something else": "[Gemini], a rival of the model codenamed {Avocado}",
    "a comparison": "{Avocado} now trails [Gemini]",
    "a rival in Chinese": "[豆包]击败代号“{牛油果}”的模型",
    "two sentences": "[Gemini] won. Formerly {Avocado} led",
    "far apart": "[Gemini]" + " and so on" * 9 + ", formerly {Avocado}",
    "a list": "[Gemini], {Avocado} and others",
    "a title in quotation marks": "AI[モデル]「{Nebula}」を公開",
}


def link(marked: str) -> Link | None:
    places = {}
    for opening, closing in ("[]", "{}"):
        start, end = marked.index(opening), marked.index(closing)
        other = [at for at in map(marked.index, "[]{}") if at < start]
        places[opening] = Span(start - len(other), end - len(other) - 1)
    return said(marked.translate(str.maketrans("", "", "[]{}")), places["["], places["{"])


@pytest.mark.parametrize("sentence", SAID)
def test_a_sentence_says_that_a_name_is_new(sentence: str):
    assert link(SAID[sentence]) is Link.SAID


@pytest.mark.parametrize("sentence", UNSAID)
def test_a_sentence_says_nothing_of_the_kind(sentence: str):
    assert link(UNSAID[sentence]) is None


@pytest.mark.parametrize(
    "sentence", ["[Muse Spark] ({Avocado}) is closed", "「[Zelvora]」（{LX-204}）が", "{Helix} ([Volta One])"]
)
def test_brackets_are_a_hint(sentence: str):
    assert link(sentence) is Link.BRACKETS


def test_a_word_of_renaming_is_no_name():
    assert is_cue("コードネーム")
    assert not is_cue("コーヒー")
