"""The register in and out: the ICO's CSV, a workbook with every field, a fiche per activity, JSON-LD in DPV.

Read in this order: cells.py (one value, one text), ico_cells.py and ico.py, columns.py and sheets.py, files.py and
workbooks.py (bytes as they come), reading.py (any file → entries and faults), incoming.py and taking.py (what it would
change, and the change), outgoing.py, dpv.py.
"""
