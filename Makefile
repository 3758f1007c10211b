# Every target sets the checkout up first; nothing else is needed on the first day.
SHELL := /bin/bash
PY := .venv/bin/python
RUFF := .venv/bin/ruff
WORKERS ?= 2
# Bytecode is kept, whatever the shell says: else every process that a test starts compiles anew.
PYTEST := env -u PYTHONDONTWRITEBYTECODE $(PY) -m pytest

.PHONY: help setup check fast test run bench soak sip sip-hostile sip-meeting device-test image image-check image-boot image-test update update-matrix update-test install uninstall format clean

help: ## what can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed 's/:.*## /\t/' | expand -t 14

setup: ## Debian packages, .venv and the locked Python packages
	@bash .ci/setup

check: setup ## format, lint, types, import rules
	@$(RUFF) format --check -q .
	@$(RUFF) check -q .
	@.venv/bin/mypy
	@.venv/bin/lint-imports --no-cache >/tmp/tipring-imports.$$$$ 2>&1 || { cat /tmp/tipring-imports.$$$$; exit 1; }; rm -f /tmp/tipring-imports.$$$$

fast: setup ## the fast tests, within 3 minutes
	@$(PYTEST) -n $(WORKERS) -m "not slow and not soak and not board" tests

test: check ## everything CI runs, within 15 minutes
	@$(PYTEST) -n $(WORKERS) -m "not soak and not board and not real" tests
	@$(PYTEST) -m "real and not soak and not board" $$(grep -rl --include='test_*.py' 'mark\.real' tests)

run: setup ## the whole box on its bench, with its page
	@$(PY) -m tests.bench run

bench: setup ## figures: medians beside the rival or the limit
	@$(PY) -m tests.bench figures

soak: setup ## what takes longer than make test; leaves its figures in tests/soak.md
	@$(PYTEST) -m soak -s tests

sip: setup ## flows of SIP messages against the trunk daemon, by SIPp
	@$(PY) -m tests.sip
	@$(PY) -m tests.sip.telephone
	@$(PY) -m tests.sip.carried
	@$(PY) -m tests.sip.drift

sip-meeting: setup ## offices linked with each other, telephones and sound, with Kamailio between three; as root, installs tests/sip/packages.txt
	@bash tests/sip/packages.sh
	@$(PY) -m tests.sip.meeting

sip-hostile: setup ## attacks on the trunk daemon while a conversation goes on; as root, installs tests/sip/packages.txt
	@bash tests/sip/packages.sh
	@$(PY) -m tests.sip.hostile
	@$(PY) -m tests.sip.doors

device-test: setup ## genuine GPIO and ALSA modules against kernel devices, in a small guest
	@bash tests/hardware/device_test.sh

image: setup ## the SD card in out/image; as root, from the registries alone
	@$(PY) -m image build

update: setup ## an update for boxes that run, signed, of the slot that was built last
	@$(PY) -m image bundle

update-matrix: setup ## good and bad updates and power cuts with RAUC on this machine; as root
	@$(PY) -m image update-matrix

update-test: setup ## the same in an emulated machine with the real boot script, after make image
	@$(PY) -m image update-test
	@$(PY) -m tests.image.renewal

image-check: setup ## the built card, looked at without starting it; as root
	@$(PY) -m image check

image-boot: setup ## start that image once, with nothing attached (.ci/boot: build, check, this)
	@$(PY) -m image boot

image-test: setup ## boot that very image in an emulated machine, with the bench's card, screen and sticks too
	@$(PY) -m image test
	@$(PY) -m tests.image.attached
	@$(PY) -m tests.image.rescue

install: ## the units on this Debian machine, as root; systemd/install.sh says how to take them away
	@bash systemd/install.sh

uninstall: ## the units away from this machine, as root; the data stays
	@bash systemd/install.sh --uninstall

format: setup ## rewrite the tree in the house format
	@$(RUFF) format -q .
	@$(RUFF) check -q --fix .

clean: ## forget everything that setup made
	@rm -rf .venv .mypy_cache .ruff_cache .pytest_cache
