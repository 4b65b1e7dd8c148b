"""The commands of `vmc` by name: where each lives, and its line in the list of commands."""

from __future__ import annotations

from importlib import import_module

from vmspec.cli.command import Command

COMMANDS: dict[tuple[str, ...], tuple[str, str]] = {
    ("build",): ("build", "Compile, check against the schemas and write the artifacts."),
    ("check",): ("check", "Everything but writing; also takes libvirt domain XML."),
    ("fmt",): ("fmt", "Format sources; there is one style and no options."),
    ("why",): ("why", "Show where a value comes from."),
    ("eval",): ("eval", "Print a value."),
    ("explain",): ("explain", "Explain a diagnostic."),
    ("test",): ("test", "Run the test blocks."),
    ("init",): ("init", "Start a project."),
    ("diff",): ("diff", "Show what a change of the sources does to the outputs."),
    ("plan",): ("plan", "Show what a deploy would do to hosts."),
    ("place",): ("place", "Choose hosts, nodes and CPUs for VMs that leave that to it."),
    ("deploy",): ("deploy", "Make hosts what the program says."),
    ("rollback",): ("rollback", "Go back to the definitions before the last deploy, or to an earlier one."),
    ("history",): ("history", "List what has been deployed to hosts from here."),
    ("verify",): ("verify", "Find what differs on hosts from the program."),
    ("facts",): ("facts", "Write what a host is to a file to commit, or compare such a file."),
    ("host", "propose"): ("host_propose", "Write a host block from facts, with reasons."),
    ("rehearse",): ("rehearse", "Boot a host's arguments and files under QEMU, and compare."),
    ("export",): ("export", "Write a host as a MachineConfig or a NixOS module."),
    ("import",): ("import_", "Turn libvirt XML into sources, losing nothing."),
    ("schema",): ("schema", "Print the JSON Schema or the XSD of what we emit."),
    ("docs",): ("docs", "Write the reference as Markdown."),
    ("graph",): ("graph", "Print a picture of the profiles or of the placement, as text."),
    ("completion",): ("completion", "Print the completion script of a shell."),
    ("abi",): ("abi", "Show what a guest would see of another machine type."),
    ("lock", "show"): ("lock_show", "Print what the lock keeps of VMs."),
    ("lock", "renew"): ("lock_renew", "Lay a VM out anew, as if it had never been built; its identity stays."),
    ("lock", "reseed"): ("lock_reseed", "Give a VM a new instance id: cloud-init takes its next start for the first."),
    ("lock", "prune"): ("lock_prune", "Forget VMs that are gone, and what is reserved for devices that are gone."),
    ("dev", "print"): ("dev_print", "Print what a stage of the compiler makes of the sources."),
    ("dev", "coverage"): ("dev_coverage", "List what libvirt's schema has and no line of the model claims."),
}
"""Name → (module, help). A name of two words is a command of a group."""
GROUPS = {"host": "Of one host, from its facts.", "lock": "What vmspec.lock keeps of each VM.", "dev": "For work on the compiler itself."}


def load(name: tuple[str, ...]) -> Command:
    """The command itself; imports its module."""
    command = import_module(f"vmspec.cli.{COMMANDS[name][0]}").COMMAND
    assert isinstance(command, Command)
    return command
