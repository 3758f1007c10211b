"""The box's own certificates by time, and the encrypted door in front of the page's server."""

import http.client
import ipaddress
import socket
import ssl
import threading
from datetime import UTC, datetime, timedelta

import msgspec
import pytest
import waitress
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.web.desk import DeskBox, signed_in
from web.app import create_app
from web.serve import bound
from web.tls.authority import EARLIEST, fingerprint, new_authority, new_leaf, still_fits
from web.tls.front import Behind, Front, Origins
from web.tls.keeper import Keeper

NOW = datetime(2026, 11, 22, 12, tzinfo=UTC)
NAMES, ADDRESSES = ["tipring.local"], ["192.168.1.20"]


def leaf_at(now: datetime, authority=None) -> bytes:
    return new_leaf(authority or new_authority(now), NAMES, ADDRESSES, now).certificate


def test_every_box_has_an_authority_of_its_own_that_vouches_for_neighbours_alone() -> None:
    first, second = new_authority(NOW), new_authority(NOW)
    assert fingerprint(first.certificate) != fingerprint(second.certificate)
    found = x509.load_pem_x509_certificate(first.certificate)
    limits = found.extensions.get_extension_for_class(x509.NameConstraints)
    assert limits.critical
    permitted = limits.value.permitted_subtrees or []
    assert x509.DNSName("local") in permitted
    networks = [name.value for name in permitted if isinstance(name, x509.IPAddress)]
    assert all(network.is_private for network in networks)
    assert ipaddress.ip_network("192.168.0.0/16") in networks
    subject = found.subject.get_attributes_for_oid(NameOID.COMMON_NAME)[0].value
    assert "tipring" not in str(subject), "a stranger is not told what this is"


@pytest.mark.parametrize("now", [datetime(1970, 1, 1, tzinfo=UTC), NOW, NOW.replace(year=2040)])
def test_a_certificate_counts_at_once_whatever_the_clock_says(now: datetime) -> None:
    found = x509.load_pem_x509_certificate(leaf_at(now))
    assert found.not_valid_before_utc >= EARLIEST
    assert found.not_valid_before_utc <= max(now, EARLIEST)
    length = found.not_valid_after_utc - found.not_valid_before_utc
    assert length <= timedelta(days=825), "browsers refuse more"


def test_a_certificate_is_renewed_before_its_end_and_for_another_address() -> None:
    leaf = leaf_at(NOW)
    assert still_fits(leaf, NAMES, ADDRESSES, NOW)
    assert still_fits(leaf, NAMES, ADDRESSES, NOW + timedelta(days=700))
    assert not still_fits(leaf, NAMES, ADDRESSES, NOW + timedelta(days=760))
    assert not still_fits(leaf, NAMES, ["192.168.1.21"], NOW)
    assert not still_fits(leaf, ["office.local"], [], NOW)
    early = leaf_at(datetime(1970, 1, 1, tzinfo=UTC))
    assert not still_fits(early, NAMES, ADDRESSES, EARLIEST + timedelta(days=790))


def test_keys_are_the_page_s_alone_and_the_authority_stays(tmp_path) -> None:
    address = ["192.168.1.20"]
    keeper = Keeper(tmp_path, lambda: address[0])
    assert keeper.look(NOW)
    authority = keeper.authority
    for path in (tmp_path / "tls").iterdir():
        assert path.stat().st_mode & 0o777 == 0o600, path
    assert not keeper.look(NOW)
    address[0] = "10.0.0.7"
    assert keeper.look(NOW)
    assert keeper.look(NOW + timedelta(days=760))
    assert keeper.authority == authority


@pytest.fixture(params=["", "203.0.113.9"])
def door(tmp_path, request):
    """The page behind its door: port, a context that trusts the box, the box.

    An office may use addresses for which the box's authority cannot vouch.
    """
    box = DeskBox(tmp_path)
    box.owned_by()
    keeper = Keeper(tmp_path / "page", lambda: request.param)
    origins: Origins = {}
    inner, outer = bound("127.0.0.1:0"), bound("127.0.0.1:0")
    app = create_app(box, tmp_path, keeper=keeper)
    server = waitress.create_server(Behind(app, origins), sockets=[inner], threads=4, ident=None)
    threading.Thread(target=server.run, daemon=True).start()
    Front([], [outer], keeper, inner.getsockname()[1], origins).start()
    trusting = ssl.create_default_context(cadata=keeper.authority.decode())
    yield outer.getsockname()[1], trusting, app, box
    server.close()


def ask(port: int, context: ssl.SSLContext, path: str, **headers: str):
    asker = http.client.HTTPSConnection("localhost", port, timeout=30, context=context)
    asker.request("GET", path, headers=headers)
    answer = asker.getresponse()
    answer.read()
    asker.close()
    return answer


