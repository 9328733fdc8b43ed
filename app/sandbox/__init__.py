"""An independent peer over real HTTP: a local Salesforce org. It imports nothing else of `app`."""
