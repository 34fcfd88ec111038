"""The budgets, measured. Never part of the tests: a busy machine must not fail them."""
