"""The demo's identity provider as a process: ``python -m services.launch.demo_provider PORT``.

oidc-provider-mock, on the loopback alone, with the demo's accounts. Its page of sign-in is ours: in both
languages, and asking nothing of anybody else. It has no password; whoever opens it may be anybody.
"""

import os
import sys
from pathlib import Path
from typing import Any

import uvicorn
from jinja2 import ChoiceLoader, DictLoader
from oidc_provider_mock import User, app

from model.texts import LANGUAGES, words
from model.tokens import colours
from services.launch.demo_identity import PEOPLE, claims_of, login_of

PAGE = Path(__file__).with_suffix(".html")
BASE = """<!doctype html><html lang="en"><title>Demo</title>
<style>main { max-width: 40rem; margin: 10vh auto; padding: 0 24px; font: 16px/24px sans-serif; }</style>
<main>{% block content %}{{ content }}{% endblock %}</main></html>"""
"""Around the provider's other pages (signing out); its own loads a style from another site."""


def demo_provider() -> Any:
    """The provider as a WSGI application."""
    users = [User(sub=login_of(name), claims=claims_of(role, name)) for role, name in PEOPLE.items()]
    provider: Any = app(user_claims=users, issue_refresh_token=False)
    # Without its debugger, which shows a trace to whoever provokes an error.
    provider.debug, provider.wsgi_app = False, provider.wsgi_app.app
    own = DictLoader({"authorization_form.html": PAGE.read_text(encoding="utf-8"), "_base.html": BASE})
    provider.jinja_loader = ChoiceLoader([own, provider.jinja_loader])
    people = {login_of(name): {"name": name, "role": role.value} for role, name in PEOPLE.items()}
    shades = {theme: ";".join(f"--{k}:{v}" for k, v in colours(theme).items()) for theme in ("light", "dark")}

    def known() -> dict[str, Any]:
        asked = str(provider.jinja_env.globals["request"].args.get("ui_locales", ""))[:2]
        return {"say": words(asked if asked in LANGUAGES else LANGUAGES[0]), "people": people, **shades}

    provider.context_processor(known)
    return provider


def main(port: int) -> None:
    """Serve it until asked to stop."""
    os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"
    uvicorn.run(demo_provider(), interface="wsgi", host="127.0.0.1", port=port, log_level="warning")


if __name__ == "__main__":
    main(int(sys.argv[1]))
