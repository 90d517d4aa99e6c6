"""Proof of reliability: months that are killed again and again, and histories made up at random.

``python -m tests.chaos`` kills the run of a month, and PostgreSQL, at random instants until the month is done, and
holds every table against an undisturbed run. ``python -m tests.chaos histories`` runs random histories in two
provinces (hired, left, moved there and back, declared late, corrected, dead and not dead, refunded, a month reopened,
money assigned, a base published late) and computes every person's books again from the facts.
"""
