"""Measurements: each takes ours and its reference in one run. Started by ./run bench [NAME…]."""