def test_the_page_comes_encrypted_and_its_cookies_stay_on_that_way(door) -> None:
    port, trusting, _, _ = door
    answer = ask(port, trusting, "/sign-in")
    assert answer.status == 200
    assert "Secure" in answer.headers["Set-Cookie"]
    assert "waitress" not in str(answer.headers)
    assert ask(port, trusting, "/", Accept="text/html").status == 302


def test_the_server_is_told_who_came_and_by_which_door(tmp_path) -> None:
    def who(environ, start_response):
        start_response("200 OK", [("Content-Type", "text/plain")])
        return [f"{environ['REMOTE_ADDR']} {environ['wsgi.url_scheme']}".encode()]

    keeper, origins = Keeper(tmp_path / "page", lambda: ""), Origins()
    inner, plain, secure = (bound("127.0.0.1:0") for _ in range(3))
    server = waitress.create_server(Behind(who, origins), sockets=[inner], threads=2)
    threading.Thread(target=server.run, daemon=True).start()
    Front([plain], [secure], keeper, inner.getsockname()[1], origins).start()
    trusting = ssl.create_default_context(cadata=keeper.authority.decode())
    told = []
    for asker in (
        http.client.HTTPConnection("127.0.0.1", plain.getsockname()[1], timeout=30),
        http.client.HTTPSConnection(
            "localhost", secure.getsockname()[1], timeout=30, context=trusting
        ),
    ):
        asker.request("GET", "/")
        told.append(asker.getresponse().read())
        asker.close()
    assert told == [b"127.0.0.1 http", b"127.0.0.1 https"]
    server.close()


def test_who_does_not_trust_the_box_is_warned_and_old_protocols_are_refused(door) -> None:
    port, trusting, _, _ = door
    with pytest.raises(ssl.SSLCertVerificationError):
        ask(port, ssl.create_default_context(), "/sign-in")
    trusting.maximum_version = ssl.TLSVersion.TLSv1_2
    assert ask(port, trusting, "/sign-in").status == 200
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        trusting.minimum_version = trusting.maximum_version = ssl.TLSVersion.TLSv1_1
    with pytest.raises((ssl.SSLError, OSError)):
        ask(port, trusting, "/sign-in")


def test_nobody_is_believed_who_says_that_he_came_encrypted(door) -> None:
    _, _, app, box = door
    turn_on(box)
    plain = app.test_client().get("/sign-in", headers={"X-Forwarded-Proto": "https"})
    assert plain.status_code == 200, "from the box itself"
    away = {"REMOTE_ADDR": "192.168.1.77"}
    answer = app.test_client().get(
        "/sign-in", headers={"X-Forwarded-Proto": "https"}, environ_base=away
    )
    assert answer.status_code == 308
    assert answer.location == "https://localhost/sign-in"


def test_plain_access_is_sent_on_only_where_the_settings_say_so(door) -> None:
    _, _, app, box = door
    away = {"REMOTE_ADDR": "192.168.1.77"}
    assert app.test_client().get("/sign-in", environ_base=away).status_code == 200
    turn_on(box)
    assert app.test_client().get("/sign-in", environ_base=away).status_code == 308
    posted = app.test_client().post("/sign-in", environ_base=away)
    assert posted.status_code == 403
    secure = app.test_client().get("/sign-in", base_url="https://tipring.local", environ_base=away)
    assert secure.status_code == 200


def test_plain_access_cannot_be_switched_off_from_a_plain_page(door) -> None:
    _, _, app, box = door
    owner = signed_in(app)
    page = msgspec.to_builtins(box.desk.settings.page) | {"secure_only": True, "dialling": True}
    typed = {f"page.{name}": "yes" if value is True else value for name, value in page.items()}
    typed["base"] = str(box.desk.version)
    refused = owner.post("/settings/page", data=typed, headers={"Accept-Language": "en"})
    assert refused.status_code == 422
    assert "by its encrypted address first" in refused.text
    assert not box.desk.settings.page.secure_only


def test_a_neighbour_who_says_nothing_takes_no_place_for_ever(door) -> None:
    port, trusting, _, _ = door
    silent = [socket.create_connection(("127.0.0.1", port)) for _ in range(50)]
    assert ask(port, trusting, "/sign-in").status == 200
    for sock in silent:
        sock.close()


def turn_on(box: DeskBox) -> None:
    from firmware.control.messages import SaveSettings

    wanted = dict(box.desk.document, page={"secure_only": True})
    box.ask(SaveSettings(base=box.desk.version, who="owner", why="", settings=wanted))
