"""Files of requests.

scanning    what a file is, and whether a scanner calls it clean
service     attach, list, fetch, remove, scan again
routes      the API
"""
