"""Set-up: brings a bare machine to a running Sammati. Standard library only; it must not import Django."""
