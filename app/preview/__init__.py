"""The Lightning pages in a browser, without an org.

build      the pages from `sfdx`, made once for each state of the sources
people     who of the sandbox org may be chosen, and the exchange of the org's word for a token
server     serves the pages, keeps who is signed in, and passes calls on to the API with that person's token
commands   `tandem preview`
"""
