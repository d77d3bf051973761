"""Settings, read once at the edges from the environment (`GRIDSVC_…`) and passed in.

The field list below is the documentation of every setting.
"""

from pathlib import Path

from pydantic import Field, SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    model_config = SettingsConfigDict(env_prefix="GRIDSVC_", frozen=True)

    data_folder: Path = Field(Path(".gridsvc"), description="the embedded cluster, uploads and logs live here")
    database_url: SecretStr | None = Field(None, description="database of the service; unset: the embedded cluster")
    admin_url: SecretStr | None = Field(
        None, description="the same database as its owner, for init and migrations; unset: as database_url"
    )
    host: str = Field("127.0.0.1", description="address that the service binds; loopback until accounts exist")
    port: int = Field(8000, ge=1, le=65535, description="port that the service binds")

    @property
    def uploads(self) -> Path:
        """Content-addressed files: imports and photos."""
        return self.data_folder / "uploads"
