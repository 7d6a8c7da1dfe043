"""The intermediate representation: a typed tree of actions with structured control flow."""
