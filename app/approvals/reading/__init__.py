"""Requests as their readers see them.

item            a request as a line of a list, with who holds it
lists           pages, counts and the export
inbox           what somebody may decide, in their own place or in another's
detail          one request with its route, decisions and timeline
authorizations  by number, and those of a request
workflows       what somebody may start
"""
