# make demo · make test · make bench · make lint: each does all its own set-up.
py := .venv/bin/python

.PHONY: help setup clients demo test unit analyze bench pictures lint lock format

help: ## What can be made here
	@grep -hE '^[a-z-]+:.*##' Makefile | sed -E 's/:.*## /\t/' | expand -t 12

setup: ## The virtual environment, exactly as locked
	@./.ci/setup

clients: setup ## What the tests run beside Python: npm clients, and the built pages
	@./.ci/setup clients

demo: setup ## The whole product on this machine; ONCE=1 verifies every step and stops
	@$(py) -m app.cli demo $(if $(ONCE),--once)

test: clients lint ## Every check and every test
	@$(py) -m pytest -n 4 --dist loadgroup

unit: setup ## The tests that need no server: seconds
	@$(py) -m pytest tests/unit

analyze: setup ## The checks of the Salesforce sources; ONLY="types soql" runs those
	@$(py) -m sfdx.checks $(ONLY)

bench: setup ## Ratios against named peers; ONLY=sync runs a part
	@$(py) -m tests.bench $(if $(ONLY),--only $(ONLY))

pictures: clients ## The pictures of the pages in the README and the admin's guide, from the running demo
	@$(py) -m tests.browser.pictures

lint: setup ## ruff, mypy and the order of the rooms
	@$(py) -m ruff check .
	@$(py) -m ruff format --check .
	@$(py) -m mypy
	@.venv/bin/python -c "from importlinter.cli import lint_imports_command as c; c()"

format: setup ## Let ruff put the code in shape, and prettier the Apex classes
	@$(py) -m ruff check --fix .
	@$(py) -m ruff format .
	@$(py) -m sfdx.checks --write

lock: setup ## Renew requirements.lock (needs uv); commit the result
	@uv pip compile --universal --generate-hashes --python-version 3.11 --no-header --no-annotate --all-extras pyproject.toml -o requirements.lock
