"""What people and machines read: pure functions from a report to text.

No report decides anything, and every one of them speaks through ``escape``.
"""
