"""Passwords, roles and who may log in."""

import json
import stat

import psycopg
import pytest

from gridsvc.localdb import Addresses, Cluster
from tests.localdb.helpers import value


def _over_tcp(url: str, port: int | None) -> str:
    head = url.partition("?")[0]
    return head.replace("@/", f"@127.0.0.1:{port}/")


def test_the_password_file_is_for_its_owner_alone(running: Cluster) -> None:
    file = running.folder / "cluster.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    passwords = [value for name, value in json.loads(file.read_text()).items() if "password" in name]
    assert len(set(passwords)) == 2
    assert all(len(password) >= 32 for password in passwords)


@pytest.mark.parametrize(("field", "role"), [("admin_url", "gridsvc_admin"), ("database_url", "gridsvc")])
def test_roles_log_in_over_socket_and_tcp_and_only_with_their_password(running: Cluster, field: str, role: str) -> None:
    url = getattr(running.addresses(), field)
    tcp = _over_tcp(url, running.status().port)
    assert value(url, "SELECT current_user") == role
    assert value(url, "SELECT inet_server_addr() IS NULL")
    assert value(tcp, "SELECT current_user") == role
    assert value(tcp, "SELECT host(inet_server_addr())") == "127.0.0.1"
    for address in (url, tcp):
        with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
            value(address, "SELECT 1", password="wrong")


def test_the_service_role_has_no_privileges_of_its_own(running: Cluster) -> None:
    query = "SELECT rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls FROM pg_roles"
    url = running.addresses().database_url
    assert value(url, f"{query} WHERE rolname = 'gridsvc'") is False
    assert value(url, f"{query} WHERE rolname = 'gridsvc_admin'") is True


def test_addresses_hide_passwords_when_printed() -> None:
    addresses = Addresses("postgresql://a:secret1@/d?host=x&port=1", "postgresql://b:secret2@/d?host=x&port=1")
    assert "secret" not in repr(addresses)
    assert "postgresql://b:***@/d?host=x&port=1" in str(addresses)
