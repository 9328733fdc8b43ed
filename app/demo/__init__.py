"""`make demo`: the whole product on one machine, and the story it tells.

commands   `tandem demo`, and `tandem demo token` for whoever wants to call the API by hand
house      starts everything under one supervisor: services, org, web, worker, scheduler
opening    what has to stand before: the org, the first sync, trust, the API
scene      what every chapter has at hand
joining    a company becomes a partner
dealing    a partner's deal, over its route, to the rep's next move
sharing    an account in two hands, and the quiet afterwards
crm, api   the org and Tandem's API, as people use them
telling    lines, progress and the table of steps
"""
