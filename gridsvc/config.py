"""Settings, read once at the edges from the environment (`GRIDSVC_…`) and passed in.

The field list below is the documentation of every setting.
"""

from pathlib import Path
from typing import Self

from pydantic import Field, SecretStr, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from gridsvc.ingest.sources.model import Limits


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="GRIDSVC_", frozen=True)

    data_folder: Path = Field(Path(".gridsvc"), description="the embedded cluster, uploads, photos and logs live here")
    database_url: SecretStr | None = Field(
        None, description="database as the service's role, who owns nothing in it; unset: the embedded cluster"
    )
    admin_url: SecretStr | None = Field(
        None, description="the same database as its owner, for init and migrations; needed with database_url"
    )
    account: str = Field("admin", description="account that the command line acts as, unless --as says another")

    host: str = Field("127.0.0.1", description="address that the service binds")
    port: int = Field(8000, ge=1, le=65535, description="port that the service binds")
    tls_certificate: Path | None = Field(None, description="PEM file of the certificate chain: the service speaks TLS")
    tls_key: Path | None = Field(None, description="PEM file of its private key")
    trusted_proxies: str = Field(
        "", description="addresses or networks, by commas, whose X-Forwarded-For and -Proto count; none by default"
    )
    public_url: str = Field("", description="how browsers reach the service, such as https://grid.example; for OpenID")

    session_hours: int = Field(12, ge=1, le=24 * 30, description="a web session ends after so many hours")
    session_idle_minutes: int = Field(60, ge=1, le=60 * 24, description="or when nothing was asked for so long")
    sign_ins_per_address: int = Field(30, ge=1, description="failed attempts to sign in per address in 15 minutes")
    anonymous_requests_per_minute: int = Field(1_200, ge=1, description="of one address without an account")
    anonymous_reports_per_hour: int = Field(60, ge=1, description="of one address without an account")
    anonymous_reports_per_device: int = Field(20, ge=1, description="of one device (X-Device-Id) in an hour")

    upload_megabytes: int = Field(500, ge=1, le=100_000, description="of one upload for an import")
    import_unpacked_megabytes: int = Field(4_096, ge=1, description="that an archive may unpack to")
    import_memory_megabytes: int = Field(4_096, ge=512, description="of the process that reads a file")
    import_seconds: int = Field(600, ge=10, description="that reading one file may take")

    oidc_issuer: str = Field("", description="the city's own OpenID Connect provider; unset: accounts of ours only")
    oidc_client_id: str = Field("", description="as which the service is known there")
    oidc_client_secret: SecretStr = Field(SecretStr(""), description="and its secret")
    oidc_name_claim: str = Field("preferred_username", description="claim that is the name of an account of ours")
    oidc_title: str = Field("统一身份认证 / Single sign-on", description="what the button on the sign-in page says")

    @property
    def uploads(self) -> Path:
        """Content-addressed files of imports."""
        return self.data_folder / "uploads"

    @property
    def staging(self) -> Path:
        """Staged rows of imports, which can be made anew."""
        return self.data_folder / "staging"

    @property
    def import_limits(self) -> Limits:
        """What a file may cost that somebody sends."""
        return Limits(
            bytes_unpacked=self.import_unpacked_megabytes << 20,
            memory_mb=self.import_memory_megabytes,
            seconds=self.import_seconds,
        )

    @property
    def photos(self) -> Path:
        """Content-addressed pictures of reports."""
        return self.data_folder / "photos"

    @model_validator(mode="after")
    def _pairs(self) -> Self:
        if (self.tls_certificate is None) != (self.tls_key is None):
            raise ValueError("tls_certificate and tls_key are given together")
        if self.oidc_issuer and not (self.oidc_client_id and self.public_url):
            raise ValueError("oidc_issuer needs oidc_client_id and public_url")
        return self
