"""The PCM highway between the box and the chips: eight slots of eight bits in 64 clocks.

One block is done in three steps: ``receive`` hands the box's codes to the chips, the pairs are
stepped, ``transmit`` collects what the chips send. Doing them in this order adds no delay that
the copper and the codecs do not have.

Slots that lie on a multiple of eight clocks and carry G.711 are handled as rows of codes. For
anything else (a start count off by one, linear samples, two chips in one slot) the highway is
rebuilt clock by clock, so that a wrong count gives the noise that it gives on a board.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import numpy.typing as npt

from drivers.pcm import IDLE_A_LAW, SLOTS
from tests.bench.chips import g711
from tests.bench.chips.g711 import Law
from tests.bench.chips.voice import LAW_OF, Format, Samples, VoiceChip

Codes = npt.NDArray[np.uint8]
FRAME_CLOCKS = 8 * SLOTS


class Highway:
    """All chips on one pair of wires.

    Args:
        chips: every chip with a voice.
        idle: what the box reads in a slot that nobody drives.
        first_count: start count of slot 0: 0 with a frame signal that rises with the first bit,
            1 with one clock before it.

    Attributes:
        conflicts: blocks in which two chips drove the same clock.
        conflict: who did, last time.
    """

    def __init__(
        self, chips: Sequence[VoiceChip], *, idle: int = IDLE_A_LAW, first_count: int = 0
    ) -> None:
        self.chips = tuple(chips)
        self.idle = idle
        self.first_count = first_count
        self.conflicts = 0
        self.conflict = ""
        self._version = -1
        self._samples = 0
        self._play: Codes = np.zeros((SLOTS, 0), np.uint8)
        self._play_tail: npt.NDArray[np.uint8] = np.zeros(FRAME_CLOCKS, np.uint8)
        self._carry: dict[int, tuple[int, int]] = {}
        self._receivers: list[tuple[int, VoiceChip]] = []
        self._transmitters: list[tuple[int, VoiceChip]] = []
        self._loops: list[tuple[int, int]] = []
        self._law: Law | None = Law.A
        self._by_clock = False
        self._template: Codes = np.zeros((SLOTS, 0), np.uint8)
        self._idle_play = b""

    def exchange(self, play: Codes, step: Callable[[], object] | None = None) -> Codes:
        """One block both ways.

        Args:
            play: codes from the box, shape (8, samples).
            step: steps the pairs by as many samples; between the two directions. Without it the
                chips send what the last step gave them.

        Returns:
            Codes to the box, shape (8, samples).
        """
        self.receive(play)
        if step is not None:
            step()
        return self.transmit()

    def receive(self, play: Codes) -> None:
        """Hand the box's codes to the chips."""
        version = 0
        for chip in self.chips:
            version += chip.pcm_version
        samples = play.shape[1]
        if version != self._version or samples != self._samples:
            self._version, self._samples = version, samples
            self._arrange()
        self._play = play
        if self._by_clock:
            self._receive_by_clock(play)
            return
        receivers, law = self._receivers, self._law
        if play.tobytes() == self._idle_play:
            for _slot, chip in receivers:
                chip.incoming(None)
            return
        if law is None:
            for slot, chip in receivers:
                own = LAW_OF[chip.pcm.format]
                quiet = bool((play[slot] == g711.IDLE[own]).all())
                chip.incoming(None if quiet else g711.decode(play[slot], own))
            return
        linear = g711.DECODE[law].take(play)
        loud = (play != g711.IDLE[law]).any(axis=1).tolist()
        for slot, chip in receivers:
            chip.incoming(linear[slot] if loud[slot] else None)

    def transmit(self) -> Codes:
        """Collect what the chips send in the block that ``receive`` began."""
        samples = self._samples
        if self._by_clock:
            return self._transmit_by_clock(samples)
        capture = self._template.copy()
        slots: list[int] = []
        sounds: list[Samples] = []
        for slot, chip in self._transmitters:
            sound = chip.outgoing(samples)
            if sound is not None:
                slots.append(slot)
                sounds.append(sound)
        if slots:
            if self._law is None:
                laws = {slot: LAW_OF[chip.pcm.format] for slot, chip in self._transmitters}
                for slot, sound in zip(slots, sounds, strict=True):
                    capture[slot] = g711.encode(sound, laws[slot])
            elif len(slots) == 1:
                capture[slots[0]] = g711.encode(sounds[0], self._law)
            else:
                capture[slots] = g711.encode(np.array(sounds), self._law)
        for receive_slot, transmit_slot in self._loops:
            capture[transmit_slot] = self._play[receive_slot]
        return capture

    # --- the arrangement ----------------------------------------------------------------------

    def _arrange(self) -> None:
        """Sort out who is where, whenever a chip's settings changed."""
        self._receivers, self._transmitters, self._loops = [], [], []
        self._by_clock = False
        taken: set[int] = set()
        laws: set[Law] = set()
        template = np.full((SLOTS, self._samples), self.idle, np.uint8)
        for chip in self.chips:
            pcm = chip.pcm
            if not pcm.enabled:
                continue
            law = LAW_OF.get(pcm.format)
            sends = pcm.transmit_count < FRAME_CLOCKS + self.first_count
            hears = pcm.receive_count < FRAME_CLOCKS + self.first_count
            send_slot, send_rest = divmod(pcm.transmit_count - self.first_count, 8)
            hear_slot, hear_rest = divmod(pcm.receive_count - self.first_count, 8)
            odd = (sends and send_rest) or (hears and hear_rest)
            if law is None or odd or (sends and send_slot in taken):
                self._by_clock = True
                return
            laws.add(law)
            if hears:
                self._receivers.append((hear_slot, chip))
            if sends:
                taken.add(send_slot)
                template[send_slot] = g711.IDLE[law]
                self._transmitters.append((send_slot, chip))
                if pcm.bit_exact_loop and hears:
                    self._loops.append((hear_slot, send_slot))
        self._template = template
        self._law = laws.pop() if len(laws) == 1 else None
        self._idle_play = b""
        if self._law is not None:
            self._idle_play = bytes([g711.IDLE[self._law]]) * (SLOTS * self._samples)

    # --- clock by clock -----------------------------------------------------------------------

    def _receive_by_clock(self, play: Codes) -> None:
        bits = np.unpackbits(np.ascontiguousarray(play.T), axis=None)
        stream = np.concatenate([self._play_tail, bits])
        self._play_tail = bits[-FRAME_CLOCKS:].copy()
        for chip in self.chips:
            words = self._words(chip, stream)
            if words is not None:
                chip.incoming(_sound_of(words, chip.pcm.format))
        self._stream = stream

    def _words(
        self, chip: VoiceChip, stream: npt.NDArray[np.uint8]
    ) -> npt.NDArray[np.uint8] | None:
        """Bits by (sample, bit) that a chip takes from the stream.

        The stream begins with the last frame of the block before, for slots that run over the
        end of a frame.
        """
        pcm = chip.pcm
        start = pcm.receive_count - self.first_count
        width = _width(pcm.format)
        if not pcm.enabled or start >= FRAME_CLOCKS:
            return None
        if start + width <= FRAME_CLOCKS:
            start += FRAME_CLOCKS
        frames = np.arange(self._samples)[:, None] * FRAME_CLOCKS
        at = start + frames + np.arange(width)
        words: npt.NDArray[np.uint8] = stream[np.clip(at, 0, stream.size - 1)]
        return words

    def _transmit_by_clock(self, samples: int) -> Codes:
        total = samples * FRAME_CLOCKS
        idle = np.tile(np.unpackbits(np.full(SLOTS, self.idle, np.uint8)), samples)
        wire = np.ones(total + FRAME_CLOCKS, np.uint8)
        drivers = np.zeros(total + FRAME_CLOCKS, np.uint8)
        for at, (bit, count) in self._carry.items():
            wire[at] = bit
            drivers[at] = count
        names = []
        for chip in self.chips:
            pcm = chip.pcm
            start = pcm.transmit_count - self.first_count
            if not pcm.enabled or start >= FRAME_CLOCKS:
                continue
            sound = chip.outgoing(samples)
            words = None
            if pcm.bit_exact_loop:
                words = self._words(chip, self._stream)
            if words is None:
                words = _bits_of(sound, pcm.format, samples)
            frames = np.arange(samples)[:, None] * FRAME_CLOCKS
            at = np.maximum(0, start + frames + np.arange(words.shape[1]))
            wire[at] &= words
            drivers[at] += 1
            names.append(f"{getattr(chip, 'name', chip)} at {pcm.transmit_count}")
        over = drivers[total:]
        self._carry = {int(k): (int(wire[total + k]), int(over[k])) for k in np.flatnonzero(over)}
        if (drivers[:total] > 1).any():
            self.conflicts += 1
            self.conflict = f"two chips drive the same clocks of the highway: {', '.join(names)}"
        bits = np.where(drivers[:total] > 0, wire[:total], idle)
        return np.ascontiguousarray(np.packbits(bits).reshape(samples, SLOTS).T)


