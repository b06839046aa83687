"""What people are told about a purpose: versions, each with its exact words in every language."""

import uuid

from django.db import models
from django.db.models.functions import Now

from governance.lib import languages
from governance.lib.canonical import digest
from governance.people.models import Person
from governance.purposes import catalogue
from governance.purposes.models.register import Purpose


class Notice(models.Model):
    """One version of what people are told about a purpose. A published version is never edited."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.ForeignKey(Purpose, models.PROTECT, related_name="notices")
    version = models.PositiveIntegerField()
    purpose_version = models.PositiveIntegerField(default=0)  # the version of the register that it tells of
    author = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(db_default=Now())
    published_at = models.DateTimeField(null=True)
    published_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["purpose", "version"], name="one_notice_per_version")]
        ordering = ["purpose", "-version"]

    def __str__(self) -> str:
        return f"{self.purpose.number} notice {self.version}"

    @property
    def part_of(self) -> Purpose:
        return self.purpose

    @property
    def entity_id(self) -> uuid.UUID:
        return self.purpose.entity_id

    @property
    def english(self) -> "NoticeText | None":
        """The words that all others are translations of."""
        return next((text for text in self.texts.all() if text.language == "en"), None)

    def usable_texts(self) -> list["NoticeText"]:
        """The texts that people may be shown: read by a second person, made from the present English, no demo text."""
        texts = list(self.texts.all())
        english = next((text for text in texts if text.language == "en"), None)
        return [text for text in texts if text.is_usable(english)]

    def text_for(self, language: str) -> "NoticeText | None":
        """The usable text in this language, or the English one, or none; the caller says which language was shown."""
        by_language = {text.language: text for text in self.usable_texts()}
        return by_language.get(languages.best(language, by_language) or "en")


class NoticeText(models.Model):
    """The exact words in one language. `elements` maps what the laws ask for (see catalogue.ELEMENTS) to text."""

    notice = models.ForeignKey(Notice, models.PROTECT, related_name="texts")
    language = models.CharField(max_length=12)  # BCP 47
    title = models.CharField(max_length=300)
    elements = models.JSONField()  # {"purpose": "…", "data": "…", …}
    author = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    english_sha256 = models.CharField(max_length=64, blank=True)  # of the English words that it was made from
    is_demo = models.BooleanField(
        default=False
    )  # demo text, not reviewed: never published as a required language
    reviewed_by = models.CharField(max_length=200, blank=True)
    reviewed_on = models.DateField(null=True)
    sha256 = models.CharField(max_length=64, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["notice", "language"], name="one_text_per_language")]
        ordering = ["language"]

    def compute_hash(self) -> str:
        return digest({"language": self.language, "title": self.title, "elements": self.elements})

    def seal(self, english: "NoticeText | None" = None) -> None:
        """The hash of these words, and of the English ones that they were made from, where they are named."""
        self.sha256 = self.compute_hash()
        if self.language == "en":
            self.english_sha256 = self.sha256
        elif english is not None:
            self.english_sha256 = english.sha256

    def save(self, *args: object, **kwargs: object) -> None:
        self.seal()
        super().save(*args, **kwargs)

    @property
    def parts(self) -> list[tuple[str, str, str]]:
        """(code, heading in the text's own language, text), in the order of the catalogue."""
        return [
            (code, catalogue.heading(code, self.language), self.elements[code])
            for code in catalogue.ELEMENTS
            if self.elements.get(code)
        ]

    @property
    def is_reviewed(self) -> bool:
        return bool(self.reviewed_by and self.reviewed_on)

    def is_stale(self, english: "NoticeText | None") -> bool:
        """The English that it was made from is not the English that stands there now."""
        return self.language != "en" and (english is None or self.english_sha256 != english.sha256)

    def is_usable(self, english: "NoticeText | None") -> bool:
        """DPDP Act s.5(3), house rule on A4: nobody is asked in words that no second person has read, or that lag behind."""
        return self.is_reviewed and not self.is_demo and not self.is_stale(english)

    @property
    def is_rtl(self) -> bool:
        return languages.is_rtl(self.language)
