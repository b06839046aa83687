"""What people are told about a purpose: versions, each with its exact words in every language."""

import uuid

from django.db import models
from django.db.models.functions import Now

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

    def text_for(self, language: str) -> "NoticeText | None":
        """The text in this language, or the English one, or none; the caller says which language was shown."""
        by_language = {text.language: text for text in self.texts.all()}
        return by_language.get(language) or by_language.get(language.split("-")[0]) or by_language.get("en")


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

    def save(self, *args: object, **kwargs: object) -> None:
        self.sha256 = self.compute_hash()
        if self.language == "en":
            self.english_sha256 = self.sha256
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
    def is_rtl(self) -> bool:
        return self.language.split("-")[0] in {"ur", "ks", "sd"} and not self.language.endswith("-Deva")
