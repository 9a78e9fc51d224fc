EXTENSION = kpi
EXTVERSION = $(shell sed -n "s/^default_version *= *'\(.*\)'/\1/p" kpi.control)

MODULE_big = kpi
OBJS = \
	src/adapter.o \
	src/calendar.o \
	src/curve.o \
	src/cycle.o \
	src/exact_sum.o \
	src/forecast.o \
	src/funnel.o \
	src/gap.o \
	src/gauge.o \
	src/history.o \
	src/history_io.o \
	src/interval.o \
	src/kpi.o \
	src/magic.o \
	src/mart.o \
	src/peer.o \
	src/prior.o \
	src/rate.o \
	src/sales.o \
	src/scan.o \
	src/significance.o \
	src/stats.o \
	src/weekly.o \
	src/wide.o

# The order of the fragments is the order of dependence.
CORE = schema calendar rate sales cycle history funnel forecast peer gap interval significance prior curve magic gauge dictionary adapter mart check

# The templates of the mart's relations, which become rows of kpi.template
MART = \
	config \
	stage \
	currency_rate \
	goal \
	coaching \
	activity \
	playbook \
	period \
	roster \
	usable_goal \
	fact \
	opportunity_check \
	reached \
	data_issue \
	quality \
	weekly \
	rep_week \
	rep_window \
	curve \
	measure \
	measure_wide \
	past \
	required_weekly \
	barometer \
	barometer_4 \
	current_goal \
	group_curve \
	win_by_age \
	win_in_goal \
	outlook \
	deal \
	pipeline \
	pipeline_health \
	forecast \
	scorecard \
	team_scorecard \
	peer_comparison \
	best_practice \
	recommendation \
	activity_plan \
	scorecard_history \
	scorecard_snapshot \
	refresh \
	change \
	cohort_weekly \
	cohort_level \
	cohort \
	funnel_level \
	funnel \
	loss_weekly \
	loss_monthly \
	offering_measure \
	offering_feedback \
	week \
	kpi_definition \
	signal_test \
	signal_state \
	signal \
	coaching_measure \
	coaching_effect

# The CRMs that a mart can be made over, which become rows of kpi.adapter
ADAPTER = \
	odoo \
	salesforce \
	hubspot \
	twenty \
	espocrm

SCRIPT = sql/$(EXTENSION)--$(EXTVERSION).sql
DATA_built = $(SCRIPT)
DATA = $(filter-out $(SCRIPT),$(wildcard sql/$(EXTENSION)--*--*.sql))
DOCS = $(wildcard doc/*.md)

REGRESS = $(patsubst test/sql/%.sql,%,$(sort $(wildcard test/sql/*.sql)))
REGRESS_OPTS = --inputdir=test --encoding=UTF8 --load-extension=pgtap --load-extension=$(EXTENSION)
ISOLATION = $(patsubst test/isolation/specs/%.spec,%,$(sort $(wildcard test/isolation/specs/*.spec)))
ISOLATION_OPTS = --inputdir=test/isolation --encoding=UTF8 --load-extension=$(EXTENSION)
EXTRA_CLEAN = results output_iso

PG_CFLAGS = -Wall -Wextra -Wno-unused-parameter -DKPI_VERSION='"$(EXTVERSION)"'

PG_CONFIG ?= pg_config
PGXS := $(shell $(PG_CONFIG) --pgxs)
include $(PGXS)

$(OBJS): src/calendar.h src/compat.h src/history.h src/kpi.h

$(SCRIPT): $(CORE:%=sql/core/%.sql) $(MART:%=sql/mart/%.sql) $(ADAPTER:%=sql/adapter/%.sql) Makefile kpi.control
	cat $(CORE:%=sql/core/%.sql) > $@
	n=0; for relation in $(MART); do n=$$((n + 1)); \
		printf "\nINSERT INTO kpi.template VALUES ($$n, '$$relation', \$$template\$$\n"; \
		cat sql/mart/$$relation.sql; printf '$$template$$);\n'; \
	done >> $@
	for adapter in $(ADAPTER); do \
		printf "\nINSERT INTO kpi.adapter VALUES ('$$adapter', \$$adapter\$$\n"; \
		cat sql/adapter/$$adapter.sql; printf '$$adapter$$);\n'; \
	done >> $@

bench:
	ROWS=$(ROWS) REPS=$(REPS) RUNS=$(RUNS) LEADS=$(LEADS) PARTS="$(PARTS)" bench/run

.PHONY: bench
