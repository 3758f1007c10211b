"""A flow as the XML that SIPp runs."""

from __future__ import annotations

from xml.sax.saxutils import quoteattr

from tests.sip.steps import Flow, Get, Give, Hear, Pause, Say, Silence, Step

PHRASES = {100: "Trying", 180: "Ringing", 183: "Session Progress", 200: "OK"}
OWN_TAG = "[pid]a[call_number]"
WITHIN = frozenset({"BYE", "UPDATE", "INFO", "PRACK"})  # have our tag in To already
KEPT = {"far": ("To:", "tag=([^;]*)"), "rseq": ("RSeq:", "([0-9]+)")}
REPEAT_MS = 500  # RFC 3261, clause 17.1.1.2: T1


def sheet(name: str, flow: Flow) -> str:
    """The whole scenario."""
    made = _Sheet(flow)
    for step in flow.steps:
        made.add(step)
    return "\n".join(
        [
            '<?xml version="1.0" encoding="UTF-8"?>',
            f"<scenario name={quoteattr(name)}>",
            *made.parts,
            *made.unused(),
            "</scenario>",
            "",
        ]
    )


class _Sheet:
    def __init__(self, flow: Flow) -> None:
        self.parts: list[str] = []
        self._number = 100 if flow.dials else 0
        self._dialog = bool(flow.dials)
        self._dials = bool(flow.dials)
        self._variables: list[str] = []
        self._tag = OWN_TAG
        self._caller = ""
        self._last = ""  # request that came
        self._up = False
        self._asked_bye = False
        self._lossy = flow.lost > 0
        # What is never answered would be sent again and again.
        self._silent = any(isinstance(step, Silence) for step in flow.steps)

    def add(self, step: Step) -> None:
        """One step more."""
        match step:
            case Say():
                self._say(step)
            case Give():
                self._give(step)
            case Hear(code=code, maybe=maybe, has=has, keeps=keeps):
                which = ' response_txn="bye"' if self._asked_bye else ""
                what = f'response="{code}"{which}'
                self._receive(what, maybe=maybe, has=has, keeps=keeps)
                self._dialog = self._dialog or code >= 180
            case Get(method=method, maybe=maybe, has=has):
                self._last = method
                more = ' rrs="true"' if method == "INVITE" else ""
                self._receive(
                    f'request="{method}"{more}', maybe=maybe, has=has, keep=method == "INVITE"
                )
            case Pause(ms=ms) | Silence(ms=ms):
                self.parts.append(f'<pause milliseconds="{ms}"/>')

    def unused(self) -> list[str]:
        """SIPp wants every variable used."""
        if not self._variables:
            return []
        return [f'<Reference variables="{",".join(self._variables)}"/>']

    def _receive(
        self, what: str, *, maybe: bool, has: str, keep: bool = False, keeps: str = ""
    ) -> None:
        optional = ' optional="true"' if maybe else ""
        actions = []
        if has:
            variable = self._variable()
            actions.append(
                f'<ereg regexp={quoteattr(has)} search_in="msg" check_it="true" '
                f'assign_to="{variable}"/>'
            )
        if keeps:
            header, pattern = KEPT[keeps]
            self._variables += [f"{keeps}all", keeps]
            actions.append(
                f'<ereg regexp="{pattern}" search_in="hdr" header="{header}" check_it="true" '
                f'assign_to="{keeps}all,{keeps}"/>'
            )
        if keep:
            for variable, header in (
                ("via", "Via:"),
                ("cseq", "CSeq:"),
                ("to", "To:"),
                ("from", "From:"),
            ):
                if variable not in self._variables:
                    self._variables.append(variable)
                actions.append(
                    f'<ereg regexp=".*" search_in="hdr" header="{header}" '
                    f'check_it="true" assign_to="{variable}"/>'
                )
        inner = "".join(actions)
        if inner:
            self.parts.append(f"<recv {what}{optional}><action>{inner}</action></recv>")
        else:
            self.parts.append(f"<recv {what}{optional}/>")

    def _variable(self) -> str:
        name = f"found{len(self._variables)}"
        self._variables.append(name)
        return name

    # --- what the peer says -----------------------------------------------------------------------

    def _say(self, step: Say) -> None:
        repeated = step.method in {"ACK", "CANCEL"}
        if not step.again:
            self._number = step.cseq or (max(self._number, 1) if repeated else self._number + 1)
        once = step.method == "ACK" or self._silent or step.again
        retrans = "" if once else f' retrans="{REPEAT_MS}"'
        text = self._request(step)
        if self._lossy and step.method == "BYE":
            # A 200 that is sent again for the INVITE is no answer to this.
            retrans += ' start_txn="bye"'
            self._asked_bye = True
        self.parts.append(f"<send{retrans}><![CDATA[\n{text}]]></send>")

    def _request(self, step: Say) -> str:
        via = (
            "[last_Via:]"
            if step.same
            else "Via: SIP/2.0/[transport] [local_ip]:[local_port];branch=[branch]"
        )
        in_dialog = self._dialog and not (step.same and step.method == "CANCEL")
        tag = "[peer_tag_param]" if in_dialog else ""
        if step.tag:
            tag = f";tag={step.tag}"
        # A dialog keeps its From; so does the CANCEL of a request.
        self._caller = step.caller or self._caller or "<sip:13800138000@[local_ip]:[local_port]>"
        tag_of_ours = step.own or self._tag
        lines = [
            f"{step.method} {step.uri or f'sip:{step.to}@[remote_ip]:[remote_port]'} SIP/2.0",
            via,
            f"From:[$to];tag={tag_of_ours}"
            if self._dials
            else f"From: {self._caller};tag={tag_of_ours}",
            "To:[$from]" if self._dials else f"To: <sip:{step.to}@[remote_ip]:[remote_port]>{tag}",
            "Call-ID: [call_id]",
            f"CSeq: {self._number} {step.method}",
            "Contact: <sip:peer@[local_ip]:[local_port];transport=[transport]>",
            "Max-Forwards: 70",
            *step.extra.splitlines(),
        ]
        if step.body:
            lines.append(f"Content-Type: {step.kind}")
        return "\n".join([*lines, "Content-Length: [len]", "", step.body])

    def _give(self, step: Give) -> None:
        tag = step.tag or OWN_TAG
        if 180 <= step.code < 300:
            self._tag = tag
        if step.invite:
            heads = ["Via:[$via]", "[last_From:]", f"To:[$to];tag={tag}", "[last_Call-ID:]"]
            heads.append("CSeq:[$cseq]")
        else:
            # Later requests of a dialog have our tag in To already.
            within = self._last in WITHIN or (self._last == "INVITE" and self._up)
            own = "" if within or step.code == 100 else f";tag={tag}"
            heads = ["[last_Via:]", "[last_From:]", f"[last_To:]{own}", "[last_Call-ID:]"]
            heads.append("[last_CSeq:]")
        if (self._last == "INVITE" or step.invite) and step.code == 200:
            self._up = True
        phrase = PHRASES.get(step.code, "Said By The Peer")
        lines = [
            f"SIP/2.0 {step.code} {phrase}",
            *heads,
            "Contact: <sip:peer@[local_ip]:[local_port];transport=[transport]>",
            *step.extra.splitlines(),
        ]
        if step.body:
            lines.append("Content-Type: application/sdp")
        text = "\n".join([*lines, "Content-Length: [len]", "", step.body])
        # Final answers to an INVITE are repeated until ACK comes (RFC 3261, clause 13.3.1.4).
        self.parts.append(f"<send><![CDATA[\n{text}]]></send>")
