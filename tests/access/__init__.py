"""Who may do what at which address: a table, and the people and things that it is tried out with."""
