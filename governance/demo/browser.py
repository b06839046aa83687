"""A person at a browser without JavaScript, in the standard library: signs in, reads pages, submits forms as they stand."""

import http.client
import time
from dataclasses import dataclass, field
from html.parser import HTMLParser
from http.cookies import SimpleCookie
from typing import Any
from urllib.parse import urlencode, urljoin, urlsplit


@dataclass
class Form:
    action: str
    method: str
    fields: list[tuple[str, str]] = field(default_factory=list)  # as a browser would send them untouched
    offered: dict[str, list[str]] = field(
        default_factory=dict
    )  # name → values of boxes, radios, options and buttons


class _Forms(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.by_id: dict[str, Form] = {}
        self.text: list[str] = []
        self._open: Form | None = None
        self._select: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        at = {name: value or "" for name, value in attrs}
        if tag == "form":
            # Fields may name the form by its id before it comes.
            self._open = self.by_id.setdefault(at["id"], Form("", "")) if "id" in at else Form("", "")
            self._open.action, self._open.method = at.get("action", ""), at.get("method", "get").lower()
            self.forms.append(self._open)
        form = self.by_id.setdefault(at["form"], Form("", "")) if at.get("form") else self._open
        name = at.get("name", "")
        if form is None or (not name and tag != "option"):
            return
        if tag == "input":
            kind = at.get("type", "text")
            if kind in ("checkbox", "radio"):
                form.offered.setdefault(name, []).append(at.get("value", "on"))
                if "checked" in at:
                    form.fields.append((name, at.get("value", "on")))
            elif kind not in ("submit", "button", "file"):
                form.fields.append((name, at.get("value", "")))
        elif tag == "button":
            form.offered.setdefault(name, []).append(at.get("value", ""))
        elif tag == "textarea":
            form.fields.append((name, ""))
        elif tag == "select":
            self._select = name
        elif tag == "option" and self._select:
            form.offered.setdefault(self._select, []).append(at.get("value", ""))
            if "selected" in at:
                form.fields.append((self._select, at.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "select":
            self._select = None

    def handle_data(self, data: str) -> None:
        self.text.append(data)


@dataclass
class Page:
    status: int
    url: str
    headers: dict[str, str]
    body: bytes = field(repr=False)

    def __post_init__(self) -> None:
        parsed = _Forms()
        if "html" in self.headers.get("content-type", ""):
            parsed.feed(self.body.decode("utf-8", "replace"))
        self.forms = parsed.forms
        self.text = " ".join(" ".join(parsed.text).split())

    def form(self, part_of_action: str) -> Form:
        for found in self.forms:
            if part_of_action in urljoin(self.url, found.action):
                return found
        raise LookupError(f"There is no form for {part_of_action!r} on {urlsplit(self.url).path}.")


class Browser:
    """One person's session at one portal."""

    def __init__(self, base_url: str) -> None:
        self.base = base_url.rstrip("/")
        self.cookies: dict[str, str] = {}

    def get(self, path: str) -> Page:
        return self._ask("GET", path)

    def submit(self, page: Page, form: Form, **changed: Any) -> Page:
        """Send this form with some fields set; a list sets a field several times."""
        fields = [(name, value) for name, value in form.fields if name not in changed]
        for name, value in changed.items():
            fields += (
                [(name, str(v)) for v in value] if isinstance(value, (list, tuple)) else [(name, str(value))]
            )
        return self._ask("POST", urljoin(page.url, form.action or page.url), urlencode(fields).encode())

    def sign_in(self, email: str, password: str) -> Page:
        page = self.get("/account/login/")
        after = self.submit(page, page.form("login"), login=email, password=password)
        if "/account/login" in after.url:
            raise PermissionError("The portal did not let this person in.")
        return after

    def _ask(self, method: str, path: str, body: bytes | None = None, *, hops: int = 5) -> Page:
        url = urljoin(self.base + "/", path)
        parts = urlsplit(url)
        connection = http.client.HTTPConnection(parts.hostname or "", parts.port, timeout=60)
        headers = {
            "Cookie": "; ".join(f"{k}={v}" for k, v in self.cookies.items()),
            "Referer": self.base + "/",
        }
        if body is not None:
            headers |= {"Content-Type": "application/x-www-form-urlencoded", "Origin": self.base}
        try:
            connection.request(method, parts.path + (f"?{parts.query}" if parts.query else ""), body, headers)
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        for line in answer.headers.get_all("Set-Cookie") or []:
            for name, morsel in SimpleCookie(line).items():
                if morsel["max-age"] == "0" or not morsel.value:
                    self.cookies.pop(name, None)
                else:
                    self.cookies[name] = morsel.value
        if answer.status in (301, 302, 303, 307) and hops:
            return self._ask("GET", urljoin(url, answer.headers["Location"]), hops=hops - 1)
        return Page(answer.status, url, {k.lower(): v for k, v in answer.headers.items()}, content)


def until(true: Any, *, seconds: float = 60, every: float = 0.1, what: str = "") -> Any:
    """Ask again and again; the first true answer, or TimeoutError with `what`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        answer = true()
        if answer:
            return answer
        time.sleep(every)
    raise TimeoutError(f"Waited {seconds:.0f} s for: {what}")
