# Before Django: for the texts of its fields pydantic looks through all modules that there are, which took a fifth of a
# second of each command, worker and run of the tests.
import scim2_models  # noqa: F401
