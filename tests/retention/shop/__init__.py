"""A host's application: what a company mounts Sammati beside."""
