"""Call-progress receiver: which network tone sounds on a line, by frequency and cadence.

Every 10 ms each armed port gets a label: the band that holds most of its energy, or none. Labels
become bursts; a gap below 50 ms does not end one (two-frequency and modulated tones beat). What is
left of speech by an echo canceller, or low-pitched noise, lies in the same band as the tones and
would fill their pauses: so a burst also ends where its level falls to half the amplitude, begins
where it doubles, and after a clean burst nothing much weaker begins another for a while. A burst
that is over is measured: its length between the half-amplitude points, its level, and from one
spectrum of its inside the frequencies and whether anything else sounded with it. A tone is
recognised when the newest bursts and gaps fit its cadence and its frequencies: two cycles for busy
and congestion, one for ringback and fax, a second and more without a gap for dial tone.

All tones of all given countries are looked for side by side in the same list of bursts, so one
country's tones do not hide another's; where several fit, the nearest is reported.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from firmware.core.countries import Country
from firmware.media.bands import HOP, WINDOW, BandMeter
from firmware.media.burst import CADENCE_LIMIT, STEP, Burst, best_fit, edge, same
from firmware.media.burst_spectrum import KEEP, SPECTRUM, BurstSpectrum
from firmware.media.cadence import regular
from firmware.media.network_tone import FAX, NAMES, NetworkTone, distance, network_tone
from firmware.media.tones import PEAK_0_DBM0, SAMPLE_RATE_HZ
from firmware.media.window import Block, Flags

LEVEL_DBM0 = -46.0
SHARE_ON = 0.45  # of all energy in one band: a tone at 0 dB SNR would have 0.54
STEP_MEMORY = 0.2  # of the level that a step is measured against, per hop: some 50 ms
REMEMBER_HOPS = 110  # the longest pause of busy tones (India, Singapore: 750 ms), and 13 %
CLEAR_SHARE = 0.55  # a weaker burst of a tone of two levels stands out from low-pitched noise
SHORTEST_MS = 60.0  # the shortest bursts of any profile are 100 ms; less is noise

HOP_MS = HOP * 1000 / SAMPLE_RATE_HZ
HOPS_TO_BEGIN = 3
HOPS_TO_END = 5
BEAT_SPREAD = 0.2  # of the level, standard deviation over mean; a steady tone at 6 dB has 0.1
UNSTEADY = 2 * BEAT_SPREAD  # two frequencies stay below; music swells and fades
HOPS_TO_LOOK = 25  # a quarter of a second
HISTORY = 9
UNKNOWN_STEADY_HOPS = 230  # 2.3 s without a gap: the longest burst of any ringback is 2 s


class Progress(NamedTuple):
    """A tone was recognised on a row, or (``ended``) is there no more.

    ``frequencies_hz`` are measured, frequencies that beat given as their middle; ``cadence_ms`` is
    the mean of the cycles seen, empty for a continuous tone; ``country`` has the tone.
    """

    port_index: int
    tone: str
    frequencies_hz: tuple[float, ...]
    cadence_ms: tuple[int, ...]
    cycles: int
    at_sample: int
    ended: bool = False
    country: str = ""


@dataclass(slots=True)
class _Port:
    """What one port has heard."""

    bursts: deque[Burst] = field(default_factory=lambda: deque(maxlen=HISTORY))
    band: int = -1  # of the burst that sounds, -1 none
    begun: int = 0  # hop number of its first window
    powers: list[float] = field(default_factory=list)  # of the band, by hop
    missing: int = 0
    loud: float = 0.0  # level of the burst that sounds, followed
    clean: float = 0.0  # level of the last burst, if it was a tone
    clean_until: int = 0  # hop number until which that counts
    looked: int = 0  # hop number of the last look at a burst that goes on
    ended_at: float = 0.0  # hop number, broken, of the last burst's end
    confirmed: bool = False
    tone: NetworkTone | None = None
    until: int = 0  # hop by which a recognised tone must go on
    steady: list[tuple[float, ...]] = field(default_factory=list)


class ProgressReceiver:
    """Network tones on any number of ports, for one country or several."""

    def __init__(self, ports: int, countries: Sequence[Country], *, unknown: bool = False) -> None:
        """Args: ``ports``: rows of the blocks to come; ``countries`` whose tones count.

        With ``unknown`` steady tones that none of them has are told as well, by that name.
        """
        self._unknown = unknown
        self._meter = BandMeter(ports, KEEP)
        self._spectrum = BurstSpectrum(self._meter.sound)
        self._state = [_Port() for _ in range(ports)]
        self._hop_number = 0
        self._busy = False  # some port has a burst or a tone
        self._least = float(PEAK_0_DBM0**2 / 2 * 10 ** (LEVEL_DBM0 / 10))
        found = [
            network_tone(name, country.tones[name], country.code)
            for country in countries
            for name in NAMES
        ]
        found += [network_tone("fax", tone, "") for tone in FAX]
        every = [wanted for wanted in found if wanted is not None]
        self._cadenced = [w for w in every if w.cadence_ms]
        self._continuous = [(w, self._patience(w)) for w in every if not w.cadence_ms]
        # A tone of two levels must not hide its own weaker bursts.
        spread_db = max((max(w.levels_db) - min(w.levels_db) for w in every), default=0.0)
        self._weaker = 10 ** (-spread_db / 10) / STEP

    def _patience(self, dial: NetworkTone) -> int:
        """Hops that a continuous tone must last, so that it is no long burst of another tone."""
        longest_ms = 1000.0
        for other in self._cadenced:
            for clusters, on_ms in zip(other.clusters, other.cadence_ms[0::2], strict=True):
                near = distance(clusters, dial.clusters[0])
                if near is not None and (other.beats or not dial.beats):
                    longest_ms = max(longest_ms, on_ms * (1 + CADENCE_LIMIT) + 50)
        return int(longest_ms / HOP_MS)

    def process(self, block: Block, armed: Flags) -> list[Progress]:
        """Listen to the next samples.

        Args:
            block: float32 (ports, n) in 16-bit units, any n.
            armed: bool (ports); a port newly armed knows nothing of what came before.
        """
        sound = self._meter.sound
        changed = self._meter.arm(armed)
        if changed is not None:
            for row in changed:
                self._state[row] = _Port()
        if not sound.rows.size:
            sound.skip(block)
            return []
        found: list[Progress] = []
        at, total = 0, block.shape[1]
        while at < total:
            at = sound.fill(block, at)
            if sound.ready:
                self._hop(found)
        return found

    def forget(self, row: int) -> None:
        """Begin anew on one port: a tone that goes on there is told again."""
        self._state[row] = _Port()

    def _hop(self, found: list[Progress]) -> None:
        self._hop_number += 1
        energy = self._meter.energy()
        if not self._busy and energy.max() < self._least:
            return
        banded = self._meter.banded()
        band = banded.argmax(axis=1)
        rows = self._meter.sound.rows
        limit = np.maximum(SHARE_ON * energy, self._least)
        best = banded.max(axis=1)
        labels = np.where(best > limit, band, -1).tolist()
        clear = (best > CLEAR_SHARE * energy).tolist()
        for n, label in enumerate(labels):
            state = self._state[rows[n]]
            if label < 0 and state.band < 0 and state.tone is None:
                continue
            stepped = self._stepped(state, label, float(banded[n][label]), clear=clear[n])
            self._port(int(rows[n]), state, stepped, banded[n], found)
        self._busy = any(
            self._state[row].band >= 0 or self._state[row].tone is not None for row in rows
        )

    def _port(
        self, row: int, state: _Port, label: int, banded: Block, found: list[Progress]
    ) -> None:
        now = self._hop_number
        if state.band >= 0:
            state.powers.append(float(banded[state.band]))
            if label == state.band:
                state.missing = 0
            else:
                state.missing += 1
                if state.missing >= HOPS_TO_END or (label >= 0 and state.missing >= HOPS_TO_BEGIN):
                    self._burst_over(row, state, found)
        if state.band < 0 and label >= 0:
            state.band = label
            state.begun = now
            state.powers = [float(banded[label])]
            state.loud = state.powers[0]
            state.missing = 0
            state.confirmed = False
            state.steady = []
            state.looked = now
        elif state.band >= 0 and not state.missing:
            lasted = now - state.begun + 1
            if not state.confirmed and lasted >= HOPS_TO_BEGIN:
                state.confirmed = True
                self._burst_begun(row, state, found)
            if now - state.looked >= HOPS_TO_LOOK:
                state.looked = now
                self._long_burst(row, state, lasted, found)
        if state.tone is not None and now > state.until:
            self._end(row, state, found)

    def _stepped(self, state: _Port, label: int, power: float, *, clear: bool) -> int:
        """The label of a hop once its level is compared with what sounds or sounded: -1 for none.

        Args:
            state: the port's; its burst begins anew here where the level doubles.
            label: the band that holds most of the energy, -1 none.
            power: energy in that band.
            clear: that is nearly all there is.
        """
        if label < 0:
            return -1
        if state.band < 0 or not state.confirmed:
            least = state.clean * (self._weaker if clear else 1 / STEP)
            if power < least and self._hop_number < state.clean_until:
                state.band = -1
                return -1
        if state.band < 0:
            return label
        if label != state.band:
            return label
        if power * STEP < state.loud:
            return -1
        if power > state.loud * STEP and len(state.powers) > HOPS_TO_BEGIN:
            # What sounded until now was something weaker in the same band. The last two windows
            # hold the rise itself.
            state.powers = state.powers[-2:]
            state.begun = self._hop_number - 2
            state.looked = self._hop_number
            state.loud = power
            state.confirmed = False
            state.steady = []
        state.loud += STEP_MEMORY * (power - state.loud)
        return label

    # --- bursts -----------------------------------------------------------------------------------

    def _burst_begun(self, row: int, state: _Port, found: list[Progress]) -> None:
        """A burst is certain: the gap before it is known, and with it a cycle may be complete."""
        if state.bursts:
            # The window's middle lies half a window back; the first label comes when the tone
            # fills enough of it, found again as the half-amplitude point once the level is known.
            begin = state.begun + edge(state.powers, max(state.powers))
            state.bursts[-1].off_ms = max((begin - state.ended_at) * HOP_MS, 0.0)
        self._match(row, state, found)

    def _burst_over(self, row: int, state: _Port, found: list[Progress]) -> None:
        heard = state.powers[: len(state.powers) - state.missing]
        band, begun = state.band, state.begun
        state.band = -1
        if not state.confirmed or len(heard) < HOPS_TO_BEGIN:
            return
        level = float(np.median(heard[1:-1] or heard))
        first = edge(heard, level)
        last = len(state.powers) - 1 - edge(state.powers[::-1], level)
        start, end = begun + first, begun + last
        if (end - start) * HOP_MS < SHORTEST_MS:
            return
        length = int((end - start) * HOP) - WINDOW // 2
        before = int((self._hop_number - end) * HOP) + WINDOW // 2
        clusters, pure = self._spectrum.measure(row, min(length, SPECTRUM), before + 20)
        if not pure and level * STEP < state.clean and begun < state.clean_until:
            return  # noise in a pause
        if state.bursts and state.bursts[-1].off_ms:
            state.bursts[-1].off_ms = max((start - state.ended_at) * HOP_MS, 0.0)
        state.ended_at = end
        state.clean = level if pure else 0.0
        state.clean_until = self._hop_number + REMEMBER_HOPS
        state.bursts.append(
            Burst(band, (end - start) * HOP_MS, 0.0, clusters, 10 * np.log10(level), pure)
        )
        self._joined(row, state, found)
        if state.tone is not None and not state.tone.cadence_ms:
            self._end(row, state, found)

    def _long_burst(self, row: int, state: _Port, lasted: int, found: list[Progress]) -> None:
        """Every quarter second of a burst without a gap: is it a continuous tone?"""
        clusters, pure = self._spectrum.measure(row, SPECTRUM, WINDOW // 2)
        state.steady.append(clusters if pure else ())
        recent = state.steady[-3:]
        if state.tone is not None:
            if not state.tone.cadence_ms:
                state.until = self._hop_number + 30
            return
        if len(recent) < 3 or not all(same(clusters, other) for other in recent):
            return
        powers = np.array(state.powers[-50:])
        spread = float(powers.std() / powers.mean())
        best: tuple[float, NetworkTone] | None = None
        for wanted, patience in self._continuous:
            if lasted < patience or wanted.bands[0] != state.band:
                continue
            if wanted.beats and spread < BEAT_SPREAD:
                continue
            away = distance(clusters, wanted.clusters[0])
            if away is not None and (best is None or away < best[0]):
                best = (away, wanted)
        if best is not None:
            self._report(row, state, best[1], clusters, (), 1, 30, found)
        elif self._unknown and clusters and lasted >= UNKNOWN_STEADY_HOPS and spread < UNSTEADY:
            strange = NetworkTone("unknown", "", (state.band,), (clusters,), (), (0.0,), 1)
            self._report(row, state, strange, clusters, (), 1, 30, found)

    # --- matching ---------------------------------------------------------------------------------

    def _match(self, row: int, state: _Port, found: list[Progress]) -> None:
        bursts = list(state.bursts)
        best: tuple[float, NetworkTone, tuple[float, ...]] | None = None
        for wanted in self._cadenced:
            if wanted.joined or wanted.bands[0] != state.band:
                continue
            fit = best_fit(bursts, wanted)
            if fit is not None and (best is None or fit[0] < best[0] - 1e-6):
                best = (fit[0], wanted, fit[1])
        if best is None:
            self._match_unknown(row, state, bursts, found)
            return
        _, wanted, cadence = best
        wait = int(sum(wanted.cadence_ms) * (1 + CADENCE_LIMIT) / HOP_MS) + 20
        if state.tone is wanted:
            state.until = self._hop_number + wait
            return
        if state.tone is not None:
            self._end(row, state, found)
        self._report(row, state, wanted, bursts[-1].clusters, cadence, wanted.cycles, wait, found)

    def _match_unknown(
        self, row: int, state: _Port, bursts: list[Burst], found: list[Progress]
    ) -> None:
        """What fits no table but repeats itself exactly is told as ``unknown``."""
        known = state.tone is not None and state.tone.name != "unknown"
        steady = None if known or not self._unknown else regular(bursts)
        if steady is None:
            return
        cadence, cycles = steady
        wait = int(sum(cadence) * (1 + CADENCE_LIMIT) / HOP_MS) + 20
        if state.tone is not None:
            state.until = self._hop_number + wait
            return
        clusters = bursts[-1].clusters
        strange = NetworkTone(
            "unknown", "", (state.band,), (clusters,), cadence, (0.0,) * (len(cadence) // 2), cycles
        )
        self._report(row, state, strange, clusters, cadence, cycles, wait, found)

    def _joined(self, row: int, state: _Port, found: list[Progress]) -> None:
        """Bursts of different frequency that follow without a gap: special information."""
        for wanted in self._cadenced:
            count = len(wanted.bands)
            if not wanted.joined or len(state.bursts) < count or state.tone is not None:
                continue
            newest = list(state.bursts)[-count:]
            if tuple(burst.band for burst in newest) != wanted.bands:
                continue
            offsets = [
                distance(b.clusters, c) for b, c in zip(newest, wanted.clusters, strict=True)
            ]
            lengths = zip((b.on_ms for b in newest), wanted.cadence_ms[0::2], strict=True)
            if (
                all(offset is not None for offset in offsets)
                and all(abs(is_ms - on_ms) < 0.25 * on_ms for is_ms, on_ms in lengths)
                and all(burst.off_ms < 60 for burst in newest[:-1])
            ):
                hz = tuple(b.clusters[0] for b in newest)
                cadence = tuple(x for b in newest for x in (b.on_ms, b.off_ms))
                wait = int(sum(wanted.cadence_ms) * 1.2 / HOP_MS)
                self._report(row, state, wanted, hz, cadence, 1, wait, found)

    def _report(
        self,
        row: int,
        state: _Port,
        wanted: NetworkTone,
        clusters: tuple[float, ...],
        cadence_ms: tuple[float, ...],
        cycles: int,
        wait_hops: int,
        found: list[Progress],
    ) -> None:
        state.tone = wanted
        state.until = self._hop_number + wait_hops
        found.append(
            Progress(
                row,
                wanted.name,
                tuple(round(hz, 1) for hz in clusters),
                tuple(round(ms) for ms in cadence_ms),
                cycles,
                self._meter.sound.samples,
                country=wanted.country,
            )
        )

    def _end(self, row: int, state: _Port, found: list[Progress]) -> None:
        if state.tone is not None:
            samples = self._meter.sound.samples
            found.append(Progress(row, state.tone.name, (), (), 0, samples, ended=True))
        state.tone = None
