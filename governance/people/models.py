"""Who there is, employed where, and what each role may do."""

import uuid

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Now, TruncDate
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from governance.people import rules

Held = tuple[str, uuid.UUID, int | None]  # role, entity, the one department or None


class Entity(models.Model):
    """One legal entity of the group: a controller in its own right."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    code = models.SlugField(max_length=20, unique=True)  # in spreadsheets and numbers: NSP
    name = models.CharField(max_length=200, unique=True)
    address = models.TextField()
    country = models.CharField(max_length=2)  # ISO 3166-1
    timezone = models.CharField(max_length=64, default="UTC")
    contact_name = models.CharField(max_length=200)  # DPDP s.8(9): a person able to answer
    contact_email = models.EmailField()
    dpo_name = models.CharField(max_length=200, blank=True)  # where one is appointed
    dpo_email = models.EmailField(blank=True)
    eu_representative = models.TextField(blank=True)  # Art. 27
    languages = ArrayField(
        models.CharField(max_length=12), default=list, blank=True
    )  # in which people are told
    created_at = models.DateTimeField(db_default=Now())
    changed_at = models.DateTimeField(db_default=Now())
    told_changed_at = models.DateTimeField(
        null=True
    )  # notices that were published before say what was before

    class Meta:
        ordering = ["name"]
        verbose_name_plural = "entities"

    def __str__(self) -> str:
        return self.name

    @property
    def entity_id(self) -> uuid.UUID:
        return self.pk


class EntityUserObjectPermission(UserObjectPermissionBase):
    content_object = models.ForeignKey(Entity, models.CASCADE)


class EntityGroupObjectPermission(GroupObjectPermissionBase):
    content_object = models.ForeignKey(Entity, models.CASCADE)


class Site(models.Model):
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="sites")
    name = models.CharField(max_length=120)
    country = models.CharField(max_length=2)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "name"], name="one_site_of_a_name")]

    def __str__(self) -> str:
        return self.name


class Unit(models.Model):
    """A department, and the people for whom one works council or representative speaks."""

    entity = models.ForeignKey(Entity, models.PROTECT, related_name="units")
    name = models.CharField(max_length=120)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entity", "name"], name="one_unit_of_a_name")]

    def __str__(self) -> str:
        return self.name


class PersonQuerySet(models.QuerySet["Person"]):
    def visible_to(self, person: "Person") -> "PersonQuerySet":
        """People who work or worked at an entity where this person may see people."""
        there = Employment.objects.filter(entity_id__in=person.entities_where("people.view"))
        return self.filter(pk__in=there.values("person_id"))


class PersonManager(BaseUserManager["Person"].from_queryset(PersonQuerySet)):  # type: ignore[misc]
    def get_by_natural_key(self, email: str) -> "Person":
        return self.get(email__iexact=email)

    def register(self, **fields: object) -> "Person":
        """A person without a password: kiosk workers, leavers and nominees exist without a login."""
        person = self.model(**fields)
        person.set_unusable_password()
        person.save(using=self._db)
        return person


class Person(AbstractBaseUser, PermissionsMixin):
    """A human being and, where there is one, the login. The row stays as a stub when the person is forgotten."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(max_length=40, null=True, unique=True)
    name = models.CharField(max_length=200, null=True)
    email = models.EmailField(null=True, unique=True)
    language = models.CharField(max_length=12, default="en")  # BCP 47
    is_under_18 = models.BooleanField(default=False)
    is_active = models.BooleanField(default=True)
    forgotten_at = models.DateTimeField(null=True)
    created_at = models.DateTimeField(db_default=Now())
    # Works nowhere here, and is entered only because they speak for somebody of this entity (people/outside.py).
    outside_of = models.ForeignKey("Entity", models.PROTECT, null=True, related_name="+")

    USERNAME_FIELD = "email"
    EMAIL_FIELD = "email"
    REQUIRED_FIELDS: list[str] = []
    objects = PersonManager()

    class Meta:
        verbose_name_plural = "people"

    def __str__(self) -> str:
        return self.name or self.number or _("a person who was forgotten")

    def get_full_name(self) -> str:
        return str(self)

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.pk == person_id

    @property
    def entity_id(self) -> uuid.UUID | None:
        job = self.employment
        return job.entity_id if job else None

    @cached_property
    def employment(self) -> "Employment | None":
        return self.employments.current().select_related("entity", "site", "unit").first()

    @cached_property
    def unread(self) -> int:
        """How many messages wait to be read."""
        return self.notes.filter(read_at__isnull=True).count()

    @cached_property
    def held(self) -> frozenset[Held]:
        """(role, entity id, id of the one department or None) of every role in force; asked once per request."""
        given: set[Held] = set(self.roles.in_force().values_list("name", "entity_id", "unit_id"))
        if self.pk:
            managed = Employment.objects.current().filter(manager_id=self.pk)
            given |= {("manager", entity, None) for entity in managed.values_list("entity_id", flat=True)}
        return frozenset(given)

    @property
    def roles_held(self) -> set[tuple[str, uuid.UUID]]:
        """(role, entity id) of every role for a whole entity."""
        return {(role, entity) for role, entity, unit in self.held if unit is None}

    @property
    def sees_no_content(self) -> bool:
        """Who reaches accounts is opened nothing else, not even by name."""
        return "admin" in self.role_names()

    def role_names(self) -> set[str]:
        return {role for role, _entity, _unit in self.held}

    def holds(self, permission: str, entity_id: uuid.UUID | None = None, unit_id: int | None = None) -> bool:
        """Does one of the roles give this permission, at this entity (or in this department) if one is named?

        Without an entity: does any role give it over anything at all? So the menu asks.
        """
        if entity_id is None:
            return any(
                rules.gives(role, permission, for_a_unit=unit is not None)
                or rules.gives_over_theirs(role, permission, for_a_unit=unit is not None)
                for role, _entity, unit in self.held
            )
        return any(
            entity == entity_id
            and unit in (None, unit_id)
            and rules.gives(role, permission, for_a_unit=unit is not None)
            for role, entity, unit in self.held
        )

    def holds_over_theirs(self, permission: str, entity_id: uuid.UUID, unit_id: int | None = None) -> bool:
        """Does a role give this permission over what this person is answerable for, there?"""
        return any(
            entity == entity_id
            and unit in (None, unit_id)
            and rules.gives_over_theirs(role, permission, for_a_unit=unit is not None)
            for role, entity, unit in self.held
        )

    def entities_where(self, permission: str) -> set[uuid.UUID]:
        """The entities at which a role gives this permission: the first scope of every list."""
        return {e for role, e, unit in self.held if unit is None and rules.gives(role, permission)}

    def units_where(self, permission: str) -> set[int]:
        """The departments in which a role that was given for them alone gives this permission."""
        return {
            unit
            for role, _entity, unit in self.held
            if unit is not None and rules.gives(role, permission, for_a_unit=True)
        }

    def theirs_where(self, permission: str) -> tuple[set[uuid.UUID], set[int]]:
        """(entities, departments) in which a role gives this permission over what this person is answerable for."""
        there = [
            (entity, unit)
            for role, entity, unit in self.held
            if rules.gives_over_theirs(role, permission, for_a_unit=unit is not None)
        ]
        return {e for e, unit in there if unit is None}, {unit for _e, unit in there if unit is not None}

    def has_over_own(self, permission: str) -> bool:
        return permission in rules.OVER_OWN