def _width(kind: Format) -> int:
    return 16 if kind is Format.LINEAR16 else 8


def _sound_of(words: npt.NDArray[np.uint8], kind: Format) -> Samples | None:
    """Linear samples of bits by (sample, bit), most significant first."""
    octets = np.packbits(words, axis=1)
    law = LAW_OF.get(kind)
    if law is not None:
        if (octets == g711.IDLE[law]).all():
            return None
        return g711.decode(octets[:, 0], law)
    if kind is Format.LINEAR8:
        return octets[:, 0].view(np.int8).astype(np.float32) * np.float32(256.0)
    return octets.reshape(-1).view(">i2").astype(np.float32)


def _bits_of(sound: Samples | None, kind: Format, samples: int) -> npt.NDArray[np.uint8]:
    """Bits by (sample, bit) of linear samples."""
    if sound is None:
        sound = np.zeros(samples, np.float32)
    law = LAW_OF.get(kind)
    if law is not None:
        return np.unpackbits(g711.encode(sound, law)[:, None], axis=1)
    whole = np.clip(np.rint(sound), -32768, 32767).astype(np.int16)
    if kind is Format.LINEAR8:
        return np.unpackbits((whole >> 8).astype(np.int8).view(np.uint8)[:, None], axis=1)
    return np.unpackbits(whole.astype(">i2").view(np.uint8).reshape(-1, 2), axis=1)
