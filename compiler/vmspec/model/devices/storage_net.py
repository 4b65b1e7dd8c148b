"""Disks on the network: Ceph, NBD, iSCSI, web servers and others."""

from vmspec.model.block import Annotated, Attr, Block, OpenMap, Sub
from vmspec.model.devices.kinds import (
    ABSOLUTE,
    BYTES,
    COOKIE,
    HOST,
    SECONDS,
    SECRET_UUID,
)
from vmspec.model.devices.storage_parts import Encrypted, Raw, Reconnect, Source
from vmspec.model.kind import NAME, SECRET, TEXT, YES_NO, ListOf
from vmspec.model.value import Duration, Secret, Size


class NetworkSource(Source, Raw, Encrypted):
    """What all network storage takes."""

    when = "network"

    name: Annotated[
        str | None, Attr("source/@name", TEXT, "What to open on the server: pool/image, export, target or path.", since="0.8.7")
    ] = None


class Logged(Block):
    """Network storage with a user name and a secret of the kind iscsi."""

    user: Annotated[str | None, Attr("source/auth/@username", NAME, "User name.", since="0.9.7")] = None
    secret: Annotated[
        Secret | None, Attr("source/auth/secret[@type='iscsi']/@usage", SECRET, "libvirt's secret with the password.", since="0.9.7")
    ] = None
    secret_uuid: Annotated[
        str | None,
        Attr("source/auth/secret[@type='iscsi']/@uuid", SECRET_UUID, "UUID of that secret, in place of its usage.", since="0.9.7"),
    ] = None


class Hosts(Block):
    """Network storage with a list of servers."""

    hosts: Annotated[tuple[str, ...], Attr("source/host*", ListOf(HOST), "The servers, each host:port.", since="0.8.7")] = ()


class Transfer(Block):
    """Storage that is read with a transfer protocol."""

    readahead: Annotated[Size | None, Attr("source/readahead/@size", BYTES, "How far to read ahead, in bytes.", since="6.2.0")] = None
    timeout: Annotated[
        Duration | None, Attr("source/timeout/@seconds", SECONDS, "How long to wait for an answer, in seconds.", since="6.2.0")
    ] = None


class Verified(Block):
    """A server with a TLS certificate."""

    ssl_verify: Annotated[
        bool | None, Attr("source/ssl/@verify", YES_NO, "Whether the server's certificate is checked.", since="6.2.0")
    ] = None


class RbdSource(NetworkSource):
    """An image of a Ceph cluster: `rbd("pool/image", monitors = ["ceph-mon-1:6789"])`."""

    tag = "rbd"
    constants = (("source/@protocol", "rbd"),)
    positional = ("name",)

    monitors: Annotated[
        tuple[str, ...], Attr("source/host*", ListOf(HOST), "The monitors, each host:port; none: as in Ceph's own configuration.")
    ] = ()
    user: Annotated[str | None, Attr("source/auth/@username", NAME, "Ceph user, without `client.`.", since="0.9.7")] = None
    secret: Annotated[
        Secret | None, Attr("source/auth/secret[@type='ceph']/@usage", SECRET, "libvirt's secret with the user's key.", since="0.9.7")
    ] = None
    secret_uuid: Annotated[
        str | None,
        Attr("source/auth/secret[@type='ceph']/@uuid", SECRET_UUID, "UUID of that secret, in place of its usage.", since="0.9.7"),
    ] = None
    snapshot: Annotated[str | None, Attr("source/snapshot/@name", NAME, "Snapshot of the image to use.", since="1.2.11")] = None
    config: Annotated[str | None, Attr("source/config/@file", ABSOLUTE, "Configuration file for librados.", since="1.2.11")] = None


class NbdSource(NetworkSource, Hosts):
    """An export of an NBD server."""

    tag = "nbd"
    constants = (("source/@protocol", "nbd"),)
    positional = ("name",)

    tls: Annotated[bool | None, Attr("source/@tls", YES_NO, "Whether the connection is encrypted.", since="4.5.0")] = None
    tls_hostname: Annotated[
        str | None, Attr("source/@tlsHostname", TEXT, "Name that the server's certificate must have.", since="8.2.0")
    ] = None
    reconnect: Annotated[Reconnect | None, Sub("How long requests wait for a lost server.", at="source/reconnect", since="9.2.0")] = None


