"""The container files: parsed and checked, since images cannot be built where the tests run."""

import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml

from deploy.health import well
from deploy.make_secrets import ROLES, make_secrets, mosquitto_line
from geodata.database_roles import ROLE_OF
from services.launch.preparing import PASSWORD_OF
from services.launch.privileges import server_account, spawn
from services.launch.servers import free_port, program
from services.settings import Settings, read_settings
from tests.ports import wait_for_port

ROOT = Path(__file__).resolve().parents[2]
DEPLOY = ROOT / "deploy"

PUBLISHED = {
    "room": ["127.0.0.1:8050:8080"],
    "ingest": ["127.0.0.1:8070:8070"],
    "visitors": ["127.0.0.1:8060:8080"],
}
"""Everything that is reachable from outside the networks; all on the host's loopback."""


def composition(name: str = "compose.yaml") -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((DEPLOY / name).read_text(encoding="utf-8"))
    return found


SERVICES: dict[str, dict[str, Any]] = composition()["services"]


def secrets_of(name: str) -> dict[str, str]:
    """The secrets of a service: the name it reads each under, and the declared secret that is."""
    told = [
        (one, one) if isinstance(one, str) else (one["target"], one["source"])
        for one in SERVICES[name].get("secrets", [])
    ]
    return dict(told)


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_closed_in(name: str) -> None:
    service = SERVICES[name]
    assert service["read_only"] is True
    assert service["cap_drop"] == ["ALL"]
    assert service["security_opt"] == ["no-new-privileges:true"]
    assert "mem_limit" in service
    assert "privileged" not in service
    assert not [v for v in service.get("volumes", []) if "docker.sock" in v]


@pytest.mark.parametrize("name", SERVICES)
def test_every_service_is_watched_and_started_again(name: str) -> None:
    service = SERVICES[name]
    once = name == "migrate"
    assert service["restart"] == ("no" if once else "unless-stopped")
    assert service["healthcheck"].get("disable", False) is once
    if not once:
        assert service["healthcheck"]["test"][0] == "CMD"


@pytest.mark.parametrize("name", SERVICES)
def test_every_image_is_pinned(name: str) -> None:
    image = SERVICES[name]["image"]
    assert re.search(r":(\$\{VIGIE_RELEASE:-)?\d+[\d.]*", image), image
    assert "latest" not in image


def test_only_the_named_ports_are_published_and_only_on_this_machine() -> None:
    assert {name: s["ports"] for name, s in SERVICES.items() if "ports" in s} == PUBLISHED


def test_the_public_door_reaches_nothing_but_its_proxy() -> None:
    public = SERVICES["public"]
    assert public["networks"] == ["shown"]
    assert "secrets" not in public
    assert public["volumes"] == ["artefacts:/var/lib/vigie/artefacts:ro"]
    assert not {"VIGIE_DATABASE_URL", "VIGIE_REDIS_URL", "VIGIE_SECRETS"} & set(public["environment"])
    on_shown = [name for name, s in SERVICES.items() if "shown" in s.get("networks", [])]
    assert sorted(on_shown) == ["public", "visitors"]
    networks = composition()["networks"]
    assert networks["backend"] == networks["shown"] == {"internal": True}


def test_each_part_asks_the_database_as_its_own_role() -> None:
    told = {name: secrets_of(name).get("VIGIE_DATABASE_URL") for name in SERVICES}
    asking = {name: source for name, source in told.items() if source}
    owners = {name for name, source in asking.items() if source == "VIGIE_DATABASE_URL"}
    assert owners == {"migrate"}, "only the migration knows the owner"
    roles = {name: f"vigie_{str(source).removesuffix('_database_url')}" for name, source in asking.items()}
    assert {name: role for name, role in roles.items() if name not in owners} == {
        name: role for name, role in ROLE_OF.items() if role
    }
    # Nobody but the migration knows the password of a role, and each knows no other's address.
    for name in set(SERVICES) - {"migrate"}:
        assert not [one for one in secrets_of(name) if one.endswith("_PASSWORD")], name
        assert len([one for one in secrets_of(name).values() if one.endswith("_database_url")]) <= 1
    assert set(secrets_of("migrate")) == {
        "VIGIE_DATABASE_URL",
        "VIGIE_SECRET",
        *(f"VIGIE_{setting.upper()}" for setting in PASSWORD_OF.values()),
    }


def test_the_secret_of_sessions_is_the_control_rooms_and_the_commands_of_people() -> None:
    assert [name for name in SERVICES if "VIGIE_SECRET" in secrets_of(name)] == ["migrate", "web"]


