"""What sounds inside a burst: its frequencies, and whether anything else sounds with them."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from firmware.media.network_tone import CLUSTER_HZ
from firmware.media.tones import SAMPLE_RATE_HZ
from firmware.media.window import SlidingWindow

SPECTRUM = 2000  # 250 ms: the longest stretch of a burst that is measured
SPECTRUM_SIZE = 4096
KEEP = SPECTRUM + 1600
MEAN_SHARE_ON = 0.55  # over a burst's spectrum
SECOND_TONE_DB = -10.0
STRANGER_DB = -13.0  # white noise at 6 dB in 190 ms stays below -20


class BurstSpectrum:
    """Spectra of stretches of the past; ``sound`` must keep :data:`KEEP` samples."""

    def __init__(self, sound: SlidingWindow) -> None:
        self._sound = sound
        self._windows: dict[int, npt.NDArray[np.float64]] = {}

    def measure(self, row: int, length: int, before: int) -> tuple[tuple[float, ...], bool]:
        """Clusters of frequencies inside a burst, and whether nothing else sounded.

        Args:
            row: the port.
            length: samples of the stretch, at most ``SPECTRUM``.
            before: samples between its end and now.
        """
        length = max(length // 80 * 80, 320)
        if length + before > KEEP:
            return (), False  # it faded out too long ago to be a switched tone
        shape = self._windows.get(length)
        if shape is None:
            shape = self._windows[length] = np.hanning(length + 2)[1:-1]
        sound = self._sound.past(row, length, before) * shape
        power = np.abs(np.fft.rfft(sound, SPECTRUM_SIZE)) ** 2
        bin_hz = SAMPLE_RATE_HZ / SPECTRUM_SIZE
        # A Hann lobe is two bins of its own length wide to each side.
        reach = int((CLUSTER_HZ + 1.0 * SAMPLE_RATE_HZ / length) / bin_hz)
        power[: int(200 / bin_hz)] = 0  # hum and what the line's filters leave of it
        total = float(power.sum())
        first = float(power.max())
        clusters: list[float] = []
        held = 0.0
        for _ in range(3):
            top = int(power.argmax())
            height = float(power[top])
            if len(clusters) == 2 or height < first * 10 ** (SECOND_TONE_DB / 10):
                break
            low, high = max(top - reach, 0), top + reach + 1
            part = power[low:high]
            weight = float(part.sum())
            clusters.append(float((part * np.arange(low, low + part.size)).sum() / weight * bin_hz))
            held += weight
            power[low:high] = 0
        # The skirts of the clusters reach a little further.
        stranger = float(power.max())
        pure = held > MEAN_SHARE_ON * total and stranger < first * 10 ** (STRANGER_DB / 10)
        return tuple(sorted(clusters)), pure
