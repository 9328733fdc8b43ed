"""`make demo`: the whole product on one machine, and the story it tells.

commands   `tandem demo`, and `tandem demo token` for whoever wants to call the API by hand
house      starts everything under one supervisor: services, org, web, worker, scheduler
story      the steps: what happened, for whom, and the proof, asked from the org
crm, api   the org and Tandem's API, as people use them
telling    lines, progress and the table of steps
"""