def test_the_control_room_is_reached_through_loopback_alone() -> None:
    assert SERVICES["web"]["network_mode"] == "service:room"
    assert "VIGIE_HOST" not in SERVICES["web"]["environment"]
    assert "ports" not in SERVICES["web"]


def test_redis_never_evicts_and_writes_every_second() -> None:
    command = SERVICES["redis"]["command"]
    options = dict(zip(command[1::2], command[2::2], strict=True))
    assert options["--maxmemory-policy"] == "noeviction"
    assert (options["--appendonly"], options["--appendfsync"]) == ("yes", "everysec")


def test_every_setting_of_the_composition_exists() -> None:
    known = {f"VIGIE_{name.upper()}" for name in Settings.model_fields}
    used = {name for service in SERVICES.values() for name in service.get("environment", {})}
    used |= {target for name in SERVICES for target in secrets_of(name)}
    assert {name for name in used if name.startswith("VIGIE_")} <= known


def test_no_secret_is_in_the_environment() -> None:
    for service in SERVICES.values():
        for name, value in service.get("environment", {}).items():
            assert not re.search("PASSWORD$|KEY$|DATABASE_URL$|MQTT_URL$", name), name
            assert not re.search(r"://[^/]*:[^/]*@", str(value)), name


def test_every_secret_is_declared_and_made(tmp_path: Path) -> None:
    declared = {name: entry["file"] for name, entry in composition()["secrets"].items()}
    used = {source for name in SERVICES for source in secrets_of(name).values()}
    assert used == set(declared)
    made = make_secrets(tmp_path / "secrets")
    assert {Path(file).name for file in declared.values()} <= set(made)
    ignored = (ROOT / ".gitignore").read_text() + (ROOT / ".dockerignore").read_text()
    assert ignored.count("deploy/secrets") == 2


def test_every_variable_of_the_composition_is_in_the_example() -> None:
    text = (DEPLOY / "compose.yaml").read_text(encoding="utf-8")
    example = (DEPLOY / "env.example").read_text(encoding="utf-8")
    assert set(re.findall(r"\$\{(\w+)", text)) == set(re.findall(r"^(\w+)=", example, re.M))


def test_the_overlay_only_opens_the_encrypted_ports() -> None:
    services = composition("compose.tls.yaml")["services"]
    assert set(services) == {"visitors"}
    assert services["visitors"]["ports"] == ["80:8080", "443:8443", "8444:8444"]


def test_every_command_of_the_composition_is_one_of_ours() -> None:
    text = (ROOT / "app.py").read_text(encoding="utf-8")
    ours = [s["command"][0] for s in SERVICES.values() if s["image"].startswith("vigie:")]
    assert len(ours) >= 7
    assert [name for name in ours if not re.search(rf"^def {name}\(", text, re.M)] == []


# Secrets ------------------------------------------------------------------------------------------


def test_secrets_are_strong_closed_and_never_made_twice(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    first = make_secrets(folder)
    before = {path.name: path.read_text() for path in folder.iterdir()}
    assert make_secrets(folder) == []
    assert {path.name: path.read_text() for path in folder.iterdir()} == before
    assert len(first) == len(before) == 15
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert len(before["VIGIE_INTAKE_KEY"]) >= 32
    assert len(before["VIGIE_SECRET"]) >= 32
    assert before["postgres_password"] in before["VIGIE_DATABASE_URL"]
    for part in ROLES:
        password = before[f"VIGIE_{part.upper()}_PASSWORD"]
        assert before[f"{part}_database_url"] == f"postgresql://vigie_{part}:{password}@db:5432/vigie"
    assert len({before[f"VIGIE_{part.upper()}_PASSWORD"] for part in ROLES}) == len(ROLES)


def test_an_older_folder_of_secrets_gets_what_is_new(tmp_path: Path) -> None:
    folder = tmp_path / "secrets"
    make_secrets(folder)
    new = [path for path in folder.iterdir() if "room" in path.name.lower()]
    before = (folder / "VIGIE_RECORDER_PASSWORD").read_text()
    for path in new:
        path.unlink()
    assert sorted(make_secrets(folder)) == ["VIGIE_ROOM_PASSWORD", "room_database_url"]
    assert (folder / "VIGIE_RECORDER_PASSWORD").read_text() == before


def test_vigie_reads_the_secrets_as_they_are_made(tmp_path: Path) -> None:
    make_secrets(tmp_path / "secrets")
    settings = read_settings(secrets=tmp_path / "secrets")
    assert settings.intake_key is not None
    assert settings.database_url is not None
    assert settings.database_url.startswith("postgresql://vigie:")
    assert settings.mqtt_url is not None
    assert all(getattr(settings, name) is not None for name in PASSWORD_OF.values())


@pytest.mark.servers
def test_the_broker_takes_our_passwords_and_no_others(server_folder: Path) -> None:
    """With the installed Mosquitto and the configuration that is deployed, on another port."""
    import paho.mqtt.client as mqtt

    passwords = server_folder / "passwords"
    passwords.write_text(mosquitto_line("vigie", "right") + mosquitto_line("gateway", "also"))
    port = free_port()

    def answer(account: str, password: str) -> bool:
        client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2)
        client.username_pw_set(account, password)
        told: list[bool] = []
        client.on_connect = lambda *args: told.append(not args[3].is_failure)
        client.connect("127.0.0.1", port)
        while not told:
            client.loop(timeout=1)
        client.disconnect()
        return told[0]

    with broker(server_folder, passwords, port):
        assert answer("vigie", "right")
        assert answer("gateway", "also")
        assert not answer("vigie", "wrong")
        assert not answer("nobody", "right")


