"""What the portal's own API takes and answers."""

from datetime import datetime
from typing import Annotated, Literal

from ninja import Schema
from pydantic import AwareDatetime, ConfigDict, Field, StringConstraints

Number = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[^\x00]+$")]
Code = Annotated[str, StringConstraints(min_length=1, max_length=40, pattern=r"^[a-z0-9_.-]+$")]
Name = Annotated[str, StringConstraints(max_length=100, pattern=r"^[^\x00]*$")]
Text = Annotated[str, StringConstraints(max_length=2000, pattern=r"^[^\x00]*$")]
Digest = Annotated[str, StringConstraints(pattern=r"^[0-9a-f]{64}$")]
Language = Annotated[str, StringConstraints(min_length=2, max_length=12, pattern=r"^[A-Za-z0-9-]+$")]


class Taken(Schema):
    model_config = ConfigDict(extra="forbid")


class OneQuestion(Taken):
    person: Number = Field(description="Staff number or id")
    purpose: Number = Field(description="Number in the register, for example P-0001")
    signal: Code
    application: Name = ""
    moment: AwareDatetime | None = Field(
        None, description="When it was recorded, at most five minutes ahead of our clock; without it: now"
    )
    rely: bool = Field(False, description="Have the log keep on which consent you relied")


class Questions(Taken):
    purpose: Number
    people: list[Number] = Field(min_length=1, max_length=1000)
    signals: list[Code] = Field(min_length=1, max_length=20)
    application: Name = ""
    moment: AwareDatetime | None = None
    rely: bool = False


class Decision(Schema):
    person: str
    signal: str
    allowed: bool
    code: str | None = Field(
        None,
        description="Of a no: not_permitted, whoever asks and whatever the person said. With the scope explain also not_declared and purpose_not_active, which are the same for everybody",
    )
    detail: str | None = Field(None, description="The same in words; only with the scope explain")
    rule: str | None = Field(None, description="The provision behind it; only with the scope explain")


Ground = Literal["consent", "other"]


class OneDecision(Decision):
    purpose: str
    ground: Ground = Field(description="other: it runs without asking, and only an objection counts")
    at: datetime


class Decisions(Schema):
    purpose: str
    ground: Ground
    at: datetime
    decisions: list[Decision]


class Yes(Taken):
    person: Number
    purpose: Number
    signals: list[Code] = Field(min_length=1, max_length=20)
    notice_version: int = Field(ge=1, le=1_000_000)
    language: Language = Field(description="The language in which the person read the notice")
    text_sha256: Digest = Field(description="Fingerprint of the words that the person read")


class Ending(Taken):
    person: Number
    purpose: Number
    signal: Code | None = Field(None, description="Without it: everything for this purpose")


class Written(Schema):
    receipt: str
    kind: Literal["given", "withdrawn"]
    purpose: str
    events: list[str]
    at: str
    sha256: str = Field(description="Of the receipt")


class Signed(Written):
    jws: str | None = Field(
        description="Compact JWS over the receipt in its ISO/IEC TS 27560 form; null until it is signed"
    )
    kid: str | None = Field(description="Which of the keys at /.well-known/sammati-receipts.json signed it")
    proof: dict[str, object] | None = Field(
        description="Where it stands in the log; null until that is sealed"
    )


class Words(Schema):
    purpose: str
    name: str
    state: str
    signals: list[str]
    notice_version: int
    language: str
    text_sha256: str
    title: str
    elements: dict[str, str]


class Event(Schema):
    type: str
    timestamp: str
    data: dict[str, object]


class Events(Schema):
    events: list[Event]
    next: int = Field(description="Ask again with after= this number")
    more: bool


class Wrong(Schema):
    """RFC 9457."""

    type: str
    title: str
    status: int
    code: str
    detail: str
