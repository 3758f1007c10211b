"""What the image is made of, for whoever has to know: an SPDX document of every package in it."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from email import message_from_string
from pathlib import Path

from image.debian import Locked


def python_packages(site: Path) -> list[tuple[str, str, str]]:
    """Name, version and licence of what lies in ``site-packages``."""
    found = []
    for info in sorted(site.glob("*.dist-info")):
        about = message_from_string((info / "METADATA").read_text(encoding="utf-8"))
        licence = about.get("License-Expression") or about.get("License") or "NOASSERTION"
        found.append((about["Name"], about["Version"], licence.splitlines()[0][:80]))
    return found


def spdx(locked: list[Locked], site: Path, version: str, epoch: int) -> str:
    """An SPDX 2.3 document as JSON; the same inputs give the same bytes."""
    packages = [
        {
            "SPDXID": "SPDXRef-deb-" + re.sub(r"[^A-Za-z0-9.-]", "-", one.name),
            "name": one.name,
            "versionInfo": one.version,
            "downloadLocation": "NOASSERTION",
            "checksums": [{"algorithm": "SHA256", "checksumValue": one.sha256}],
            "supplier": "Organization: Debian",
            "externalRefs": [
                {
                    "referenceCategory": "PACKAGE-MANAGER",
                    "referenceType": "purl",
                    "referenceLocator": f"pkg:deb/debian/{one.name}@{one.version}?arch=arm64",
                }
            ],
        }
        for one in locked
        if not one.name.endswith("-dev")
    ]
    packages += [
        {
            "SPDXID": "SPDXRef-py-" + re.sub(r"[^A-Za-z0-9.-]", "-", name),
            "name": name,
            "versionInfo": of,
            "downloadLocation": "NOASSERTION",
            "licenseDeclared": "NOASSERTION",
            "comment": f"licence as its maker says: {licence}",
        }
        for name, of, licence in python_packages(site)
    ]
    document = {
        "spdxVersion": "SPDX-2.3",
        "dataLicense": "CC0-1.0",
        "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"tipring {version}",
        "documentNamespace": f"https://tipring.local/image/{version}",
        "creationInfo": {
            "created": datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "creators": ["Tool: tipring image"],
        },
        "packages": packages,
    }
    return json.dumps(document, indent=1, ensure_ascii=False) + "\n"
