"""The paper, run again: the list of runs, the ledger of its claims, and a page with its figures."""