@contextmanager
def broker(folder: Path, passwords: Path, port: int) -> Iterator[None]:
    text = (DEPLOY / "mosquitto.conf").read_text(encoding="utf-8")
    for before, after in {
        "listener 1883": f"listener {port} 127.0.0.1",
        "/run/secrets/mosquitto_passwords": str(passwords),
        "/mosquitto/config/acl": str(shutil.copy(DEPLOY / "mosquitto.acl", folder / "acl")),
        "/mosquitto/data/": f"{folder}/",
    }.items():
        assert before in text
        text = text.replace(before, after)
    config = folder / "mosquitto.conf"
    config.write_text(text)
    account = server_account()
    if account:
        os.chown(folder, account.pw_uid, account.pw_gid)
    process = spawn([program("mosquitto"), "-c", config], account=account, log=folder / "log", cwd="/")
    try:
        wait_for_port(port)
        yield
    finally:
        process.terminate()
        process.wait(10)


# The image ----------------------------------------------------------------------------------------


def dockerfile() -> list[tuple[str, str]]:
    """Instruction and argument, continuation lines joined, comments left out."""
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8").replace("\\\n", " ")
    lines = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    return [(line.split(None, 1)[0], line.split(None, 1)[1]) for line in lines]


def test_the_image_is_built_in_stages_from_pinned_images() -> None:
    bases = [argument for name, argument in dockerfile() if name == "FROM"]
    assert len(bases) == 3
    assert all(re.fullmatch(r"[a-z]+:\d[\w.-]+ AS [a-z]+", base) for base in bases)


def test_the_image_runs_as_nobody_in_particular_and_is_watched() -> None:
    last = dockerfile()[max(i for i, (name, _) in enumerate(dockerfile()) if name == "FROM") :]
    told = dict(last)
    assert re.fullmatch(r"[1-9]\d+:[1-9]\d+", told["USER"])
    assert "HEALTHCHECK" in told
    assert json.loads(told["ENTRYPOINT"]) == ["python", "app.py"]
    names = [name for name, _ in last]
    assert names.index("USER") < names.index("ENTRYPOINT")
    installs = [argument for name, argument in last if name == "RUN" and "apt-get" in argument]
    assert len(installs) == 1, "the libraries of the reports' PDF, and nothing else"
    assert "--no-install-recommends" in installs[0]
    assert "rm -rf /var/lib/apt/lists" in installs[0]


def test_no_secret_and_no_leftover_enters_the_image() -> None:
    text = (ROOT / "Dockerfile").read_text(encoding="utf-8")
    assert not re.search(r"^(ARG|ENV).*(PASSWORD|KEY|TOKEN|SECRET)", text, re.M | re.I)
    ignored = (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines()
    assert {"var", "node_modules", "deploy/secrets", "deploy/.env", "deploy/tls", ".*"} <= set(ignored)


def test_a_part_that_does_not_answer_is_not_well() -> None:
    assert not well(f"http://127.0.0.1:{free_port()}/healthz")


# The proxies' syntax is checked, and their behaviour watched, in tests/integration/test_proxies.py.


def test_the_proxies_name_only_files_that_are_deployed() -> None:
    for name in ("compose.yaml", "compose.tls.yaml"):
        for service in composition(name)["services"].values():
            for part in service.get("command", []):
                if part.startswith("/etc/nginx/vigie/"):
                    assert (DEPLOY / "nginx" / Path(part).name).exists()


def test_shell_is_not_needed_to_ask_for_health() -> None:
    done = subprocess.run(
        ["python3", DEPLOY / "health.py", "http://127.0.0.1:9/"], check=False, capture_output=True
    )
    assert (done.returncode, done.stderr) == (1, b"")
