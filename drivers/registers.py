"""Checked registers: what a chip's data sheet says about its bits, as descriptors.

A table of a chip is a set of :class:`Register` values and one subclass of :class:`RegisterFile`
that names their fields. Reading a field reads the register when it is volatile and the shadow
when it is not; assigning a field is one transfer, since the rest of the register comes from the
shadow. A value that does not fit or an access that the chip does not allow raises
:class:`~drivers.errors.FieldError`, which names field, value, bound, register and page: nothing
is ever masked silently.

The chip is reached through an injected :class:`ChipAccess`; whether that sends at once
(:class:`drivers.access.Immediate`) or gathers transfers for the next poll
(:class:`drivers.access.Gathered`) is not known here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum, IntEnum
from typing import Any, ClassVar, Protocol, overload

from drivers.errors import BringUpError, FieldError


class Kind(Enum):
    """What a write does to a register or a field."""

    READ = "read-only"
    WRITE = "read and write"
    WRITE_1_CLEAR = "write 1 to clear"
    WRITE_0_CLEAR = "write 0 to clear"


@dataclass(frozen=True, slots=True)
class Register:
    """One register of a table.

    Attributes:
        name: the data sheet's name in lower case with underscores.
        address: register number.
        reset: value after reset, None where the data sheet leaves it undefined.
        access: what a write does.
        volatile: the chip changes it by itself, so it is never taken from the shadow.
        width: bits.
        page: where the data sheet says so.
    """

    name: str
    address: int
    reset: int | None = 0
    access: Kind = Kind.WRITE
    volatile: bool = False
    width: int = 8
    page: str = ""

    @property
    def limit(self) -> int:
        """Largest value that the register holds."""
        return (1 << self.width) - 1

    def __str__(self) -> str:
        where = f"register {self.address} {self.name}"
        return f"{where}, {self.page}" if self.page else where


class ChipAccess(Protocol):
    """One chip on a bus, by register number."""

    def read(self, address: int) -> int:
        """Value of a register."""
        ...

    def write(self, address: int, value: int) -> None:
        """Write a whole register."""
        ...


class Field:
    """Bits ``high`` to ``low`` of one register.

    Args:
        register: where the bits are.
        high: upper bit, inclusive.
        low: lower bit; the same as ``high`` when left out.
        values: enumeration of the legal values; any value that fits when None.
        access: what a write does to these bits, where it differs from the register's.
        unit: text for people, with the size of one step: ``"1.5 V"``.
    """

    def __init__(
        self,
        register: Register,
        high: int,
        low: int | None = None,
        *,
        values: type[IntEnum] | None = None,
        access: Kind | None = None,
        unit: str = "",
    ) -> None:
        self.register = register
        self.high = high
        self.low = high if low is None else low
        self.values = values
        self.access = register.access if access is None else access
        self.unit = unit
        self.name = "?"
        if not 0 <= self.low <= self.high < register.width:
            raise FieldError(f"bits {high}..{low} do not lie in {register.width} bits ({register})")

    def __set_name__(self, owner: type[RegisterFile], name: str) -> None:
        self.name = name

    @property
    def limit(self) -> int:
        """Largest number that fits."""
        return (1 << (self.high - self.low + 1)) - 1

    @property
    def mask(self) -> int:
        """The field's bits in its register."""
        return self.limit << self.low

    def of(self, raw: int) -> int:
        """The field's value in a whole register value."""
        return (raw >> self.low) & self.limit

    def into(self, raw: int, value: int) -> int:
        """``raw`` with this field set to ``value``.

        Raises:
            FieldError: the value does not fit, is no legal value, or the field is not writable.
        """
        if self.access is not Kind.WRITE:
            raise FieldError(f"{self.name} is {self.access.value}, not writable ({self.register})")
        return raw & ~self.mask | self.check(value) << self.low

    def check(self, value: int) -> int:
        """``value`` as a plain number if the field can hold it; ``FieldError`` otherwise."""
        number = int(value)
        if not 0 <= number <= self.limit:
            bits = self.high - self.low + 1
            raise FieldError(
                f"{self.name}: {number} does not fit in {bits} bit{'s' if bits > 1 else ''},"
                f" at most {self.limit} ({self.register})"
            )
        if self.values is not None and number not in {member.value for member in self.values}:
            legal = ", ".join(f"{member.value} {member.name.lower()}" for member in self.values)
            raise FieldError(f"{self.name}: {number} is none of {legal} ({self.register})")
        return number

    def text(self, raw: int) -> str:
        """The field's value for people: the enumeration's name where there is one."""
        number = self.of(raw)
        if self.values is not None:
            for member in self.values:
                if member.value == number:
                    return f"{number} {member.name.lower()}"
        return f"{number} x {self.unit}" if self.unit else str(number)

    @overload
    def __get__(self, owner: None, kind: type[RegisterFile]) -> Field: ...

    @overload
    def __get__(self, owner: RegisterFile, kind: type[RegisterFile]) -> int: ...

    def __get__(self, owner: RegisterFile | None, kind: type[RegisterFile]) -> Field | int:
        """The field itself on the class; its value on an instance."""
        return self if owner is None else self.of(owner.read(self.register))

    def __set__(self, owner: RegisterFile, value: int) -> None:
        """One transfer: the other bits come from the shadow."""
        owner.set_fields(self.register, {self: value})


