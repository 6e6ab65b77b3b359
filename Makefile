# Builds the module against Debian's nginx-dev, or against any nginx source
# tree, out of tree into objs/.

OBJS ?=		$(CURDIR)/objs
CC ?=		cc
NGINX_SRC ?=
SANITIZE ?=

DEBIAN_SRC =	/usr/share/nginx/src
JOBS ?=		$(shell nproc 2>/dev/null || echo 1)

MODULES =	$(CURDIR) $(patsubst %/config,%,$(wildcard $(CURDIR)/t/unit/config))

# CFLAGS and LDFLAGS are for configure, not in place of nginx's own

MAKEOVERRIDES =
CLEAN =		env -u CFLAGS -u LDFLAGS

FILES =		$(sort $(wildcard config config.make *.c src/*.[ch] src/*/*.[ch] \
			src/lua/*.lua src/lua/inc/*.lua t/unit/config t/unit/*.[ch]))

ifneq ($(NGINX_SRC),)

ROOT =		$(abspath $(NGINX_SRC))
CONFIGURE =	$(if $(wildcard $(ROOT)/configure),./configure,auto/configure)
FLAGS =		--with-compat --with-debug --with-threads \
		--with-http_ssl_module --with-http_v2_module \
		--with-http_realip_module --with-http_auth_request_module \
		--with-http_stub_status_module --with-cc=$(CC)

else

ROOT =		$(DEBIAN_SRC)

endif


.PHONY:		build ui clean help sources run test bench soak fuzz shots \
		install-deps

build:		$(OBJS)/Makefile
ifneq ($(SANITIZE),)
	@$(MAKE) --no-print-directory -j$(JOBS) -f $(OBJS)/Makefile \
		-C $(ROOT) binary
else
	@$(MAKE) --no-print-directory -j$(JOBS) -f $(OBJS)/Makefile \
		-C $(ROOT) modules
endif


# configured anew when a file comes or goes, or the variables change

$(OBJS)/sources: sources
	@mkdir -p $(OBJS)
	@printf '%s\n' '$(ROOT)' '$(CC)' '$(SANITIZE)' $(FILES) > $@.tmp
	@if cmp -s $@.tmp $@; then rm $@.tmp; else mv $@.tmp $@; fi

$(OBJS)/Makefile: $(OBJS)/sources config config.make Makefile \
		$(wildcard t/unit/config)

ifneq ($(NGINX_SRC),)

ifneq ($(SANITIZE),)

	cd $(ROOT) && $(CLEAN) $(CONFIGURE) $(FLAGS) --builddir=$(OBJS) \
		--prefix=$(OBJS) \
		--with-cc-opt='-O1 -fno-omit-frame-pointer -fsanitize=address,undefined $(CFLAGS)' \
		--with-ld-opt='-fsanitize=address,undefined $(LDFLAGS)' \
		$(addprefix --add-module=,$(MODULES))

else

	cd $(ROOT) && $(CLEAN) $(CONFIGURE) $(FLAGS) --builddir=$(OBJS) \
		--with-cc-opt='-O2 $(CFLAGS)' --with-ld-opt='$(LDFLAGS)' \
		$(addprefix --add-dynamic-module=,$(MODULES))

endif

else

	@test -f $(ROOT)/conf_flags || { \
		echo 'The package nginx-dev is missing; or give NGINX_SRC=<source of nginx>.' >&2; \
		exit 1; }
	@test -z '$(SANITIZE)' || { \
		echo 'SANITIZE=1 needs NGINX_SRC=<source of nginx>.' >&2; \
		exit 1; }

	cd $(ROOT) && $(CLEAN) bash -c '. ./conf_flags && ./configure \
		"$${NGX_CONF_FLAGS[@]}" --with-cc=$(CC) --builddir=$(OBJS) \
		--with-cc-opt="$$(dpkg-buildflags --get CFLAGS) -fPIC $$(dpkg-buildflags --get CPPFLAGS) $(CFLAGS)" \
		--with-ld-opt="$$(dpkg-buildflags --get LDFLAGS) -fPIC $(LDFLAGS)" \
		$(addprefix --add-dynamic-module=,$(MODULES))'

endif


# what is missing on this Debian for run, test and bench

install-deps:
	@conf/packages.sh bench


# the dashboard's files, into $(OBJS)/ui

ui:		$(OBJS)/ui/index.html

UI =		$(wildcard src/dashboard/*.json src/dashboard/*.js \
			src/dashboard/*.ts src/dashboard/*.html \
			src/dashboard/public/* src/dashboard/src/*.* \
			src/dashboard/src/*/*.* src/dashboard/src/*/*/*.*)

$(OBJS)/ui/index.html: $(UI)
	conf/npm.sh src/dashboard
	cd src/dashboard && UI_OUT=$(OBJS)/ui npx vite build
	@find $(OBJS)/ui -name '*.js' -o -name '*.css' -o -name '*.html' \
		-o -name '*.svg' | xargs zopfli
	@touch $@


run:
	@conf/packages.sh run
	@mkdir -p $(OBJS)
	@echo 'building, what it says goes to $(OBJS)/build.log'
	@$(MAKE) --no-print-directory build ui >$(OBJS)/build.log 2>&1 \
		|| { cat $(OBJS)/build.log; exit 1; }
	@exec env --default-signal=INT,TERM UI=$(OBJS) \
		MODULE=$(OBJS)/ngx_http_sent_conv_module.so conf/run.sh


test:
	@conf/packages.sh test
	@$(MAKE) --no-print-directory build ui
	SENT_CONV_OBJS=$(OBJS) prove -j4 -r t


# long: the simulator on one server and on a Cluster, and broken scripts,
# which it must see

soak:
	@conf/packages.sh test
	t/lua/soak.sh


# long: clang's fuzzer on what reads bytes from outside, t/fuzz/

fuzz:
	@conf/packages.sh fuzz
	@$(MAKE) --no-print-directory $(OBJS)/Makefile
	@$(MAKE) --no-print-directory -k -j$(JOBS) -f t/fuzz/Makefile \
		OBJS=$(OBJS) $(if $(FUZZ_SECONDS),FUZZ_SECONDS=$(FUZZ_SECONDS)) fuzz


bench:
	@conf/packages.sh bench
	@$(MAKE) --no-print-directory build
	@$(MAKE) --no-print-directory build OBJS=$(OBJS)-bare \
		CFLAGS='$(CFLAGS) -DNGX_SENT_CONV_NO_METRICS=1'
	@$(MAKE) --no-print-directory ui
	SENT_CONV_OBJS=$(OBJS) python3 t/bench/bench.py
	SENT_CONV_OBJS=$(OBJS) perl t/bench/page.pl


# the pictures of README, of the page as it is

shots:
	@conf/packages.sh shots
	@$(MAKE) --no-print-directory build ui
	@mkdir -p docs
	SENT_CONV_OBJS=$(OBJS) perl t/browser/shots.pl docs


clean:
	rm -rf $(OBJS) $(OBJS)-bare


help:
	@echo 'make build    the module: objs/ngx_http_sent_conv_module.so'
	@echo 'make ui       the dashboard: objs/ui/, with Node.js'
	@echo 'make run      a demo in the foreground: PORT=8080 DIR=./run'
	@echo '              WINDOW=24h WORKERS=auto REDIS=unix:/path|host:port'
	@echo 'make test     all tests'
	@echo 'make soak     the scripts against dying workers, long'
	@echo 'make fuzz     the parsers under libFuzzer: FUZZ_SECONDS=60 for each'
	@echo 'make bench    measures, and ends with a table'
	@echo 'make shots    the pictures of README, with Chromium'
	@echo 'make clean    removes objs/'
	@echo
	@echo 'make install-deps     Debian packages for all of these'
	@echo 'CC=clang              the compiler'
	@echo 'NGINX_SRC=/path       a source tree of nginx in place of nginx-dev'
	@echo 'SANITIZE=1            with NGINX_SRC: objs/nginx with the module in'
	@echo '                      it, address and undefined behavior checked'
	@echo 'CFLAGS=, LDFLAGS=     more of them, e.g. for another hiredis'
	@echo 'OBJS=/path            where to build, objs/ by default'
