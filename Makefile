BUN     := node_modules/.bin/bun
BIOME   := node_modules/.bin/biome
TSC     := node_modules/.bin/tsc
KNIP    := node_modules/.bin/knip
SOURCES := $(shell find src -type f) package.json
RELEASE := linux-x64 linux-arm64
# The second is what threads begin with.
ENTRIES := src/main.ts src/voice/worker.ts
COMPILE := build --compile --minify --bytecode --format=esm --no-compile-autoload-dotenv --no-compile-autoload-bunfig

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install build run probe test test-freeswitch check bench attack soak fuzz generate format release bump-bun clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 24

install: node_modules/.installed $(RELEASE:%=node_modules/.release/%/bun) ## fetch the pinned dependencies and each Bun

node_modules/.installed: package.json package-lock.json
	npm ci --no-fund --no-audit --loglevel=error
	@touch $@

build: dist/nway-wx ## compile the one executable, dist/nway-wx

dist/nway-wx: node_modules/.installed $(SOURCES)
	@mkdir -p dist
	$(BUN) $(COMPILE) $(ENTRIES) --outfile $@

run: dist/nway-wx ## start the gateway with the settings in conf/ (loopback only)
	dist/nway-wx serve

probe: dist/nway-wx ## call through a running gateway and measure it
	dist/nway-wx probe

test: dist/nway-wx ## run every test; says what was skipped and how to install it
	@$(BUN) tests/run-all.ts

test-freeswitch: $(if $(FS_ESL),dist/nway-wx) ## the calls that go with any FreeSWITCH, by yours (FS_ESL=host:port FS_AUTH=… FS_GATEWAY=…)
	@[ -n "$(FS_ESL)" ] || { echo "say where your FreeSWITCH is: make test-freeswitch FS_ESL=host:port FS_AUTH=… FS_GATEWAY=…" >&2; exit 2; }
	FS_ESL="$(FS_ESL)" FS_AUTH="$(FS_AUTH)" FS_GATEWAY="$(FS_GATEWAY)" FS_NUMBER="$(FS_NUMBER)" FS_EXTENSION="$(FS_EXTENSION)" FS_OWN_HOST="$(FS_OWN_HOST)" \
	  $(BUN) test --timeout 60000 tests/e2e/telephone/freeswitch.test.ts

check: node_modules/.installed ## types, format, lint, dead code, rules
	$(TSC)
	$(BIOME) ci .
	$(KNIP) --no-progress
	$(BUN) test tests/rules

bench: dist/nway-wx ## measure beside nginx-rtmp, node-media-server and other codecs (ARGS=--quick for less)
	$(BUN) tests/bench/run.ts $(ARGS)

attack: dist/nway-wx ## attack live calls in every known way and measure what they hear (ARGS="words of the attacks' names")
	$(BUN) tests/attack/run.ts $(ARGS)

soak: dist/nway-wx ## half an hour of calls that come and go: memory, descriptors and timers stay (ARGS="--minutes N")
	$(BUN) tests/soak/run.ts $(ARGS)

fuzz: node_modules/.installed ## a million seeded inputs for each decoder (ARGS="--count N --seed S")
	$(BUN) tests/fuzz/run.ts $(ARGS)

generate: node_modules/.installed ## write conf/ and the generated parts of docs/ from the sources
	$(BUN) tests/rules/write-generated.ts

format: node_modules/.installed ## rewrite the sources in the house format
	$(BIOME) check --write .

release: dist/release/SHA256SUMS ## compile for each kind of machine into dist/release, with a bill of materials

dist/release/SHA256SUMS: $(RELEASE:%=dist/release/nway-wx-%) dist/release/nway-wx.cdx.json
	cd dist/release && sha256sum $(^F) > $(@F)

dist/release/nway-wx-%: node_modules/.release/%/bun node_modules/.installed $(SOURCES)
	$(BUN) $(COMPILE) --target=bun-$* --compile-executable-path=$< $(ENTRIES) --outfile $@

dist/release/nway-wx.cdx.json: node_modules/.installed $(SOURCES)
	@mkdir -p $(@D)
	$(BUN) src/main.ts licences --cyclonedx > $@

# linux-x64 runs on any x86-64-v2 processor (SSE4.2: Intel since 2008, AMD since 2011): Bun looks for AVX2 while it runs, and
# its package for older ones, bun-linux-x64-baseline, holds the same file. All need glibc 2.17 or newer.
# npm installs only this machine's Bun, so the others are packed; the hashes pin them as package-lock.json does the rest.
BUN_VERSION := $(shell sed -n 's/.*"bun": "\(.*\)".*/\1/p' package.json)
SHA512_linux-x64   := 2165fd0442e8187014b4ca2791e49a35a6705f3464fa80f0e8c93e1c115777728760804d06c20646ea4c64f7203680db2692eeea00098c8a0854f66db75689d6
SHA512_linux-arm64 := e015e6b122a78ceae5196a99578c7fa166bb015a11f81ea509775d3333805c1226dede747ac960f706faea09ad5b501a984435975083be69abbb2b0486a39632

# The package of each machine's Bun: npm says aarch64 where Bun's own names say arm64.
bun_package = @oven/bun-$(1:linux-arm64=linux-aarch64)@$(2)

.PRECIOUS: node_modules/.release/%/bun
node_modules/.release/%/bun: node_modules/.installed
	@mkdir -p $(@D)
	npm pack --silent --pack-destination=$(@D) $(call bun_package,$*,$(BUN_VERSION))
	@echo "$(SHA512_$*)  $$(ls $(@D)/*.tgz)" | sha512sum --check --quiet
	tar -xzOf $(@D)/*.tgz package/bin/bun > $@
	@chmod +x $@ && rm $(@D)/*.tgz

bump-bun: ## change to another Bun everywhere, then run make check test release (VERSION=x.y.z)
	@[ -n "$(VERSION)" ] || { echo "say which one: make bump-bun VERSION=x.y.z" >&2; exit 2; }
	npm install --package-lock-only --omit-lockfile-registry-resolved --save-dev --save-exact --no-fund --no-audit --loglevel=error \
	  bun@$(VERSION) @types/bun@$(VERSION)
	@$(foreach machine,$(RELEASE),$(call pin_bun,$(machine),$(call bun_package,$(machine),$(VERSION))) &&) true

define pin_bun
folder=$$(mktemp -d) && npm pack --silent --pack-destination=$$folder $(2) >/dev/null \
  && hash=$$(cat $$folder/*.tgz | sha512sum | cut -d' ' -f1) && rm -r $$folder \
  && sed -i "s/^\(SHA512_$(1) *:= \).*/\1$$hash/" Makefile && echo "$(1): $$hash"
endef

clean: ## remove what was built and installed
	rm -rf dist node_modules
