"""From the typed fleet to the files that are written: domain XML, host files, manifest, source map."""
