# Configuring and building a preset with its progress shown, as scripts/try and scripts/test do it. To be sourced
# after console.sh, with $root set.
# shellcheck shell=bash

# Objects are the same whatever folder the tree is in, so that another clone finds them in the cache.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
export CCACHE_SLOPPINESS=${CCACHE_SLOPPINESS:-pch_defines,time_macros,include_file_ctime,include_file_mtime}

# build PRESET [TARGET...]: all targets when none is named.
build() {
    local preset=$1 targets=()
    shift
    [ $# = 0 ] || targets=(--target "$@")
    step "configuring $preset" "$root/build/log/$preset-configure.log" cmake -S "$root" --preset "$preset"
    step "building $preset" "$root/build/log/$preset-build.log" \
        cmake --build "$root/build/$preset" --parallel "$(nproc)" "${targets[@]}"
}
