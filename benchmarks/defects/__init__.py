"""A benchmark of defects of Python releases, and of the tools that look for them.

Only the standard library is needed to build the sets; see README.md beside this file.
"""
