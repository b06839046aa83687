"""Write an entry section by section: what would change is shown before it is saved, and nobody overwrites anybody."""

from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from governance.lib.access import may, requires
from governance.lib.refusals import Refused, reason
from governance.purposes import comparing, editing, headings, lists, rules, sections, versions
from governance.purposes.activity import plain
from governance.purposes.editing import Change, Preview
from governance.purposes.merging import Clash
from governance.purposes.models import Purpose, PurposeVersion
from governance.purposes.views import steps
from governance.purposes.views.editor import Editor, began, begun

FEW = 10  # a smaller number is not printed


@requires("purposes.edit", of=Purpose)
@never_cache
@require_safe
def draft(request: HttpRequest, row: Purpose) -> HttpResponse:
    """All sections with what the open draft changes in each, and what can be done with it."""
    version = editing.current(row)
    changes = versions.changes(version) if version.state in editing.OPEN else []
    parts = []
    for section in sections.SECTIONS:
        here = [change for change in changes if change.field in section.fields]
        material = any(change.material for change in here)
        state = (
            {"state": "material", "word": _("material change"), "colour": "warn"}
            if material
            else {"state": "changed", "word": _("changed"), "colour": "note"}
        )
        said = ", ".join(headings.heading(name) for name in section.fields if version.content[name])
        link = {
            "text": str(section.title),
            "url": reverse("purposes:section", args=[row.pk, section.code]),
            "note": said or _("nothing recorded yet"),
        }
        parts.append([link, state if here else ""] if changes else [link])
    return render(
        request, "purposes/draft.html",
        {
            "purpose": row, "version": version, "rows": parts,
            "columns": [{"label": _("Section")}, *([{"label": _("Against the version in force")}] if changes else [])],
            "open": version.state in editing.OPEN, "differences": comparing.differences(changes),
            "steps": _here(steps.of_version(request, row, version, _in_force(row))), "why_not": _why_not_edit(row, version),
        },
    )  # fmt: skip


def _here(found: steps.Next) -> steps.Next:
    """Without the step that leads to this very page."""
    return replace(found, more=tuple(step for step in found.more if step.id != "write"))


def _in_force(row: Purpose) -> str:
    return row.versions.filter(state="in_force").values_list("sha256", flat=True).first() or ""


def _why_not_edit(row: Purpose, version: PurposeVersion) -> str:
    return reason(rules.check_edit, version.state if version.state in editing.OPEN else "draft", row.state)


@requires("purposes.edit", of=Purpose)
@never_cache
@require_http_methods(["GET", "POST"])
def section(request: HttpRequest, row: Purpose, section: str) -> HttpResponse:
    """The form of one section. A GET writes nothing: a draft is begun by the first save."""
    part = sections.BY_CODE.get(section)
    if part is None:
        raise Http404
    version = editing.current(row)
    if why_not := _why_not_edit(row, version):
        messages.warning(request, why_not)
        return redirect("purposes:purpose", row.pk)
    stands = plain(version.activity)
    if part.code == "items":
        return _items(request, row, stands)
    content = began(request.POST.get("began", "")) if request.method == "POST" else None
    if content is None:
        if request.method == "POST":
            messages.warning(
                request, _("This form had become too old to be read. Here is the entry as it stands now.")
            )
        return _section_page(
            request, row, Editor(row, part, stands), {name: stands[name] for name in part.fields}
        )
    editor = Editor(row, part, content, request.POST)
    if not editor.is_valid():
        return _section_page(request, row, editor, content)
    said = editor.said()
    said |= {
        name: content[name] for name in request.POST.getlist("theirs") if name in said
    }  # untouched: theirs stays

    def again(clashes: list[Clash], stands: dict[str, Any]) -> HttpResponse:
        """Mine in the form, theirs beside it; what I did not touch is theirs already."""
        change = editing.of_fields(content, said)
        fresh = Editor(row, part, change(stands)[0])
        return _section_page(request, row, fresh, {name: stands[name] for name in part.fields}, clashes)

    def wrong(preview: Preview | None, refused: Refused | None) -> HttpResponse:
        if preview is None or not editor.show(preview.problems):
            text = (
                refused.sentence
                if refused
                else " ".join(p.sentence for p in preview.problems)
                if preview
                else ""
            )
            editor.form.add_error(None, text)
        return _section_page(request, row, editor, content)

    here = reverse("purposes:section", args=[row.pk, part.code])
    back = (
        f"{here}#add" if request.POST.get("then") == "another" else reverse("purposes:draft", args=[row.pk])
    )
    return keep(request, row, editing.of_fields(content, said), again=again, wrong=wrong, back=back)


