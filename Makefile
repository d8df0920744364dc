# Thin names over bootstrap.py, which needs nothing but Python 3.11 and says what it does.
.PHONY: run test check e2e bench fuzz soak wire locks screenshots
run test check e2e bench fuzz soak wire locks screenshots:
	@python3 bootstrap.py $@
