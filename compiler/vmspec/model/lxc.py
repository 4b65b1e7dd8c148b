"""What only containers of libvirt's LXC driver have (docs/drvlxc.rst, src/conf/schemas/domaincommon.rng 9.0.0)."""

from vmspec.model.block import Annotated, Attr, Block
from vmspec.model.kind import ON_OFF, TEXT, OneOf
from vmspec.model.value import Symbol


class LinuxCapabilities(Block):
    """Which Linux capabilities a container keeps; each name is that of capabilities(7) without CAP_."""

    policy: Annotated[
        Symbol | None,
        Attr("features/capabilities/@policy", OneOf("default", "allow", "deny"), "What holds for those that are not named.", since="1.1.0"),
    ] = None
    audit_control: Annotated[
        bool | None, Attr("features/capabilities/audit_control/@state", ON_OFF, "CAP_AUDIT_CONTROL.", since="1.1.0")
    ] = None
    audit_write: Annotated[bool | None, Attr("features/capabilities/audit_write/@state", ON_OFF, "CAP_AUDIT_WRITE.", since="1.1.0")] = None
    block_suspend: Annotated[
        bool | None, Attr("features/capabilities/block_suspend/@state", ON_OFF, "CAP_BLOCK_SUSPEND.", since="1.1.0")
    ] = None
    chown: Annotated[bool | None, Attr("features/capabilities/chown/@state", ON_OFF, "CAP_CHOWN.", since="1.1.0")] = None
    dac_override: Annotated[bool | None, Attr("features/capabilities/dac_override/@state", ON_OFF, "CAP_DAC_OVERRIDE.", since="1.1.0")] = (
        None
    )
    dac_read_search: Annotated[
        bool | None, Attr("features/capabilities/dac_read_search/@state", ON_OFF, "CAP_DAC_READ_SEARCH.", since="1.1.0")
    ] = None
    fowner: Annotated[bool | None, Attr("features/capabilities/fowner/@state", ON_OFF, "CAP_FOWNER.", since="1.1.0")] = None
    fsetid: Annotated[bool | None, Attr("features/capabilities/fsetid/@state", ON_OFF, "CAP_FSETID.", since="1.1.0")] = None
    ipc_lock: Annotated[bool | None, Attr("features/capabilities/ipc_lock/@state", ON_OFF, "CAP_IPC_LOCK.", since="1.1.0")] = None
    ipc_owner: Annotated[bool | None, Attr("features/capabilities/ipc_owner/@state", ON_OFF, "CAP_IPC_OWNER.", since="1.1.0")] = None
    kill: Annotated[bool | None, Attr("features/capabilities/kill/@state", ON_OFF, "CAP_KILL.", since="1.1.0")] = None
    lease: Annotated[bool | None, Attr("features/capabilities/lease/@state", ON_OFF, "CAP_LEASE.", since="1.1.0")] = None
    linux_immutable: Annotated[
        bool | None, Attr("features/capabilities/linux_immutable/@state", ON_OFF, "CAP_LINUX_IMMUTABLE.", since="1.1.0")
    ] = None
    mac_admin: Annotated[bool | None, Attr("features/capabilities/mac_admin/@state", ON_OFF, "CAP_MAC_ADMIN.", since="1.1.0")] = None
    mac_override: Annotated[bool | None, Attr("features/capabilities/mac_override/@state", ON_OFF, "CAP_MAC_OVERRIDE.", since="1.1.0")] = (
        None
    )
    mknod: Annotated[bool | None, Attr("features/capabilities/mknod/@state", ON_OFF, "CAP_MKNOD.", since="1.1.0")] = None
    net_admin: Annotated[bool | None, Attr("features/capabilities/net_admin/@state", ON_OFF, "CAP_NET_ADMIN.", since="1.1.0")] = None
    net_bind_service: Annotated[
        bool | None, Attr("features/capabilities/net_bind_service/@state", ON_OFF, "CAP_NET_BIND_SERVICE.", since="1.1.0")
    ] = None
    net_broadcast: Annotated[
        bool | None, Attr("features/capabilities/net_broadcast/@state", ON_OFF, "CAP_NET_BROADCAST.", since="1.1.0")
    ] = None
    net_raw: Annotated[bool | None, Attr("features/capabilities/net_raw/@state", ON_OFF, "CAP_NET_RAW.", since="1.1.0")] = None
    setgid: Annotated[bool | None, Attr("features/capabilities/setgid/@state", ON_OFF, "CAP_SETGID.", since="1.1.0")] = None
    setfcap: Annotated[bool | None, Attr("features/capabilities/setfcap/@state", ON_OFF, "CAP_SETFCAP.", since="1.1.0")] = None
    setpcap: Annotated[bool | None, Attr("features/capabilities/setpcap/@state", ON_OFF, "CAP_SETPCAP.", since="1.1.0")] = None
    setuid: Annotated[bool | None, Attr("features/capabilities/setuid/@state", ON_OFF, "CAP_SETUID.", since="1.1.0")] = None
    sys_admin: Annotated[bool | None, Attr("features/capabilities/sys_admin/@state", ON_OFF, "CAP_SYS_ADMIN.", since="1.1.0")] = None
    sys_boot: Annotated[bool | None, Attr("features/capabilities/sys_boot/@state", ON_OFF, "CAP_SYS_BOOT.", since="1.1.0")] = None
    sys_chroot: Annotated[bool | None, Attr("features/capabilities/sys_chroot/@state", ON_OFF, "CAP_SYS_CHROOT.", since="1.1.0")] = None
    sys_module: Annotated[bool | None, Attr("features/capabilities/sys_module/@state", ON_OFF, "CAP_SYS_MODULE.", since="1.1.0")] = None
    sys_nice: Annotated[bool | None, Attr("features/capabilities/sys_nice/@state", ON_OFF, "CAP_SYS_NICE.", since="1.1.0")] = None
    sys_pacct: Annotated[bool | None, Attr("features/capabilities/sys_pacct/@state", ON_OFF, "CAP_SYS_PACCT.", since="1.1.0")] = None
    sys_ptrace: Annotated[bool | None, Attr("features/capabilities/sys_ptrace/@state", ON_OFF, "CAP_SYS_PTRACE.", since="1.1.0")] = None
    sys_rawio: Annotated[bool | None, Attr("features/capabilities/sys_rawio/@state", ON_OFF, "CAP_SYS_RAWIO.", since="1.1.0")] = None
    sys_resource: Annotated[bool | None, Attr("features/capabilities/sys_resource/@state", ON_OFF, "CAP_SYS_RESOURCE.", since="1.1.0")] = (
        None
    )
    sys_time: Annotated[bool | None, Attr("features/capabilities/sys_time/@state", ON_OFF, "CAP_SYS_TIME.", since="1.1.0")] = None
    sys_tty_config: Annotated[
        bool | None, Attr("features/capabilities/sys_tty_config/@state", ON_OFF, "CAP_SYS_TTY_CONFIG.", since="1.1.0")
    ] = None
    syslog: Annotated[bool | None, Attr("features/capabilities/syslog/@state", ON_OFF, "CAP_SYSLOG.", since="1.1.0")] = None
    wake_alarm: Annotated[bool | None, Attr("features/capabilities/wake_alarm/@state", ON_OFF, "CAP_WAKE_ALARM.", since="1.1.0")] = None


class Lxc(Block):
    """Namespaces that a container shares with something else instead of having its own."""

    sharenet_type: Annotated[
        Symbol | None, Attr("lxc:namespace/lxc:sharenet/@type", OneOf("netns", "name", "pid"), "Whose network it shares.", since="1.2.19")
    ] = None
    sharenet: Annotated[
        str | None, Attr("lxc:namespace/lxc:sharenet/@value", TEXT, "The namespace, container or process.", since="1.2.19")
    ] = None
    shareipc_type: Annotated[
        Symbol | None, Attr("lxc:namespace/lxc:shareipc/@type", OneOf("name", "pid"), "Whose IPC it shares.", since="1.2.19")
    ] = None
    shareipc: Annotated[str | None, Attr("lxc:namespace/lxc:shareipc/@value", TEXT, "The container or process.", since="1.2.19")] = None
    shareuts_type: Annotated[
        Symbol | None, Attr("lxc:namespace/lxc:shareuts/@type", OneOf("name", "pid"), "Whose host name it shares.", since="1.2.19")
    ] = None
    shareuts: Annotated[str | None, Attr("lxc:namespace/lxc:shareuts/@value", TEXT, "The container or process.", since="1.2.19")] = None
