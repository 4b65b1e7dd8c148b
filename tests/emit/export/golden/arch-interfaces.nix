# Written by vmspec: change the source and export again.
{ pkgs, ... }:
{
  environment.etc."systemd/network/50-vmspec-bond0.netdev" = { text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [NetDev]
    Name=bond0
    Kind=bond
    MTUBytes=9000

    [Bond]
    Mode=802.3ad
    MIIMonitorSec=100ms
  ''; };
  environment.etc."systemd/network/50-vmspec-bond0.network" = { text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Match]
    Name=bond0

    [Link]
    MTUBytes=9000
    RequiredForOnline=no

    [Network]
    Bridge=br0
    LinkLocalAddressing=no

    [BridgeVLAN]
    VLAN=1
    PVID=1
    EgressUntagged=1

    [BridgeVLAN]
    VLAN=2-4094
  ''; };
  environment.etc."systemd/network/50-vmspec-br0.netdev" = { text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [NetDev]
    Name=br0
    Kind=bridge
    MTUBytes=9000

    [Bridge]
    STP=no
    ForwardDelaySec=0
    VLANFiltering=yes
  ''; };
  environment.etc."systemd/network/50-vmspec-br0.network" = { text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Match]
    Name=br0

    [Link]
    MTUBytes=9000

    [Network]
    Address=192.0.2.9/24
    Address=192.0.2.8/24
    Address=2001:db8::9/64
    Gateway=192.0.2.1
    Gateway=2001:db8::1
  ''; };
  environment.etc."systemd/network/50-vmspec-br1.netdev" = { text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [NetDev]
    Name=br1
    Kind=bridge

    [Bridge]
    STP=no
    ForwardDelaySec=0
    VLANFiltering=no
  ''; };
  environment.etc."systemd/network/50-vmspec-br1.network" = { text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Match]
    Name=br1

    [Link]

    [Network]
    DHCP=yes
  ''; };
  environment.etc."systemd/network/50-vmspec-eno1.network" = { text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Match]
    Name=eno1

    [Link]
    MTUBytes=9000
    RequiredForOnline=no

    [Network]
    Bond=bond0
    LinkLocalAddressing=no
  ''; };
  environment.etc."systemd/network/50-vmspec-eno2.network" = { text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Match]
    Name=eno2

    [Link]
    MTUBytes=9000
    RequiredForOnline=no

    [Network]
    Bond=bond0
    LinkLocalAddressing=no
  ''; };
  environment.etc."systemd/network/50-vmspec-eno3.network" = { text = ''
    # Written by vmspec, which owns this file whole: change the source and build again; remove the file to undo it.
    [Match]
    Name=eno3

    [Link]
    MTUBytes=9000
    RequiredForOnline=no

    [Network]
    Bridge=br1
    LinkLocalAddressing=no
  ''; };
}