class IscsiSource(NetworkSource, Hosts, Logged):
    """A LUN that QEMU's own initiator opens."""

    tag = "iscsi"
    constants = (("source/@protocol", "iscsi"),)
    positional = ("name",)

    initiator: Annotated[str | None, Attr("source/initiator/iqn/@name", TEXT, "IQN of the initiator.", since="4.7.0")] = None


class Http(NetworkSource, Hosts, Logged, Transfer):
    """A read-only image on a web server."""

    positional = ("name",)

    query: Annotated[str | None, Attr("source/@query", TEXT, "Query string of the address.", since="6.2.0")] = None
    cookies: Annotated[dict[str, str] | None, OpenMap(COOKIE, "Cookies to send.", place="source/cookies/cookie", key="@name", value="")] = (
        None
    )


class HttpSource(Http):
    """A read-only image on a web server, unencrypted."""

    tag = "http"
    constants = (("source/@protocol", "http"),)


class HttpsSource(Http, Verified):
    """A read-only image on a web server."""

    tag = "https"
    constants = (("source/@protocol", "https"),)


class FtpSource(NetworkSource, Hosts, Logged, Transfer):
    """A read-only image on an FTP server."""

    tag = "ftp"
    constants = (("source/@protocol", "ftp"),)
    positional = ("name",)


class FtpsSource(NetworkSource, Hosts, Logged, Transfer, Verified):
    """A read-only image on an FTP server with TLS."""

    tag = "ftps"
    constants = (("source/@protocol", "ftps"),)
    positional = ("name",)


class TftpSource(NetworkSource, Hosts, Transfer):
    """A read-only image on a TFTP server."""

    tag = "tftp"
    constants = (("source/@protocol", "tftp"),)
    positional = ("name",)


class SheepdogSource(NetworkSource, Hosts, Transfer):
    """An image of a Sheepdog cluster."""

    tag = "sheepdog"
    constants = (("source/@protocol", "sheepdog"),)
    positional = ("name",)


class GlusterSource(NetworkSource, Hosts):
    """An image on a Gluster volume: volume/path."""

    tag = "gluster"
    constants = (("source/@protocol", "gluster"),)
    positional = ("name",)


class VxhsSource(NetworkSource, Hosts):
    """A Veritas HyperScale volume."""

    tag = "vxhs"
    constants = (("source/@protocol", "vxhs"),)
    positional = ("name",)

    tls: Annotated[bool | None, Attr("source/@tls", YES_NO, "Whether the connection is encrypted.", since="4.5.0")] = None


class NfsSource(NetworkSource, Hosts):
    """An image on an NFS export that QEMU opens itself."""

    tag = "nfs"
    constants = (("source/@protocol", "nfs"),)
    positional = ("name",)

    user: Annotated[
        str | None, Attr("source/identity/@user", NAME, "User as whom to open it: a name, or + and a number.", since="7.0.0")
    ] = None
    group: Annotated[str | None, Attr("source/identity/@group", NAME, "Group as which to open it.", since="7.0.0")] = None


class SshSource(NetworkSource, Hosts, Logged, Transfer):
    """An image read over SSH; needs nbdkit on the host."""

    tag = "ssh"
    constants = (("source/@protocol", "ssh"),)
    positional = ("name",)

    known_hosts: Annotated[str | None, Attr("source/knownHosts/@path", ABSOLUTE, "File with the keys of known servers.", since="9.8.0")] = (
        None
    )
    login: Annotated[str | None, Attr("source/identity/@username", NAME, "User name for a key.", since="9.8.0")] = None
    keyfile: Annotated[str | None, Attr("source/identity/@keyfile", ABSOLUTE, "File with the private key.", since="9.8.0")] = None
    agent: Annotated[str | None, Attr("source/identity/@agentsock", ABSOLUTE, "Socket of an SSH agent.", since="9.8.0")] = None
