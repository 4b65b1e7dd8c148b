# Written by vmspec: change the source and export again.
{ pkgs, ... }:
{
}
