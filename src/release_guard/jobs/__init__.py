"""The jobs: gather facts, judge them, hand back a report. Nothing is printed here."""
