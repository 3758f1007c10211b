"""SIP trunks: how each is, who knocked unasked, and whether its network carries speech."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from flask import Blueprint, Response, abort, g, render_template, request, send_from_directory

from firmware.control.messages import Refused
from firmware.control.trunk_messages import AskTrunks, TrunksAnswer, TrunkTestAnswer, TryTrunk
from firmware.sip.why import told
from web.export import taken_away
from web.gate import open_to, the_box
from web.tls.authority import fingerprint
from web.words import t

blueprint = Blueprint("trunks", __name__, url_prefix="/trunks")

MEETING: Final = Path(__file__).parent / "kamailio"
SAMPLES: Final = ("kamailio.cfg", "offices.list")
"""Of a meeting point, in the order in which they are offered."""

TEST_MS = 12_000  # two seconds of questions, one of waiting, four to connect, and a name to look up


@blueprint.get("/")
@open_to("owner", "installer", "supervisor")
def show() -> str:
    """Every trunk, and who asked for something without being a peer."""
    return _page()


@blueprint.post("/test")
@open_to("owner", "installer")
def test() -> str | tuple[str, int]:
    """Ask a trunk's far side again and again; the verdict in words."""
    name = request.form.get("name", "")
    answer = the_box().ask(TryTrunk(name=name, language=g.language), answer_ms=TEST_MS)
    if isinstance(answer, TrunkTestAnswer):
        return _page(tested=answer)
    return _page(problem=answer.message if isinstance(answer, Refused) else t("failed")), 409


@blueprint.get("/meeting-point/<name>")
@open_to("owner", "installer", "supervisor")
def sample(name: str) -> Response:
    """A file of the sample configuration for offices that meet."""
    if name not in SAMPLES:
        abort(404)
    return send_from_directory(MEETING, name, mimetype="text/plain", as_attachment=True)


@blueprint.get("/certificate")
@open_to("owner", "installer")
def certificate() -> Response:
    """What this box shows at its TLS port, for the settings of another office."""
    answer = the_box().ask(AskTrunks())
    if not isinstance(answer, TrunksAnswer) or not answer.certificate:
        abort(404)
    return taken_away(answer.certificate.encode(), "tipring-sip.pem", "application/x-pem-file")


def _page(tested: TrunkTestAnswer | None = None, problem: str = "") -> str:
    answer = the_box().ask(AskTrunks())
    seen = answer if isinstance(answer, TrunksAnswer) else None
    return render_template(
        "trunks/show.html",
        seen=seen,
        print_of=fingerprint(seen.certificate.encode()) if seen and seen.certificate else "",
        tested=tested,
        problem=problem,
        samples=SAMPLES,
        told=told,
    )
