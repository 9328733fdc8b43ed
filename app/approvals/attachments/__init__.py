"""Files of requests.

rules       what a field takes, and the refusals of others
scanning    whether a scanner calls a file clean
service     attach, list, fetch, remove, scan again
routes      the API
"""