class Flag(Field):
    """One bit."""

    def __init__(self, register: Register, bit: int, *, access: Kind | None = None) -> None:
        super().__init__(register, bit, access=access)


@dataclass(frozen=True, slots=True)
class DumpLine:
    """One register as a person wants to see it."""

    name: str
    address: int
    value: int
    reset: int | None
    fields: dict[str, str]

    @property
    def differs(self) -> bool:
        """Whether the value is another than after reset."""
        return self.reset is not None and self.value != self.reset


class RegisterFile:
    """All registers of one chip; subclasses name the fields and list the ``registers``."""

    registers: ClassVar[Mapping[int, Register]] = {}
    fields: ClassVar[Mapping[str, Field]] = {}
    _by_register: ClassVar[Mapping[int, tuple[Field, ...]]] = {}

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        cls.fields = {
            name: item for base in reversed(cls.__mro__) for name, item in _fields_in(base)
        }
        by_register: dict[int, list[Field]] = {}
        for item in cls.fields.values():
            by_register.setdefault(item.register.address, []).append(item)
        cls._by_register = {
            address: tuple(sorted(items, key=lambda item: -item.high))
            for address, items in by_register.items()
        }

    def __init__(self, access: ChipAccess, chip: str = "") -> None:
        self._access = access
        self._chip = chip
        self._shadow: dict[int, int] = {}

    # --- whole registers ---------------------------------------------------------------------

    def read(self, register: Register) -> int:
        """Value of a register: from the shadow unless it is volatile or was never seen."""
        if not register.volatile:
            known = self._shadow.get(register.address)
            if known is not None:
                return known
        value = self._access.read(register.address)
        if not register.volatile:
            self._shadow[register.address] = value
        return value

    def write(self, register: Register, value: int) -> None:
        """Write a whole register.

        Raises:
            FieldError: the register is read-only or the value does not fit.
        """
        self.note(register, value)
        self._access.write(register.address, value)

    def note(self, register: Register, value: int) -> None:
        """Check a write and remember it, without sending: for writes that are sent in a batch."""
        if register.access is Kind.READ:
            raise FieldError(f"{register.name} is read-only, not writable ({register})")
        if not 0 <= value <= register.limit:
            raise FieldError(
                f"{register.name}: {value:#x} does not fit in {register.width} bits,"
                f" at most {register.limit:#x} ({register})"
            )
        if register.access is Kind.WRITE:
            self._shadow[register.address] = value

    def shadow(self, register: Register) -> int:
        """What the register holds as far as is known: last write, or the reset value.

        Raises:
            FieldError: it was never written and has no defined reset value.
        """
        value = self._shadow.get(register.address, register.reset)
        if value is None:
            raise FieldError(
                f"{register.name} was never written and its reset value is undefined ({register})"
            )
        return value

    def forget(self) -> None:
        """The chip was reset: every shadow is the reset value again."""
        self._shadow.clear()

    def verified_write(self, register: Register, value: int, tries: int = 3) -> None:
        """Write, read back and try again at most ``tries`` times in all.

        Raises:
            BringUpError: the register never read back as written.
        """
        back = -1
        for _ in range(tries):
            self.write(register, value)
            back = self._access.read(register.address)
            if back == value:
                return
        raise BringUpError(
            f"{self._chip}: {register} read {back:#04x} after {value:#04x} was written"
            f" {tries} times"
        )

    # --- fields --------------------------------------------------------------------------------

    def set_fields(self, register: Register, values: Mapping[Field, int]) -> None:
        """Change several fields of one register in one transfer."""
        self.write(register, self.compose(register, values))

    def compose(self, register: Register, values: Mapping[Field, int]) -> int:
        """The register value that results from the shadow and these fields; nothing is sent."""
        if register.access is not Kind.WRITE:
            for item in values:
                item.into(0, 0)  # raises with the field's own name
        raw = self._writable(register, self._base(register))
        for item, value in values.items():
            raw = item.into(raw, value)
        return raw

    def update(self, **values: int) -> None:
        """Change fields by name, all of one register, in one transfer: ``update(a=1, b=2)``.

        Raises:
            FieldError: an unknown field, fields of several registers, or an illegal value.
        """
        items: dict[Field, int] = {}
        for name, value in values.items():
            item = type(self).fields.get(name)
            if item is None:
                raise FieldError(f"{name}: {type(self).__name__} has no such field")
            items[item] = value
        found = {item.register for item in items}
        if len(found) != 1:
            names = ", ".join(sorted(str(register.address) for register in found))
            raise FieldError(f"update: fields of one register only, these lie in {names}")
        self.set_fields(found.pop(), items)

    def clear(self, *flags: Field) -> None:
        """Clear sticky flags of one register, leaving its others alone.

        Raises:
            FieldError: a flag that is not cleared by writing, or flags of several registers.
        """
        register = flags[0].register
        mask = 0
        for item in flags:
            if item.register is not register:
                raise FieldError(f"clear: {item.name} does not lie in {register}")
            if item.access not in {Kind.WRITE_1_CLEAR, Kind.WRITE_0_CLEAR}:
                raise FieldError(f"{item.name} is {item.access.value}, not clearable ({register})")
            mask |= item.mask
        ones = flags[0].access is Kind.WRITE_1_CLEAR
        self._access.write(register.address, mask if ones else register.limit & ~mask)

    # --- for people ----------------------------------------------------------------------------

    @classmethod
    def decode(cls, address: int, raw: int) -> dict[str, str]:
        """Fields of one register value, by name, most significant first."""
        return {item.name: item.text(raw) for item in cls._by_register.get(address, ())}

    @classmethod
    def dump(cls, values: Mapping[int, int]) -> list[DumpLine]:
        """Registers for people: those that differ from reset first, each group by address."""
        lines = [
            DumpLine(
                cls.registers[address].name,
                address,
                value,
                cls.registers[address].reset,
                cls.decode(address, value),
            )
            for address, value in sorted(values.items())
            if address in cls.registers
        ]
        return sorted(lines, key=lambda line: not line.differs)

    def _base(self, register: Register) -> int:
        known = self._shadow.get(register.address, register.reset)
        if known is None:
            known = self._access.read(register.address)
            self._shadow[register.address] = known
        return known

    @classmethod
    def _writable(cls, register: Register, raw: int) -> int:
        """Drop read-only bits of a mixed register, so that the chip's own bits are not written."""
        for item in cls._by_register.get(register.address, ()):
            if item.access is Kind.READ:
                raw &= ~item.mask
        return raw


def _fields_in(owner: type) -> Iterator[tuple[str, Field]]:
    return ((name, item) for name, item in vars(owner).items() if isinstance(item, Field))


def table(*registers: Register) -> dict[int, Register]:
    """Registers by address; ``FieldError`` when two share one."""
    found: dict[int, Register] = {}
    for register in registers:
        if register.address in found:
            raise FieldError(f"{register} has the address of {found[register.address]}")
        found[register.address] = register
    return found
