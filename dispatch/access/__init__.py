"""Who may do what: roles, one policy, records of people and devices, and the rules of signing in. Pure."""
