"""Benchmarks: ours beside a peer, on the same machine in alternating runs, as ratios.

Each module has `rows()`, which yields `report.Row`s as they are measured.
"""
