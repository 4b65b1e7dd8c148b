"""Runs inside the folder of another libvirt, by its own Python: its embedded QEMU driver, asked by lines of JSON.

A question is `{"do": NAME, …}`, an answer a JSON value on a line; `{"error", "code"}` where libvirt refuses. Standard library and libvirt.
"""

import json
import os
import sys
import threading
from pathlib import Path

os.environ["LIBVIRT_LOG_OUTPUTS"] = "1:file:/dev/null"
import libvirt  # type: ignore[import-untyped]

ROOT = "/tmp/embed"
SETTINGS = """\
user = "root"
group = "root"
swtpm_user = "root"
swtpm_group = "root"
stdio_handler = "file"
security_driver = "none"
namespaces = []
dynamic_ownership = 0
remember_owner = 0
"""
UNDEFINE = libvirt.VIR_DOMAIN_UNDEFINE_MANAGED_SAVE | libvirt.VIR_DOMAIN_UNDEFINE_NVRAM


def define(conn, xml, validate):
    """The definition as libvirt keeps it; nothing stays defined."""
    domain = conn.defineXMLFlags(xml, libvirt.VIR_DOMAIN_DEFINE_VALIDATE if validate else 0)
    kept = domain.XMLDesc(libvirt.VIR_DOMAIN_XML_INACTIVE | libvirt.VIR_DOMAIN_XML_SECURE)
    domain.undefineFlags(UNDEFINE)
    return kept


def native(conn, xml):
    return conn.domainXMLToNative("qemu-argv", xml, 0)


def version(conn):
    return [conn.getLibVersion(), conn.getVersion()]


def capabilities(conn):
    return conn.getCapabilities()


DOES = {"define": define, "native": native, "version": version, "capabilities": capabilities}


def serve():
    Path(ROOT, "etc").mkdir(parents=True, exist_ok=True)
    Path(ROOT, "etc", "qemu.conf").write_text(SETTINGS, encoding="utf-8")
    libvirt.virEventRegisterDefaultImpl()
    libvirt.registerErrorHandler(lambda *_: None, None)

    def loop():
        while True:
            libvirt.virEventRunDefaultImpl()

    threading.Thread(target=loop, daemon=True).start()
    conn = libvirt.open(f"qemu:///embed?root={ROOT}")
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            answer = DOES[asked.pop("do")](conn, **asked)
        except libvirt.libvirtError as failure:
            answer = {"error": failure.get_error_message(), "code": failure.get_error_code()}
        print(json.dumps(answer), flush=True)


serve()
