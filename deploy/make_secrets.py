"""Make the secrets of a deployment: ``python3 deploy/make_secrets.py``. What exists is never changed.

Needs nothing but Python. Files go to ``deploy/secrets``, a folder only its owner can enter; each is handed
to the containers that need it, as ``compose.yaml`` says.
"""

import base64
import hashlib
import secrets
import sys
from collections.abc import Callable
from pathlib import Path

FOLDER = Path(__file__).parent / "secrets"
BROKER_ROUNDS = 101
ROLES = ("room", "recorder", "reader")
"""The roles of the database that parts ask as (docs/database-roles.md)."""


def mosquitto_line(account: str, password: str, salt: bytes | None = None) -> str:
    """A line of Mosquitto's password file: PBKDF2 over SHA-512, as ``mosquitto_passwd`` writes it."""
    salt = salt or secrets.token_bytes(12)
    digest = hashlib.pbkdf2_hmac("sha512", password.encode(), salt, BROKER_ROUNDS)
    packed = [base64.b64encode(part).decode() for part in (salt, digest)]
    return f"{account}:$7${BROKER_ROUNDS}${packed[0]}${packed[1]}\n"


def make_secrets(folder: Path = FOLDER) -> list[str]:
    """Make what is missing in ``folder``; the names of the files made."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    made: list[str] = []

    def keep(name: str, make: Callable[[], str]) -> str:
        path = folder / name
        if not path.exists():
            path.write_text(make(), encoding="utf-8")
            path.chmod(0o444)  # containers read it under accounts of their own; the folder is closed
            made.append(name)
        return path.read_text(encoding="utf-8")

    database = keep("postgres_password", secrets.token_urlsafe)
    keep("VIGIE_DATABASE_URL", lambda: f"postgresql://vigie:{database}@db:5432/vigie")
    for part in ROLES:
        # `migrate` gives the role its password; the parts that ask as it get the address.
        password = keep(f"VIGIE_{part.upper()}_PASSWORD", lambda: secrets.token_urlsafe(32))
        keep(
            f"{part}_database_url",
            lambda part=part, password=password: f"postgresql://vigie_{part}:{password}@db:5432/vigie",  # type: ignore[misc]
        )
    keep("VIGIE_SECRET", lambda: secrets.token_urlsafe(48))
    keep("VIGIE_INTAKE_KEY", lambda: secrets.token_urlsafe(32))
    ours = keep("broker_password", secrets.token_urlsafe)
    gateway = keep("gateway_password", secrets.token_urlsafe)
    keep("VIGIE_MQTT_URL", lambda: f"mqtt://vigie:{ours}@broker:1883")
    keep("mosquitto_passwords", lambda: mosquitto_line("vigie", ours) + mosquitto_line("gateway", gateway))
    # Alarms are told to nobody outside before somebody writes addresses here (docs/alarms-outward.md).
    keep("channels", str)
    return made


if __name__ == "__main__":
    fresh = make_secrets()
    sys.stdout.write(f"{FOLDER}: {', '.join(fresh) + ' made' if fresh else 'everything was there'}\n")
