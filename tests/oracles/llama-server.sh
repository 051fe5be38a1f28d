#!/bin/sh
# The server of llama.cpp, from Debian's unstable distribution, with the libraries that it needs, in a folder of its own: nothing of the system
# changes. `llama-server.sh install` fetches it; any other arguments run it.
set -eu
here=$(cd "$(dirname "$0")" && pwd)/llama-server
lib=$here/usr/lib/x86_64-linux-gnu

if [ "${1-}" = install ]; then
  [ -x "$here/usr/bin/llama-server" ] && exit 0
  rm -rf "$here"
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work/lists/partial" "$work/cache/archives/partial" "$work/debs" "$work/root"
  echo "deb [arch=amd64 signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] http://deb.debian.org/debian sid main" > "$work/sources.list"
  apt() {
    apt-get -qq -o Dir::Etc::sourcelist="$work/sources.list" -o Dir::Etc::sourceparts=/dev/null -o Dir::State::lists="$work/lists" \
      -o Dir::Cache="$work/cache" -o Dir::State::status=/dev/null -o APT::Architecture=amd64 -o APT::Sandbox::User=root "$@"
  }
  apt update
  cd "$work/debs"
  apt download libc6 libgcc-s1 libgomp1 libstdc++6 libggml0 libzstd1 libssl3t64 zlib1g libllama0 llama.cpp-tools
  for package in ./*.deb; do dpkg-deb -x "$package" "$work/root"; done
  mv "$work/root" "$here"
  exit 0
fi

# Kernels are loaded by name; the plainest ones run everywhere.
kernels=x64
grep -q avx2 /proc/cpuinfo && kernels=haswell
export GGML_BACKEND_PATH="$lib/ggml/backends0/libggml-cpu-$kernels.so"
exec "$lib/ld-linux-x86-64.so.2" --library-path "$lib/llama:$lib" "$here/usr/bin/llama-server" "$@"
