"""Every setting, read once from the environment (prefix ``VIGIE_``) or from files of secrets.

What a city is (bounds, zone, thresholds) is not here but in its profile, ``geodata/cities``.
"""

import re
from ipaddress import ip_address
from pathlib import Path
from urllib.parse import urlsplit

from pydantic import Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from model.errors import BadSettings

ROOT = Path(__file__).resolve().parent.parent


def is_loopback(host: str) -> bool:
    """Whether ``host`` (a name or an address, brackets allowed) can only be this machine."""
    bare = host.strip("[]")
    if bare == "localhost":
        return True
    try:
        return ip_address(bare).is_loopback
    except ValueError:
        return False


class Settings(BaseSettings):
    """The settings of one Vigie; each is documented in ``docs/settings.md`` (a test holds that)."""

    model_config = SettingsConfigDict(env_prefix="VIGIE_", extra="ignore", frozen=True)

    city: str = Field("demo", description="Name of the city profile, a folder of geodata/cities or a path")
    var: Path = Field(ROOT / "var", description="Where this installation keeps what it makes")
    secrets: Path | None = Field(None, description="A folder of secret files, each named as its setting")

    artefacts: str | None = Field(
        None, description="Where published files are: a folder, or s3://bucket/prefix; artefacts under var/"
    )
    s3_endpoint: str | None = Field(
        None, pattern=r"^https?://[a-z0-9.-]+(:\d+)?/?$", description="Where the object store is, if not AWS"
    )
    s3_region: str | None = Field(None, description="Region of the bucket, where its store has any")
    s3_key: str | None = Field(None, description="Access key of the object store")
    s3_secret: SecretStr | None = Field(None, description="Its secret")

    use: Path | None = Field(
        None, description="Where uses of what is public are noted; unset: use under var/"
    )
    count_use: bool = Field(
        False, description="The public process notes uses itself, where no proxy does; `serve` turns it on"
    )

    archive: Path | None = Field(None, description="Where closed days are kept; unset: archive under var/")
    archive_after_days: int = Field(90, ge=2, le=36_500, description="Days that stay in the database")

    database_url: str | None = Field(None, description="PostGIS; unset: a private server under var/")
    room_password: SecretStr | None = Field(
        None, min_length=16, description="Password `migrate` gives the role vigie_room"
    )
    recorder_password: SecretStr | None = Field(
        None, min_length=16, description="Password `migrate` gives the role vigie_recorder"
    )
    reader_password: SecretStr | None = Field(
        None, min_length=16, description="Password `migrate` gives the role vigie_reader"
    )
    redis_url: str | None = Field(None, description="Redis; unset: a private server under var/")
    mqtt_url: str | None = Field(None, description="Broker; unset: a private Mosquitto where installed")

    secret: SecretStr | None = Field(None, description="What sessions' and codes' keys are made of; 32 bytes")
    url: str | None = Field(
        None, pattern=r"^https?://[a-z0-9.-]+(:\d+)?$", description="Where operators reach the control room"
    )
    demo_sign_in: bool = Field(
        False, description="Each role in one click, in an invented city on loopback; `serve` turns it on"
    )

    host: str = Field("127.0.0.1", description="Address the control room binds to; loopback only")
    port: int = Field(8050, ge=1, le=65535, description="Port of the control room")
    public_host: str = Field("127.0.0.1", description="Address the public door binds to")
    public_port: int = Field(8060, ge=1, le=65535, description="Port of the public door")
    public_url: str | None = Field(
        None, pattern=r"^https?://[a-z0-9.-]+(:\d+)?(/[a-z0-9/-]*)?$", description="Where visitors reach it"
    )
    voice_url: str | None = Field(
        None,
        pattern=r"^(https?://[a-z0-9.-]+(:\d+)?)?/[a-z0-9/-]+$",
        description="Where visitors' letters go: an address, or a path of the public site's own origin",
    )
    intake_host: str = Field("127.0.0.1", description="Address the devices' door binds to")
    intake_port: int = Field(8070, ge=1, le=65535, description="Port of the devices' door")
    ingest_domains: str = Field("", description="Domains this ingest process writes, space separated; all")
    intake_key: SecretStr | None = Field(None, description="Key feeds send as `Authorization: Bearer`")

    simulator_port: int = Field(
        8080, ge=1, le=65535, description="Port of the demo's simulated providers, loopback only"
    )

    oidc_issuer: str | None = Field(None, description="Issuer of the city's OpenID Connect provider, exactly")
    oidc_client_id: str = Field("", description="What this Vigie is called at the provider")
    oidc_client_secret: SecretStr | None = Field(None, description="Its secret there; unset: by PKCE alone")
    oidc_scopes: str = Field("profile email", description="What is asked for beside `openid`")
    oidc_link_by_email: bool = Field(
        False, description="A first sign-in links to the person of the same verified e-mail address"
    )
    oidc_roles: str = Field("", description="Groups at the provider that stand for roles here; none")
    identity_port: int = Field(
        8090, ge=1, le=65535, description="Port of the demo's own identity provider, loopback only"
    )

    channels: SecretStr | None = Field(
        None, description="Where alarms may be told outside: `name=address`, space separated (docs)"
    )

    reports_at: str = Field(
        "06:30", pattern=r"^([01]\d|2[0-3]):[0-5]\d$", description="Local time from which reports are made"
    )

    language: str = Field("fr", pattern="^(fr|en)$", description="Language of a first visit")
    tiles_url: str | None = Field(None, description="Own raster tiles or PMTiles file under the streets")
    embed_origins: str = Field("", description="Origins that may frame the public panels, space separated")
    api_memory_mb: int = Field(
        512, ge=16, le=65_536, description="Memory the collections of the open-data API may take"
    )
    simulate: bool = Field(True, description="In `serve`, run the demo city's simulated senders")
    log_level: str = Field(
        "INFO", pattern="(?i)^(debug|info|warning|error|critical)$", description="Level of the logs"
    )
    log_format: str = Field("text", pattern="^(text|json)$", description="Logs as text, or JSON a line")

    @property
    def public_address(self) -> str:
        """Where visitors reach the public door, without a slash at the end."""
        if self.public_url:
            return self.public_url.rstrip("/")
        everywhere = ("127.0.0.1", "0.0.0.0", "::")  # noqa: S104 - compared, not bound
        host = "localhost" if self.public_host in everywhere else self.public_host
        return f"http://{host}:{self.public_port}"

    @property
    def artefacts_folder(self) -> Path:
        """The folder of what is published; of artefacts in a bucket, that of their copies."""
        if self.artefacts_bucket:
            return self.var / "artefacts-kept"
        return Path(self.artefacts) if self.artefacts else self.var / "artefacts"

    @property
    def artefacts_bucket(self) -> str | None:
        """Bucket and prefix of what is published; None where it is in a folder."""
        place = self.artefacts or ""
        return place.removeprefix("s3://").rstrip("/") if place.startswith("s3://") else None

    @property
    def use_folder(self) -> Path:
        """The folder in which it is noted how often what is public was asked for."""
        return self.use or self.var / "use"

    @property
    def archive_folder(self) -> Path:
        """The folder of closed days."""
        return self.archive or self.var / "archive"

    @property
    def url_host(self) -> str | None:
        """The host operators ask for from elsewhere; None while only this machine may."""
        host = urlsplit(self.url).hostname if self.url else None
        return None if host is None or is_loopback(host) else host

    @property
    def secure(self) -> bool:
        """Whether browsers reach the control room over https."""
        return bool(self.url and self.url.startswith("https://"))

    @field_validator("artefacts", mode="before")
    @classmethod
    def _place(cls, place: object) -> str | None:
        """A folder, or a bucket with or without a prefix; a scheme we do not speak is no folder's name."""
        text = str(place) if place else None
        if text and "://" in text and not re.fullmatch(r"s3://[a-z0-9][a-z0-9.-]+(/[\w.-]+)*/?", text):
            raise ValueError("a folder, or s3://bucket/prefix")
        return text

    @field_validator("host")
    @classmethod
    def _loopback_only(cls, host: str) -> str:
        """TLS ends at a proxy beside the control room, so nobody else needs to reach it."""
        if not is_loopback(host):
            raise ValueError(
                f"the control room binds to loopback only, not {host}; "
                "put a proxy in the same network namespace in front of it"
            )
        return host

    @field_validator("oidc_issuer")
    @classmethod
    def _safe_issuer(cls, issuer: str | None) -> str | None:
        """Who somebody is must not be told over an open line."""
        parts = urlsplit(issuer or "https://unset")
        if not parts.hostname or parts.query or parts.fragment:
            raise ValueError("the issuer is an address without query, as the provider's own page says it")
        if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(parts.hostname)):
            raise ValueError("the provider is asked by https alone, but for one on this machine")
        return issuer

    @field_validator("url", "voice_url", "s3_endpoint", "s3_region", "s3_key", mode="before")
    @classmethod
    def _empty_is_unset(cls, url: object) -> object:
        """A compose file hands an unset variable on as an empty one."""
        return url or None

    @field_validator("url")
    @classmethod
    def _https_elsewhere(cls, url: str | None) -> str | None:
        """A session's cookie must not cross a network in the clear."""
        if url and url.startswith("http://") and not is_loopback(urlsplit(url).hostname or ""):
            raise ValueError("operators elsewhere reach the control room by https alone")
        return url

    @model_validator(mode="after")
    def _demo_stays_here(self) -> "Settings":
        """One click signs in as anybody: never where another machine may click."""
        if self.demo_sign_in and self.url_host:
            raise ValueError("VIGIE_DEMO_SIGN_IN is for this machine alone: unset it, or VIGIE_URL")
        return self


def read_settings(**overrides: object) -> Settings:
    """The settings of the environment, ``overrides`` first.

    Raises BadSettings naming each variable that is wrong and why; the value itself is never shown.
    """
    try:
        first = Settings(**overrides)  # type: ignore[arg-type]
        return Settings(_secrets_dir=first.secrets, **overrides) if first.secrets else first  # type: ignore[arg-type,call-arg]
    except ValidationError as error:
        faults = "; ".join(_fault(e["loc"], e["msg"]) for e in error.errors())
        raise BadSettings(faults) from None


def _fault(place: tuple[int | str, ...], message: str) -> str:
    return f"VIGIE_{str(place[0]).upper()}: {message}" if place else message
