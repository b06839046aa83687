"""Doors, as the connectors' other stores have them, and a shop with the traps that real models set."""

from typing import Any, ClassVar

from django.db import models


class Entry(models.Model):
    number = models.CharField(max_length=40, null=True)
    door = models.CharField(max_length=40, null=True)
    at = models.DateTimeField(null=True)

    class Meta:
        db_table = "entries"
        managed = False


class Photo(models.Model):
    entry = models.ForeignKey(Entry, models.CASCADE, db_column="entry")
    face = models.CharField(max_length=80, null=True)

    class Meta:
        db_table = "photos"
        managed = False


class Remark(models.Model):
    body = models.TextField(null=True)
    written = models.DateTimeField(null=True)

    class Meta:
        db_table = "remarks"
        managed = False


class Marked(models.QuerySet[Any]):
    def delete(self) -> tuple[int, dict[str, int]]:
        return self.update(is_gone=True), {}


class NotMarked(models.Manager[Any]):
    """As many hosts have it: deleting only marks, and what is marked is not shown."""

    def get_queryset(self) -> Any:
        return Marked(self.model, using=self._db).filter(is_gone=False)


class Team(models.Model):
    name = models.CharField(max_length=40)


class Customer(models.Model):
    number = models.CharField(max_length=40)
    email = models.EmailField(null=True)
    team = models.ForeignKey(Team, models.SET_NULL, null=True)
    invited_by = models.ForeignKey("self", models.CASCADE, null=True)
    is_gone = models.BooleanField(default=False)
    objects: ClassVar[Any] = NotMarked()

    class Meta:
        base_manager_name = "objects"


class Order(models.Model):
    customer = models.ForeignKey(Customer, models.CASCADE)
    placed_on = models.DateField()
    total = models.IntegerField(default=0)
    teams = models.ManyToManyField(Team)


class Line(models.Model):
    order = models.ForeignKey(Order, models.PROTECT)
    what = models.CharField(max_length=40)
