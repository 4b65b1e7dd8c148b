"""The command line: `vmc`. One file a command, loaded when it is asked for."""
