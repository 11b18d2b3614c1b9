"""The story: only the order of the steps and what is waited for. Deterministic: no clock, no chance, no settings, no I/O."""