class EntityChange(models.Model):
    """Legal facts of an entity that one person wants changed and a second has to agree to, because notices say them."""

    id = models.BigAutoField(primary_key=True)
    entity = models.ForeignKey(Entity, models.PROTECT, null=True, related_name="changes")  # null: a new one
    said = models.JSONField(default=dict)  # emptied once it is decided: names stand in one place
    fields = ArrayField(models.CharField(max_length=40))
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    second = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")  # null: nobody was needed
    asked_at = models.DateTimeField(db_default=Now())
    answered_at = models.DateTimeField(null=True)
    agreed = models.BooleanField(null=True)

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=~Q(asked_by=F("second")), name="nobody_agrees_to_their_own_change"),
            models.UniqueConstraint(fields=["entity"], condition=Q(answered_at__isnull=True), name="one_open_change_of_an_entity"),
        ]  # fmt: skip

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        """Who was asked to agree opens it."""
        return self.second_id == person_id


class EmploymentQuerySet(models.QuerySet["Employment"]):
    def current(self) -> "EmploymentQuerySet":
        # A day, not a moment: a moment on the last day would come after its midnight, and people work that day.
        return self.on(TruncDate(Now()))

    def on(self, moment: object) -> "EmploymentQuerySet":
        return self.filter(Q(starts_on__lte=moment), Q(ends_on__isnull=True) | Q(ends_on__gte=moment))


