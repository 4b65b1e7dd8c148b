# Written by vmspec: change the source and export again.
{ pkgs, ... }:
{
  boot.kernelParams = [
    "isolcpus=managed_irq,domain,2-7"
    "nohz_full=2-7"
  ];
}
