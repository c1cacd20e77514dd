# ddokta: build, test, install. `make help` lists what a person calls.
#
# Everything built goes to build/: core objects once, then one module per Lua in
# build/<lua>/ddokta/core.so. Nothing outside build/ is written except by `install` and `nvim`.

comma    := ,
# said in one place; `make dist` and the module of C take it from there
VERSION  := $(shell sed -n 's/^return "\(.*\)"$$/\1/p' lua/ddokta/version.lua)
# every Lua that this system has, with its headers; LUAS="lua5.1 luajit" builds and tests just these
LUAS     := $(shell sh .ci/luas build)
LUA      ?= $(firstword $(filter lua5.4,$(LUAS)) $(LUAS) lua5.4)
PREFIX   ?= /usr/local
DESTDIR  ?=
# of these ; and ? have a meaning in package.path, the others in what a shell has between quotes
NO_PLACE := $(foreach c,; ? ' " \ ` $$,$(findstring $(c),$(PREFIX)$(DESTDIR)))
# The command tells Lua where it is installed, so that it must be a whole path. make takes no words apart that
# have a ? for a space.
whole_path = $(subst ?,$( ) ,$(abspath $(patsubst ^%,%,$(subst $( ) ,?,$(subst ^~/,^$(HOME)/,^$(1))))))
override PREFIX  := $(call whole_path,$(PREFIX))
override DESTDIR := $(call whole_path,$(DESTDIR))
CC       ?= cc
OPTIMIZE ?= -O2 -g
WARN     := -Wall -Wextra -Wpedantic -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Wundef
# -Werror is for `make lint`: a compiler that we have not seen yet may warn of more
WERROR   ?=
LIBFLAG  ?= -shared
STRIP    ?= strip
# Stays in the process once it is loaded. LuaJIT unloads modules in lua_close and then still runs the
# finalizers of what other finalizers have made: in code that would be gone.
STAYS    := $(if $(filter Linux,$(shell uname -s)),-Wl$(comma)-z$(comma)nodelete)
# A sanitizer or coverage build sets SAN and its own build folder: see `sanitize`.
SAN      ?=
B        ?= build

PKG_CONFIG  ?= pkg-config
CURL_CFLAGS  = $(shell $(PKG_CONFIG) --cflags libcurl)
CURL_LIBS    = $(shell $(PKG_CONFIG) --libs libcurl) -lm -lpthread
CRYPTO_LIBS  = $(shell $(PKG_CONFIG) --libs libssl libcrypto)
# not every system has its .pc file
UTF8PROC_CFLAGS = $(shell $(PKG_CONFIG) --cflags-only-I libutf8proc 2> /dev/null)
UTF8PROC_LIBS   = $(shell $(PKG_CONFIG) --libs libutf8proc 2> /dev/null || echo -lutf8proc)
lua_package  = $(or $(shell sh .ci/luas package $(1)),$(error ddokta: $(1) is not here, or not its headers))
lua_cflags   = $(shell $(PKG_CONFIG) --cflags $(lua_package))
# names the folders that a Lua searches: lua5.4 -> 5.4, luajit -> 5.1
lua_version  = $(or $(shell sh .ci/luas version $(1)),$(error ddokta: there is no program $(1)))

# Large files also where off_t has 32 bits. glibc 2.43 has _Generic in its headers' macros, of which clang
# warns under -std=c99; what we write ourselves gcc's -Wpedantic sees.
BASE_CFLAGS = -std=c99 -D_POSIX_C_SOURCE=200809L -D_DEFAULT_SOURCE -D_FILE_OFFSET_BITS=64 \
              -fPIC -fvisibility=hidden -Icsrc -I. $(WARN) -Wno-c11-extensions $(WERROR) $(OPTIMIZE) $(SAN) $(CFLAGS)

# csrc but for the binding: all that knows no Lua
CORE_SRC    := $(wildcard csrc/base/*.c csrc/http/*.c csrc/rows/*.c csrc/journal/*.c)
BINDING_SRC := $(wildcard csrc/binding/*.c)
HEADERS     := $(wildcard csrc/*/*.h)
CORE_OBJ    := $(CORE_SRC:csrc/%.c=$(B)/csrc/%.o)
CORE_SPECS  := $(filter-out spec/csrc/binding/%,$(wildcard spec/csrc/*/*.c))
C_FILES     := $(CORE_SRC) $(BINDING_SRC) $(HEADERS) $(wildcard bench/*.c fuzz/*.[ch] spec/csrc/*/*.[ch])

.PHONY: one all nvim deps deps-test deps-check deps-bench env test test-one test-kill test-contract everywhere \
        everywhere-quick demo lint format check-format doc pictures sanitize valgrind fuzz bench bench-peers install \
        uninstall rock rock-install dist clean help
.DELETE_ON_ERROR:
.SECONDARY:

one: $(B)/$(LUA)/ddokta/core.so $(B)/$(LUA)/bin/ddokta  ## Build: build for one Lua (LUA=lua5.4)

all: $(foreach l,$(LUAS),$(B)/$(l)/ddokta/core.so $(B)/$(l)/bin/ddokta)  ## Build: build for every Lua

# Neovim finds a plugin's modules below its lua/, those of C too. A plugin manager builds with this.
nvim:  ## Build: build for Neovim, which finds this checkout then: lua/ddokta/core.so (NEOVIM=/path/to/nvim)
	@headers=$$(NEOVIM="$(NEOVIM)" CC="$(CC)" PKG_CONFIG="$(PKG_CONFIG)" sh .ci/nvim headers) && \
	$(MAKE) -s --no-print-directory LUAS=nvim LUA=nvim lua_package=$$headers $(B)/nvim/ddokta/core.so
	@$(call put_core,$(B)/nvim/ddokta/core.so,lua)
	@NEOVIM="$(NEOVIM)" sh .ci/nvim cjson

$(B)/csrc/%.o: csrc/%.c $(HEADERS)
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(CURL_CFLAGS) $(UTF8PROC_CFLAGS) -c -o $@ $<

$(B)/csrc/http/operation.o: $(wildcard csrc/http/operations/*.inc)
$(B)/csrc/base/text.o: csrc/base/confusables.inc

define build_lua
$(B)/$(1)/binding/%.o: csrc/binding/%.c $(HEADERS)
	@mkdir -p $$(@D)
	$$(CC) $$(BASE_CFLAGS) $$(CURL_CFLAGS) $$(call lua_cflags,$(1)) -c -o $$@ $$<

$(B)/$(1)/binding/module.o: lua/ddokta/version.lua
$(B)/$(1)/binding/module.o: BASE_CFLAGS += -DDK_VERSION='"$(VERSION)"'

$(B)/$(1)/ddokta/core.so: $(BINDING_SRC:csrc/binding/%.c=$(B)/$(1)/binding/%.o) $(CORE_OBJ)
	@mkdir -p $$(@D)
	$$(CC) $$(LIBFLAG) $$(STAYS) $$(SAN) $$(LDFLAGS) -o $$@ $$^ $$(CURL_LIBS) $$(CRYPTO_LIBS) $$(UTF8PROC_LIBS)

# The command for this checkout and this Lua. Found by its whole name, as by $PATH, it starts no process but
# Lua.
$(B)/$(1)/bin/ddokta: Makefile
	@mkdir -p $$(@D)
	@{ echo '#!/bin/sh'; \
	   echo 'case $$$$0 in'; \
	   echo '  *..* | [!/]*) built=$$$$(cd "$$$$(dirname "$$$$0")/.." && pwd) ;;'; \
	   echo '  *) built=$$$${0%/bin/*} ;;'; \
	   echo 'esac'; \
	   echo 'here=$$$${built%/$(B)/$(1)}'; \
	   echo 'LUA_PATH="$$$$here/lua/?.lua;$$$$here/lua/?/init.lua;$$$${LUA_PATH:-;}"'; \
	   echo 'LUA_CPATH="$$$$built/?.so;$$$${LUA_CPATH:-;}"'; \
	   echo 'export LUA_PATH LUA_CPATH'; \
	   echo 'exec $(1) "$$$$here/bin/ddokta" "$$$$@"'; } > $$@
	@chmod +x $$@
endef
$(foreach l,$(sort $(LUAS) $(LUA)),$(eval $(call build_lua,$(l))))

env:  ## Build: shell lines with which LUA finds this checkout: eval "$(make -s env LUA=lua5.4)"
	@echo 'export LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;"'
	@echo 'export LUA_CPATH="$(CURDIR)/$(B)/$(LUA)/?.so;;"'
	@echo 'export PATH="$(CURDIR)/$(B)/$(LUA)/bin:$$PATH"'

deps:  ## Build: install what demo, tests, checks and bench need (Debian, root); elsewhere say what is missing
	@sh .ci/deps

deps-test deps-check deps-bench:
	@sh .ci/deps demo test $(@:deps-%=%)

# set where the caller named them
GIVEN_LUAS = $(if $(filter command,$(origin LUAS)),$(LUAS))

test: deps-test  ## Test: everything a user can run: every Lua that is here, all specs; last line "N passed, N failed"
	@$(MAKE) -s --no-print-directory all
	@$(MAKE) -s --no-print-directory $(B)/core-test $(B)/binding-test
	@[ -n "$(GIVEN_LUAS)" ] || sh .ci/luas left-out
	@LUAS="$(or $(GIVEN_LUAS),$$(sh .ci/luas test))" B="$(B)" sh spec/run

test-one: one $(if $(filter spec/csrc%,$(SPEC)),$(B)/core-test $(B)/binding-test)  ## Test: the quick loop: make test-one LUA=lua5.1 SPEC=spec/csrc/binding/json_spec.lua
	@LUAS="$(LUA)" B="$(B)" sh spec/run $(or $(SPEC),spec)

test-kill: one  ## Test: kill an import 200 times, start one twice 1,000 times: make test-kill SEED=1 RUNS=1 repeats one
	@LUA_PATH="$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;$(CURDIR)/?.lua;;" \
	LUA_CPATH="$(CURDIR)/$(B)/$(LUA)/?.so;;" DDOKTA_LUA=$(LUA) \
	DDOKTA_COMMAND="$(CURDIR)/$(B)/$(LUA)/bin/ddokta" $(LUA) spec/kill/main.lua "$(SEED)" "$(RUNS)"

# the C core's own unit tests (cmocka), with an allocator in between that can be told to fail
WRAPPED := malloc calloc realloc free strdup curl_multi_socket_action curl_multi_perform \
           curl_slist_free_all
# and libcurl as it is elsewhere
OLD_LIBCURL := curl_version_info curl_easy_setopt curl_multi_info_read curl_multi_remove_handle \
               curl_multi_cleanup
$(B)/core-test: $(CORE_SPECS) $(CORE_OBJ) $(HEADERS) $(wildcard spec/csrc/support/*.h)
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) -Wno-missing-prototypes $(WRAPPED:%=-Wl,--wrap=%) $(OLD_LIBCURL:%=-Wl,--wrap=%) -o $@ \
	  $(filter %.c %.o,$^) $(CURL_LIBS) $(CRYPTO_LIBS) $(UTF8PROC_LIBS) -lcmocka

# the binding under an allocator that fails, for one Lua: the one that checks its own calls best
ALLOC_LUA := $(firstword $(filter lua5.4,$(LUAS)) $(LUA))
$(B)/binding-test: $(wildcard spec/csrc/binding/*.c) spec/csrc/support/alloc.c spec/csrc/support/loopback.c $(CORE_OBJ) \
  $(BINDING_SRC:csrc/binding/%.c=$(B)/$(ALLOC_LUA)/binding/%.o) $(wildcard spec/csrc/support/*.h)
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(call lua_cflags,$(ALLOC_LUA)) -Wno-missing-prototypes \
	  $(WRAPPED:%=-Wl,--wrap=%) -o $@ $(filter %.c %.o,$^) $(shell $(PKG_CONFIG) --libs $(call lua_package,$(ALLOC_LUA))) \
	  $(CURL_LIBS) $(CRYPTO_LIBS) $(UTF8PROC_LIBS)

demo:  ## Try: the main job against a sandbox, with what it needs: plan, import, report, import again
	@sh .ci/deps demo $(LUA)
	@$(MAKE) -s --no-print-directory one
	@$(B)/$(LUA)/bin/ddokta demo

everywhere:  ## Test: every Debian, Lua, host, in roots made for it (as root): make everywhere SYSTEMS=sid LUAS=luajit
	@LUAS="$(GIVEN_LUAS)" SPECS="$(SPECS)" JOBS="$(JOBS)" sh .ci/everywhere/run $(SYSTEMS)

everywhere-quick:  ## Test: what each change must pass of it: Debian 13, connections and loops
	@sh .ci/everywhere/quick

lint: deps-check  ## Write: warnings as errors (gcc, clang), luacheck, clang-format, StyLua
	@sh .ci/lint

# StyLua lays Lua out; what the generators write is left as they write it
STYLUA    := build/format
LAID_OUT   = $(shell git ls-files --cached --others --exclude-standard bin '*.lua' '*.rockspec' .luacheckrc .busted | \
               grep -vx lua/ddokta/types.lua)

$(STYLUA)/node_modules/.package-lock.json: .ci/format/package.json .ci/format/package-lock.json
	@sh .ci/deps node
	@command -v npm > /dev/null || { echo "ddokta: format needs node and npm" >&2; exit 1; }
	@mkdir -p $(STYLUA)
	@cp $^ $(STYLUA)
	@npm ci --prefix $(STYLUA) --ignore-scripts --no-audit --no-fund --loglevel error > /dev/null
	@touch $@

format: $(STYLUA)/node_modules/.package-lock.json  ## Write: lay C and Lua out
	clang-format -i $(C_FILES)
	node .ci/format/stylua.js $(STYLUA)/node_modules $(LAID_OUT)

check-format: $(STYLUA)/node_modules/.package-lock.json
	@clang-format --dry-run -Werror $(C_FILES)
	@node .ci/format/stylua.js --check $(STYLUA)/node_modules $(LAID_OUT)

sanitize: deps-test  ## Test: the whole suite under AddressSanitizer and UBSan (one PUC Lua and LuaJIT)
	@sh .ci/sanitize

valgrind: deps-check $(B)/core-test  ## Test: the core's unit tests under valgrind
	valgrind -q --error-exitcode=1 --leak-check=full --show-leak-kinds=definite,indirect $(B)/core-test

# --- fuzzing: a program per file of fuzz/, which needs clang and its libFuzzer

FUZZERS      := $(notdir $(basename $(wildcard fuzz/*.c)))
FUZZ_SECONDS ?= 20
FUZZ_SAN     := address,undefined -fno-sanitize-recover=undefined

fuzz: deps-check  ## Test: feed all that reads outside bytes with what no one thought of (FUZZ_SECONDS=20 each)
	@mkdir -p build/fuzz
	@echo 'int LLVMFuzzerTestOneInput(const char *b, long n) { return !b && n; }' | \
	  clang -fsanitize=fuzzer -x c -o build/fuzz/has_libfuzzer - 2> /dev/null || \
	  { echo "ddokta: fuzz needs clang with its libFuzzer (Debian: clang, libclang-rt-dev)" >&2; exit 1; }
	@$(MAKE) -s --no-print-directory B=build/fuzz CC=clang OPTIMIZE="-O1 -g" \
	  SAN="-fsanitize=fuzzer-no-link,$(FUZZ_SAN)" $(FUZZERS:%=build/fuzz/%)
	@B=build/fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) sh fuzz/run $(FUZZERS)

$(FUZZERS:%=$(B)/%): $(B)/%: fuzz/%.c fuzz/fuzz.h $(CORE_OBJ)
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) -fsanitize=fuzzer,$(FUZZ_SAN) -o $@ $< $(CORE_OBJ) \
	  $(CURL_LIBS) $(CRYPTO_LIBS) $(UTF8PROC_LIBS)

# --- end of fuzzing

doc: one  ## Write: write the reference (doc/*.md, doc/reference) and lua/ddokta/types.lua from rows and annotations
	@LUA_PATH="$(CURDIR)/?.lua;$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;" \
	LUA_CPATH="$(CURDIR)/$(B)/$(LUA)/?.so;;" $(LUA) doc/generate.lua .
	@$(LUA) .ci/release.lua write

pictures: deps-test one  ## Write: make the pictures of README.md again, of a real run
	@PATH="$(CURDIR)/$(B)/$(LUA)/bin:$$PATH" DDOKTA_COMMAND="$(CURDIR)/$(B)/$(LUA)/bin/ddokta" \
	LUA_PATH="$(CURDIR)/?.lua;$(CURDIR)/lua/?.lua;$(CURDIR)/lua/?/init.lua;;" \
	LUA_CPATH="$(CURDIR)/$(B)/$(LUA)/?.so;;" $(LUA) doc/pictures.lua doc/pictures

# --- contract: ddokta and its sandbox checked by others' tools (npm), over the services' descriptions

CONTRACT = $(B)/contract

$(CONTRACT)/node_modules/.package-lock.json: spec/contract/package.json spec/contract/package-lock.json
	@sh .ci/deps node
	@command -v npm > /dev/null || { echo "ddokta: test-contract needs node and npm" >&2; exit 1; }
	@mkdir -p $(CONTRACT)
	@cp $^ $(CONTRACT)
	@npm ci --prefix $(CONTRACT) --ignore-scripts --no-audit --no-fund --loglevel error > /dev/null
	@touch $@

test-contract: deps-test one $(CONTRACT)/node_modules/.package-lock.json  ## Test: the contract run; last line "N passed, N failed"
	@LUAS="$(LUA)" B="$(B)" OUT="$(CONTRACT)/test" DDOKTA_CONTRACT="$(CONTRACT)" \
	  sh spec/run spec/contract/mock.lua spec/contract/proxy.lua spec/contract/scimmy.lua \
	  spec/contract/kubernetes.lua spec/contract/annotations.lua spec/contract/documents.lua spec/contract/page.lua

# --- end of contract

# --- bench

$(B)/bench/%: bench/%.c
	@mkdir -p $(@D)
	$(CC) $(BASE_CFLAGS) $(CURL_CFLAGS) -o $@ $< $(CURL_LIBS)

bench: deps-bench one $(B)/luajit/ddokta/core.so  ## Measure: measure; writes build/bench.json
	@LUA=$(LUA) B=$(B) sh bench/run

bench-peers: deps-bench  ## Measure: bring Datadog's client for TypeScript (npm) and measure beside it as well
	@command -v npm > /dev/null || { echo "ddokta: bench-peers needs node and npm" >&2; exit 1; }
	@mkdir -p $(B)/peers
	@npm install --prefix $(B)/peers --ignore-scripts --no-audit --no-fund --loglevel error \
	  @datadog/datadog-api-client@1
	@$(MAKE) -s --no-print-directory bench

# --- end of bench

# and what a page has in it
LUA_FILES = $(shell cd lua && find ddokta -name '*.lua' -o -name '*.js' -o -name '*.css')
LUA_AT    = $(PREFIX)/share/lua/$(call lua_version,$(LUA))
LUALIB_AT = $(PREFIX)/lib/lua/$(call lua_version,$(LUA))
LUADIR    = $(DESTDIR)$(LUA_AT)
LUALIBDIR = $(DESTDIR)$(LUALIB_AT)
check_place = $(if $(strip $(NO_PLACE)),$(error ddokta: cannot be installed where a folder's name has $(firstword $(NO_PLACE)) in it))
# Where Neovim, whose Lua is LuaJIT or 5.1, looks for what a system installs: of Lua modules it finds the
# health check there alone. Tags of its help are made where it is.
NVIM_SITE = $(if $(filter 5.1,$(call lua_version,$(LUA))),$(DESTDIR)$(PREFIX)/share/nvim/site)
NVIM_HELP = $(notdir $(wildcard doc/ddokta*.txt))
NVIM_FILES = plugin/ddokta.lua lua/ddokta/health.lua $(NVIM_HELP:%=doc/%)
nvim_tags = $(if $(DESTDIR),:,{ ! command -v nvim > /dev/null || \
              nvim --headless -u NONE -i NONE -n -c "helptags $(subst $( ) ,\\ ,$(NVIM_SITE))/doc" -c quit; })

# one for all Luas: that of the last installed one
COMMAND  = $(DESTDIR)$(PREFIX)/bin/ddokta
# where man and each shell look
SHARE    = $(DESTDIR)$(PREFIX)/share
MAN_PAGE = $(SHARE)/man/man1/ddokta.1
FOR_bash = $(SHARE)/bash-completion/completions/ddokta
FOR_zsh  = $(SHARE)/zsh/site-functions/_ddokta
FOR_fish = $(SHARE)/fish/vendor_completions.d/ddokta.fish

# what both ways to install do: Lua files below a folder, and the module without what debuggers want
put_lua = cd lua && for f in $(LUA_FILES); do \
            mkdir -p "$(1)/$${f%/*}" && install -m 644 "$$f" "$(1)/$$f" || exit; done
# A program that runs with the module keeps the file that it has, which is therefore not written to.
put_core = mkdir -p "$(2)/ddokta" && $(STRIP) -S -x -o "$(2)/ddokta/.core.so" $(1) && \
           chmod 755 "$(2)/ddokta/.core.so" && mv -f "$(2)/ddokta/.core.so" "$(2)/ddokta/core.so"

install: one  ## Install: install for one Lua: make install LUA=lua5.4 PREFIX=/usr/local
	@$(check_place)$(call put_lua,$(LUADIR))
	@$(call put_core,$(B)/$(LUA)/ddokta/core.so,$(LUALIBDIR))
	@mkdir -p "$(DESTDIR)$(PREFIX)/bin"
	@{ echo '#!/usr/bin/env $(LUA)'; \
	   echo 'package.path = "$(LUA_AT)/?.lua;$(LUA_AT)/?/init.lua;" .. package.path'; \
	   echo 'package.cpath = "$(LUALIB_AT)/?.so;" .. package.cpath'; \
	   sed 1d bin/ddokta; } > "$(COMMAND)"
	@chmod 755 "$(COMMAND)"
	@$(if $(NVIM_SITE),for f in $(NVIM_FILES); do \
	  mkdir -p "$(NVIM_SITE)/$${f%/*}" && install -m 644 "$$f" "$(NVIM_SITE)/$$f" || exit; done && $(nvim_tags))
	@mkdir -p "$(SHARE)/man/man1" && install -m 644 doc/ddokta.1 "$(MAN_PAGE)"
	@mkdir -p "$(SHARE)/bash-completion/completions" "$(SHARE)/zsh/site-functions" "$(SHARE)/fish/vendor_completions.d"
	@if ! $(LUA) -e 'require "argparse"' 2> /dev/null; then \
	  echo "ddokta: the command needs argparse, which is not here: there is no completion of it" >&2; \
	else for to in bash:"$(FOR_bash)" zsh:"$(FOR_zsh)" fish:"$(FOR_fish)"; do \
	  LUA_PATH="lua/?.lua;lua/?/init.lua;;" $(LUA) bin/ddokta completion "$${to%%:*}" > "$${to#*:}" || exit; done; fi

uninstall:  ## Install: remove what install has put there for one Lua
	$(check_place)rm -rf "$(LUADIR)/ddokta" "$(LUALIBDIR)/ddokta"
	@$(if $(NVIM_SITE),cd "$(NVIM_SITE)" 2> /dev/null || exit 0; rm -f $(NVIM_FILES) && rm -rf lua/ddokta && \
	  if ls doc/*.txt > /dev/null 2>&1; then $(nvim_tags); else rm -f doc/tags; fi)
	@# the command is that of the Lua for which it was installed last
	@if ! grep -qF 'package.path = "$(LUA_AT)/?.lua' "$(COMMAND)" 2> /dev/null && [ -e "$(COMMAND)" ]; then \
	  echo "ddokta: the command is another Lua's, and stays"; \
	else \
	  rm -f "$(COMMAND)" "$(MAN_PAGE)" "$(FOR_bash)" "$(FOR_zsh)" "$(FOR_fish)"; \
	  for left in "$(DESTDIR)$(PREFIX)"/share/lua/*/ddokta; do \
	    [ ! -e "$$left" ] || echo "ddokta: $$left stays, without the command: make install for its Lua brings it back"; \
	  done; \
	fi

dist:  ## Release: a release of this commit in build/dist: archive, rocks of LUA or of LUAS="lua5.1 lua5.4", SHA256SUMS
	@sh .ci/dist $(LUA) $(or $(GIVEN_LUAS),$(LUA))

# --- LuaRocks: what ddokta-scm-1.rockspec calls. LuaRocks says which compiler, which Lua and where to.

# a folder per Lua, named by its headers; warnings are not errors with a stranger's compiler
ROCK = build/rock$(subst /,_,$(LUA_INCDIR))

rock:
	@$(MAKE) --no-print-directory B=$(ROCK) LUAS=rock WARN= LIBFLAG="$(LIBFLAG)" \
	  lua_cflags=-I$(LUA_INCDIR) CURL_CFLAGS="$(if $(CURL_INCDIR),-I$(CURL_INCDIR)) $(if $(CRYPTO_INCDIR),-I$(CRYPTO_INCDIR))" \
	  CURL_LIBS="$(if $(CURL_LIBDIR),-L$(CURL_LIBDIR)) -lcurl" \
	  CRYPTO_LIBS="$(if $(CRYPTO_LIBDIR),-L$(CRYPTO_LIBDIR)) -lssl -lcrypto" \
	  UTF8PROC_CFLAGS="$(if $(UTF8PROC_INCDIR),-I$(UTF8PROC_INCDIR))" \
	  UTF8PROC_LIBS="$(if $(UTF8PROC_LIBDIR),-L$(UTF8PROC_LIBDIR)) -lutf8proc" $(ROCK)/rock/ddokta/core.so

rock-install:
	@$(call put_lua,$(INST_LUADIR))
	@$(call put_core,$(ROCK)/rock/ddokta/core.so,$(INST_LIBDIR))
	@mkdir -p "$(INST_BINDIR)" && install -m 755 bin/ddokta "$(INST_BINDIR)/ddokta"
	@if $(ROCK_LUA) -e 'require "cjson" require "argparse"' 2> /dev/null; then \
	  echo "ddokta: $(ROCK_LUA) has lua-cjson and argparse: if LuaRocks calls them missing below, it means that it has"; \
	  echo "        not installed them itself, and nothing is left to do"; \
	fi

# --- end of LuaRocks

clean:  ## Build: remove what was built
	rm -rf build lua/ddokta/core.so lua/cjson.so

# of the comments behind the targets, "## Group: text"; groups in the order in which they begin
help:  ## Build: show this
	@awk '/^[a-z][a-z-]*:.*## / { \
	    target = text = $$0; sub(/:.*/, "", target); sub(/.*## /, "", text); group = "More"; \
	    if (match(text, /^[A-Z][a-z]*: /)) { group = substr(text, 1, RLENGTH - 2); text = substr(text, RLENGTH + 1) } \
	    if (!(group in lines)) order[++n] = group; \
	    lines[group] = lines[group] sprintf("  %-14s %s\n", target, text) } \
	  END { for (i = 1; i <= n; i++) printf "%s%s\n%s", (i > 1 ? "\n" : ""), order[i], lines[order[i]] }' Makefile