class Employment(models.Model):
    """Where a person works, from when to when: history, never overwritten."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="employments")
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="employments")
    site = models.ForeignKey(Site, models.PROTECT, null=True, related_name="employments")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="employments")
    country = models.CharField(max_length=2)  # where the work is done
    manager = models.ForeignKey(Person, models.PROTECT, null=True, related_name="reports_of")
    employer = models.CharField(max_length=200, blank=True)  # the agency, if not the entity itself
    starts_on = models.DateField()
    ends_on = models.DateField(null=True)
    objects = EmploymentQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")),
                name="employment_ends_after_it_starts",
            ),
            models.UniqueConstraint(
                fields=["person"], condition=Q(ends_on__isnull=True), name="one_open_employment"
            ),
        ]
        indexes = [models.Index(fields=["manager"]), models.Index(fields=["entity", "unit"])]


class RoleQuerySet(models.QuerySet["Role"]):
    def in_force(self) -> "RoleQuerySet":
        return self.filter(ended_at__isnull=True)


class Role(models.Model):
    """A role at one entity or one department of it, given by one person and, where it needs it, agreed by a second."""

    NAMES = [(name, label) for name, label in rules.ROLES.items()]

    person = models.ForeignKey(Person, models.PROTECT, related_name="roles")
    name = models.CharField(max_length=20, choices=NAMES)
    entity = models.ForeignKey(Entity, models.PROTECT, related_name="roles")
    unit = models.ForeignKey(Unit, models.PROTECT, null=True, related_name="roles")  # null: the whole entity
    granted_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")  # null: at set-up
    second_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    granted_at = models.DateTimeField(db_default=Now())
    ended_at = models.DateTimeField(null=True)
    ended_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    objects = RoleQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["person", "name", "entity", "unit"],
                condition=Q(ended_at__isnull=True),
                nulls_distinct=False,
                name="one_role_in_force",
            ),
            models.CheckConstraint(condition=~Q(person=F("granted_by")), name="nobody_grants_to_themselves"),
            models.CheckConstraint(condition=~Q(person=F("second_by")), name="nobody_seconds_themselves"),
        ]


class Message(models.Model):
    """Something a person is told; the sentence is made from the code in their language when it is read."""

    id = models.BigAutoField(primary_key=True)
    person = models.ForeignKey(Person, models.CASCADE, related_name="notes")
    code = models.CharField(max_length=64)
    facts = models.JSONField(default=dict)  # ids, numbers and dates
    created_at = models.DateTimeField(db_default=Now())
    read_at = models.DateTimeField(null=True)
    sent_at = models.DateTimeField(null=True)  # by e-mail

    class Meta:
        indexes = [models.Index(fields=["person", "-id"])]

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id


class AddressChangeQuerySet(models.QuerySet["AddressChange"]):
    def open(self) -> "AddressChangeQuerySet":
        return self.filter(ended_at__isnull=True)

    def due(self, now: object) -> "AddressChangeQuerySet":
        return self.open().filter(due_at__lte=now)


class AddressChange(models.Model):
    """An address that the staff list gives somebody, before it opens their account."""

    person = models.ForeignKey(Person, models.PROTECT, related_name="address_changes")
    address = models.EmailField(blank=True)  # "": the present one is to go
    asked_by = models.ForeignKey(Person, models.PROTECT, related_name="+")
    asked_at = models.DateTimeField(db_default=Now())
    due_at = models.DateTimeField(null=True)  # null: only when a second person confirms it
    confirmed_by = models.ForeignKey(Person, models.PROTECT, null=True, related_name="+")
    ended_at = models.DateTimeField(null=True)
    outcome = models.CharField(max_length=10, blank=True)  # done, stopped, replaced, taken, role
    objects = AddressChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(ended_at__isnull=True), name="one_address_to_come"),
            models.CheckConstraint(condition=~Q(confirmed_by=F("asked_by")), name="an_address_is_confirmed_by_another"),
        ]  # fmt: skip
        indexes = [
            models.Index(fields=["due_at"], condition=Q(ended_at__isnull=True), name="addresses_to_come")
        ]

    def belongs_to(self, person_id: uuid.UUID) -> bool:
        return self.person_id == person_id

    @property
    def entity_id(self) -> uuid.UUID | None:
        return self.person.entity_id
