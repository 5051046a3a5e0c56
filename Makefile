BUN     := node_modules/.bin/bun
BIOME   := node_modules/.bin/biome
TSC     := node_modules/.bin/tsc
VERSION := $(shell sed -n 's/.*"version": "\(.*\)".*/\1/p' package.json | head -n 1)
SOURCES := $(shell find src -type f) package.json
TARGETS := linux-x64 linux-x64-baseline linux-arm64
COMPILE := build --compile --minify --bytecode --format=esm --no-compile-autoload-dotenv --no-compile-autoload-bunfig

.DEFAULT_GOAL := help
.DELETE_ON_ERROR:
.PHONY: help install build run probe test check format clean

help: ## list the targets
	@sed -n 's/^\([a-z-]*\):.*## \(.*\)/  make \1\t\2/p' Makefile | expand -t 16

install: node_modules/.installed ## fetch the pinned dependencies and Bun into node_modules

node_modules/.installed: package.json package-lock.json
	npm ci --no-fund --no-audit --loglevel=error
	@touch $@

build: dist/nway-wx ## compile the one executable, dist/nway-wx

dist/nway-wx: node_modules/.installed $(SOURCES)
	@mkdir -p dist
	$(BUN) $(COMPILE) src/main.ts --outfile $@

run: dist/nway-wx ## start the gateway with its embedded defaults (loopback only)
	dist/nway-wx serve

probe: dist/nway-wx ## call through a running gateway and measure it
	dist/nway-wx probe

test: dist/nway-wx ## run every test; says what was skipped and how to install it
	$(BUN) test

check: node_modules/.installed ## types, format, lint, rules
	$(TSC)
	$(BIOME) ci .
	$(BUN) test tests/rules

format: node_modules/.installed ## rewrite the sources in the house format
	$(BIOME) check --write .

clean: ## remove what was built and installed
	rm -rf dist node_modules
