"""The only code that reads the world: files, archives, events, indexes.

A source knows no rule. It hands on facts, or raises a ``SourceError``.
"""
