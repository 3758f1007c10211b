"""The kernel's own simulated GPIO chip (gpio-sim): the outside of the header lines.

https://docs.kernel.org/admin-guide/gpio/gpio-sim.html
"""

from __future__ import annotations

from pathlib import Path

CONFIG = Path("/sys/kernel/config/gpio-sim")


class SimChip:
    """A chip with the Raspberry Pi 4's name and number of lines."""

    def __init__(self) -> None:
        device = CONFIG / "header"
        name = (device / "bank0" / "chip_name").read_text(encoding="ascii").strip()
        owner = (device / "dev_name").read_text(encoding="ascii").strip()
        self.number = int(name.removeprefix("gpiochip"))
        self._lines = Path("/sys/devices/platform") / owner / name

    @classmethod
    def made(cls, label: str = "pinctrl-bcm2711", lines: int = 54) -> SimChip:
        """Ask the kernel for the chip; once per boot."""
        bank = CONFIG / "header" / "bank0"
        bank.mkdir(parents=True)
        (bank / "label").write_text(label, encoding="ascii")
        (bank / "num_lines").write_text(str(lines), encoding="ascii")
        (CONFIG / "header" / "live").write_text("1", encoding="ascii")
        return cls()

    def level(self, line: int) -> int:
        """What a meter on the line would show."""
        return int((self._lines / f"sim_gpio{line}" / "value").read_text(encoding="ascii"))

    def pull(self, line: int, high: bool) -> None:
        """Pull the line from outside, as a chip or a finger does."""
        way = "pull-up" if high else "pull-down"
        (self._lines / f"sim_gpio{line}" / "pull").write_text(way, encoding="ascii")
