"""The cluster of one data folder, as the rest of the product sees it."""

import shutil
import time
from dataclasses import replace
from pathlib import Path

from gridsvc.errors import SetupError
from gridsvc.localdb import record as records
from gridsvc.localdb.account import make_system_folder, new_account, owner_of, server_folder_for, socket_folder_for
from gridsvc.localdb.binaries import find_installation
from gridsvc.localdb.facts import Addresses, ClusterStatus
from gridsvc.localdb.lock import locked
from gridsvc.localdb.ports import free_port, is_free
from gridsvc.localdb.processes import end_leftovers, is_ready, postmaster
from gridsvc.localdb.record import Record
from gridsvc.localdb.roles import ADMIN, DATABASE, SERVICE, address, make_roles
from gridsvc.localdb.server import PortTakenError, Server, log_of

START_ATTEMPTS = 5


class Cluster:
    def __init__(self, folder: Path, fsync: bool = True) -> None:
        self.folder = folder.resolve()
        self.fsync = fsync

    def up(self) -> bool:
        """Makes the cluster if needed and starts it if needed; True if this call started it."""
        self._make_data_folder()
        with locked(self.folder):
            record = self._existing() or self._create()
            server = self._server(record)
            started = postmaster(server.data) is None
            if started:
                record = self._start(server, record)
            elif not is_ready(server.data):
                server.wait_until_ready()
            if not record.ready:
                self._make_ready(record)
            return started

    def down(self) -> bool:
        """Stops the server and leaves no process; False if it was not running."""
        if not self.folder.is_dir():
            return False
        with locked(self.folder):
            record = self._existing()
            if record is None:
                return False
            server = self._server(record)
            was_running = postmaster(server.data) is not None
            server.stop()
            return was_running

    def remove(self) -> None:
        """Stops the server and deletes its files wherever they lie; the rest of the data folder stays."""
        record = records.load(self.folder)
        if record is None:
            return
        self.down()
        server_folder = self._server_folder(record)
        if server_folder.exists():
            shutil.rmtree(socket_folder_for(server_folder, owner_of(server_folder)), ignore_errors=True)
            shutil.rmtree(server_folder)
        (self.folder / records.FILE_NAME).unlink()

    def status(self) -> ClusterStatus:
        record = self._existing()
        if record is None:
            return ClusterStatus(exists=False, running=False, data_folder=self.folder)
        server_folder = self._server_folder(record)
        pid = postmaster(server_folder / "data")
        return ClusterStatus(
            exists=True,
            running=pid is not None,
            data_folder=self.folder,
            server_folder=server_folder,
            socket_folder=self._socket_folder(record),
            log_path=log_of(server_folder),
            version=record.version,
            port=record.port,
            pid=pid,
        )

    def addresses(self) -> Addresses:
        """Addresses over the unix socket; SetupError if there is no cluster yet."""
        record = self._existing()
        if record is None or not record.ready:
            raise SetupError(f"there is no database cluster in {self.folder}; make it with: gridsvc db up")
        return self._addresses(record, DATABASE)

    @property
    def log_path(self) -> Path:
        record = records.load(self.folder)
        if record is None:
            raise SetupError(f"there is no database cluster in {self.folder}, so it has no log")
        return log_of(self._server_folder(record))

    def _existing(self) -> Record | None:
        """The record of a cluster that has its files; record and files that do not match are an error."""
        record = records.load(self.folder)
        file = self.folder / records.FILE_NAME
        if record is None:
            if (self.folder / "postgres").exists():
                raise SetupError(f"{file}, which holds the passwords of the cluster beside it, is missing")
            return None
        server_folder = self._server_folder(record)
        made = server_folder.exists() and owner_of(server_folder) and (server_folder / "data" / "PG_VERSION").exists()
        if record.ready and not made:
            raise SetupError(
                f"the database files in {server_folder / 'data'} are missing; restore them, "
                f"or delete {file} and {server_folder} to begin with an empty database"
            )
        return record if made else None

    def _create(self) -> Record:
        installation, account = find_installation(), new_account()
        record = records.load(self.folder)
        if record is None:
            server_folder = server_folder_for(self.folder, account)
            _set_aside(server_folder)
            inside = server_folder.is_relative_to(self.folder)
            name = server_folder.relative_to(self.folder) if inside else server_folder
            record = Record(version=installation.version, server_folder=str(name), port=free_port())
        record = replace(record, version=installation.version)
        records.save(self.folder, record)
        server_folder = self._server_folder(record)
        make_system_folder(server_folder)
        account.make_folder(server_folder)
        Server(server_folder, account, installation).create(ADMIN, record.admin_password)
        return record

    def _start(self, server: Server, record: Record) -> Record:
        """Starts on the port of the record, or on another one if that is taken; returns the record as it is now."""
        for _ in range(START_ATTEMPTS):
            if not is_free(record.port):
                record = replace(record, port=free_port())
                records.save(self.folder, record)
            try:
                server.start(record.port, self.fsync)
                return record
            except PortTakenError:
                continue
        raise SetupError(f"no free port was found for the embedded database; see {server.log}")

    def _make_ready(self, record: Record) -> None:
        make_roles(self._addresses(record, "postgres").admin_url, record.service_password)
        records.save(self.folder, replace(record, ready=True))

    def _server(self, record: Record) -> Server:
        folder = self._server_folder(record)
        return Server(folder, owner_of(folder), find_installation(record.version))

    def _server_folder(self, record: Record) -> Path:
        return self.folder / record.server_folder

    def _socket_folder(self, record: Record) -> Path:
        server_folder = self._server_folder(record)
        return socket_folder_for(server_folder, owner_of(server_folder))

    def _addresses(self, record: Record, database: str) -> Addresses:
        sockets = self._socket_folder(record)
        return Addresses(
            admin_url=address(ADMIN, record.admin_password, sockets, record.port, database),
            database_url=address(SERVICE, record.service_password, sockets, record.port, database),
        )

    def _make_data_folder(self) -> None:
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise SetupError(f"the data folder {self.folder} cannot be made: {error.strerror}") from error


def _set_aside(server_folder: Path) -> None:
    """Keeps, under another name, what a data folder that was deleted left behind in the system folder."""
    if server_folder.exists():
        end_leftovers(server_folder / "data")
        server_folder.rename(server_folder.with_name(f"{server_folder.name}.old-{time.time_ns()}"))
