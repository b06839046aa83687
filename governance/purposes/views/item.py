"""One data item of an entry: add, change, remove."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from governance.lib.access import requires
from governance.lib.refusals import Refused
from governance.purposes import catalogue, editing
from governance.purposes.activity import plain
from governance.purposes.catalogue import SignalKind
from governance.purposes.editing import Preview
from governance.purposes.forms_fields import terms
from governance.purposes.forms_rows import ItemForm
from governance.purposes.merging import Clash
from governance.purposes.models import Purpose
from governance.purposes.views.editing import in_item_words, keep
from governance.purposes.views.editor import began, begun, faults


@requires("purposes.edit", of=Purpose)
@never_cache
@require_http_methods(["GET", "POST"])
def add_item(request: HttpRequest, row: Purpose) -> HttpResponse:
    """?signal= one of the catalogue, with its fields as ticks; without it, any other data item."""
    code = request.GET.get("signal", "")
    kind = catalogue.signals().get(code) if code else None
    if code and (kind is None or kind.never):
        raise Http404
    if request.method == "GET":
        return _page(
            request, row, ItemForm(kind=kind, is_new=True, initial=_suggested(kind)), kind=kind, began_=None
        )
    form = ItemForm(request.POST, kind=kind, is_new=True, initial=_suggested(kind))
    if not form.is_valid():
        return _page(request, row, form, kind=kind, began_=None)
    said = form.said(code)
    return keep(
        request, row, editing.of_item(said["code"], None, said),
        again=lambda clashes, stands: redirect("purposes:section", row.pk, "items"),
        wrong=_wrong(request, row, form, said["code"], kind, None), back=_back(request, row),
    )  # fmt: skip


@requires("purposes.edit", of=Purpose)
@never_cache
@require_http_methods(["GET", "POST"])
def item(request: HttpRequest, row: Purpose, item: str) -> HttpResponse:
    """Change one item, or remove it (`remove`)."""
    stands = next((one for one in plain(editing.current(row).activity)["items"] if one["code"] == item), None)
    content = began(request.POST.get("began", "")) if request.method == "POST" else None
    if stands is None and content is None:
        raise Http404
    first: dict[str, Any] = content or stands  # type: ignore[assignment]
    kind = catalogue.signals().get(item) if first["captured"] else None
    initial = first | {"fields_kept": first["fields"]}
    if content is None:
        return _page(
            request, row, ItemForm(kind=kind, is_new=False, initial=initial), kind=kind, began_=first
        )
    form = ItemForm(request.POST, kind=kind, is_new=False, initial=initial)
    removing = "remove" in request.POST
    if not removing and not form.is_valid():
        return _page(request, row, form, kind=kind, began_=content)
    said = None
    if not removing:
        wrote = form.said(item)
        said = (
            content
            | wrote
            | {name: content[name] for name in request.POST.getlist("theirs") if name in content}
        )

    def again(clashes: list[Clash], stands: dict[str, Any]) -> HttpResponse:
        theirs = next((one for one in stands["items"] if one["code"] == item), None)
        if theirs is None:
            return redirect("purposes:section", row.pk, "items")
        mine = theirs if said is None else {**theirs, **{k: v for k, v in said.items() if v != content[k]}}
        fresh = ItemForm(kind=kind, is_new=False, initial=mine | {"fields_kept": mine["fields"]})
        return _page(request, row, fresh, kind=kind, began_=theirs, clashes=clashes)

    return keep(
        request, row, editing.of_item(item, content, said), again=again, wrong=_wrong(request, row, form, item, kind, content),
        back=_back(request, row),
    )  # fmt: skip


def _back(request: HttpRequest, row: Purpose) -> str:
    if request.POST.get("then") == "another":
        return reverse("purposes:add_item", args=[row.pk])
    return reverse("purposes:section", args=[row.pk, "items"])


def _suggested(kind: SignalKind | None) -> dict[str, Any]:
    """The catalogue knows what a signal is; why it is needed and which fields are kept, somebody has to say."""
    if kind is None:
        return {}
    return {
        "name": kind.title("en"), "category": kind.category, "dpv": kind.dpv, "sensitivity": kind.sensitivity, "source": "capture_client",
    }  # fmt: skip


def _wrong(
    request: HttpRequest, row: Purpose, form: ItemForm, code: str, kind: SignalKind | None, began_: Any
) -> Any:
    def wrong(preview: Preview | None, refused: Refused | None) -> HttpResponse:
        form.is_valid()
        place = (
            next((n for n, one in enumerate(preview.activity.items) if one.code == code), -1)
            if preview
            else -1
        )
        shown = False
        for problem in preview.problems if preview else []:
            if problem.path.startswith(f"items[{place}]."):
                form.show(problem.path.split(".", 1)[1], problem.sentence)
                shown = True
        if not shown:
            text = (
                refused.sentence
                if refused
                else " ".join(p.sentence for p in preview.problems)
                if preview
                else ""
            )
            form.add_error(None, text)
        return _page(request, row, form, kind=kind, began_=began_)

    return wrong


def _page(
    request: HttpRequest,
    row: Purpose,
    form: ItemForm,
    *,
    kind: SignalKind | None,
    began_: dict[str, Any] | None,
    clashes: list[Clash] | None = None,
) -> HttpResponse:
    return render(
        request, "purposes/item.html",
        {
            "purpose": row, "form": form, "kind": kind, "is_new": form.is_new, "faults": faults(form),
            "began": begun(began_) if began_ else "", "terms": terms(), "clashes": in_item_words(clashes or []),
            "explained": kind.explanation(get_language() or "en") if kind else "",
            "title": _("Add a data item") if form.is_new and kind is None else kind.title(get_language() or "en") if kind else (began_ or {}).get("name", ""),
        },
        status=409 if clashes else 200,
    )  # fmt: skip
