# Daily work. `./run` and `./check` install what these need.

BUILD  = build
PREFIX = /usr/local

.PHONY: build run check bench fmt install clean

build: $(BUILD)/build.ninja
	ninja -C $(BUILD)

$(BUILD)/build.ninja:
	meson setup $(BUILD) --prefix=$(PREFIX)

run:
	./run

check:
	./check

bench: build
	sh bench/bench.sh $(BUILD)/tidemark

fmt:
	git ls-files 'src/*.[ch]' 'tests/*.[ch]' ':!tests/data' | xargs clang-format -i

install: $(BUILD)/build.ninja
	meson configure $(BUILD) --prefix=$(PREFIX)
	ninja -C $(BUILD)
	meson install -C $(BUILD) --no-rebuild

clean:
	rm -rf $(BUILD)