def keep(
    request: HttpRequest, row: Purpose, change: Change, *, again: Any, wrong: Any, back: str
) -> HttpResponse:
    """Preview, ask where something in force would change, save. `again` shows clashes, `wrong` problems and refusals."""
    try:
        preview = editing.preview(row, change)
        if preview.clashes:
            return again(preview.clashes, plain(editing.current(row).activity))  # type: ignore[no-any-return]
        if preview.problems:
            return wrong(preview, None)  # type: ignore[no-any-return]
        if preview.nothing_new:
            messages.info(request, _("Nothing was changed."))
            return redirect(back)
        if preview.changes and not request.POST.get("sure"):
            versions.check(preview.activity)
            return _before_saving(request, row, preview)
        version = editing.save(row, change, by=request.user)  # type: ignore[arg-type]
    except editing.Clashing as clashing:
        return again(clashing.clashes, clashing.stands)  # type: ignore[no-any-return]
    except Refused as refused:
        return wrong(None, refused)  # type: ignore[no-any-return]
    messages.success(request, _("Kept in the draft of version %(number)s.") % {"number": version.number})
    return redirect(back)


def _before_saving(request: HttpRequest, row: Purpose, preview: Preview) -> HttpResponse:
    """Which changes are material, by which rule, and what follows; the form comes along unseen."""
    told = row.notices.filter(published_at__isnull=False).exists()
    material = [change for change in preview.changes if change.material]
    follows = []
    if material and told:
        follows.append(
            _("The new version holds once it is approved and a new version of the notice is published.")
        )
        if row.asks_consent or preview.activity.asks_consent:
            follows.append(
                _(
                    "Earlier consents then count no more: nothing is taken until a person agrees anew. %(n)s people are asked."
                )
                % {"n": people(row)}
            )
    elif material:
        follows.append(
            _(
                "No notice of this purpose is published yet, so nobody has to be told again. The new version holds once it is approved."
            )
        )
    else:
        follows.append(
            _("The new version holds once it is approved. The notice and all consents stay as they are.")
        )
    sent = [
        (name, value)
        for name, values in request.POST.lists()
        if name not in ("csrfmiddlewaretoken", "sure")
        for value in values
    ]
    return render(
        request, "purposes/before_saving.html",
        {
            "purpose": row, "differences": comparing.differences(preview.changes), "already": comparing.differences(preview.already),
            "any_material": bool(material), "follows": follows, "sent": sent,
        },
    )  # fmt: skip


def people(row: Purpose) -> str:
    """How many would be asked: a number of people, never of choices."""
    n = editing.asked_again(row)
    return str(n) if n >= FEW else str(gettext_lazy("Fewer than ten"))


def _section_page(
    request: HttpRequest,
    row: Purpose,
    editor: Editor,
    content: dict[str, Any],
    clashes: list[Clash] | None = None,
) -> HttpResponse:
    return render(
        request, "purposes/section.html",
        {
            "purpose": row, "section": editor.section, "editor": editor, "faults": editor.faults(), "began": begun(content),
            "row_title": sections.ROWS.get(editor.row_field, ""), "clashes": in_words(clashes or []),
        },
        status=409 if clashes else 200,
    )  # fmt: skip


def in_words(clashes: list[Clash]) -> list[dict[str, Any]]:
    return [
        {
            "field": clash.field, "heading": headings.heading(clash.field),
            "mine": comparing.lines(clash.field, clash.mine), "theirs": comparing.lines(clash.field, clash.theirs),
        }
        for clash in clashes
    ]  # fmt: skip


def in_item_words(clashes: list[Clash]) -> list[dict[str, Any]]:
    """Of one item: a clash names a part of it, or the whole where somebody changed what the writer removes."""
    return [
        {
            "field": clash.field,
            "heading": headings.heading("items")
            if clash.field == "items"
            else comparing.part_label("items", clash.field),
            "mine": [_("removed") if clash.mine is None else comparing.part_value(clash.field, clash.mine)],
            "theirs": [
                clash.theirs["name"]
                if clash.field == "items"
                else comparing.part_value(clash.field, clash.theirs)
            ],
        }
        for clash in clashes
    ]


def _items(request: HttpRequest, row: Purpose, stands: dict[str, Any]) -> HttpResponse:
    """The data items, each with its own form, and what of the catalogue is not declared yet."""
    there = {item["code"] for item in stands["items"]}
    rows = [
        [
            {"text": item["name"], "url": reverse("purposes:item", args=[row.pk, item["code"]]), "note": item["code"]},
            lists.category(item["category"]) if item["category"] else {"note": _("not recorded")},
            lists.label("sensitivity", item["sensitivity"]) if item["sensitivity"] else {"note": _("not recorded")},
            _("sent by a capture client") if item["captured"] else "",
            item["why"] or {"note": _("not recorded")},
        ]
        for item in stands["items"]
    ]  # fmt: skip
    columns = [
        {"label": _("Data item")},
        {"label": _("Kind of data")},
        {"label": _("Sensitivity")},
        {"label": _("Captured")},
        {"label": _("Why it is needed")},
    ]
    return render(
        request, "purposes/items.html",
        {
            "purpose": row, "section": sections.BY_CODE["items"], "columns": columns, "rows": rows, "signals": steps.signals_left(there),
            "may_assess": may(request.user, "purposes.edit", row),
        },
    )  # fmt: skip
