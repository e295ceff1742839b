#!/usr/bin/env bash
# Packs the program for a GPU machine that has no network and no Java: Java, the program, ONNX
# Runtime's libraries with CUDA, golden checkpoints and the benchmark, in OUT_DIR/part-00, part-01, ...
# There: cat part-* | tar xJ -C DIR; DIR/run/steersweep doctor; DIR/run/bench/gpu.sh
# usage: bench/pack-gpu.sh [--cuda 12|13] [--part SIZE] OUT_DIR
#   --cuda   of the GPU machine's CUDA libraries (default 13); its driver must be as new
#   --part   size of a part (default 40m)
# Needs JDK 17 with jlink, Maven, xz; for CUDA 13 also pip.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
cuda=13 part=40m
while [ $# -gt 1 ]; do
  case $1 in
    --cuda) cuda=$2 ;;
    --part) part=$2 ;;
    *) echo "pack-gpu.sh: unknown option $1" >&2; exit 2 ;;
  esac
  shift 2
done
[ $# -eq 1 ] || { echo "usage: bench/pack-gpu.sh [--cuda 12|13] [--part SIZE] OUT_DIR" >&2; exit 2; }
out=$(mkdir -p "$1" && cd "$1" && pwd)
version=$(sed -n 's:.*<onnxruntime.version>\(.*\)</onnxruntime.version>.*:\1:p' "$root/pom.xml")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
run=$work/run
mkdir -p "$run/native" "$run/program" "$run/bench"

make -s -C "$root" build GPU=0
cp "$root"/cli/target/steersweep-cli-*.jar "$run/program/steersweep.jar"
cp -r "$root/cli/target/lib" "$run/program/lib"
jar=$run/program/lib/onnxruntime-$version.jar
natives=ai/onnxruntime/native
case $cuda in
  12) # Java's own package is made for CUDA 12
    mvn -q -B org.apache.maven.plugins:maven-dependency-plugin:3.8.1:copy -DoutputDirectory="$work" \
      -Dartifact="com.microsoft.onnxruntime:onnxruntime_gpu:$version"
    unzip -q -j "$work/onnxruntime_gpu-$version.jar" "$natives/linux-x64/*" -x '*tensorrt*' -d "$run/native"
    ;;
  13) # Python's package of the same version is made for CUDA 13; Java's loads its libraries
    pip download -q --no-deps --only-binary=:all: --python-version 3.11 --implementation cp \
      --platform manylinux_2_28_x86_64 --platform manylinux_2_27_x86_64 -d "$work" "onnxruntime-gpu==$version"
    unzip -q -j "$work"/onnxruntime_gpu-"$version"-*.whl 'onnxruntime/capi/libonnxruntime.so.*' \
      'onnxruntime/capi/libonnxruntime_providers_cuda.so' \
      'onnxruntime/capi/libonnxruntime_providers_shared.so' -d "$run/native"
    mv "$run/native/libonnxruntime.so.$version" "$run/native/libonnxruntime.so"
    unzip -q -j "$jar" "$natives/linux-x64/libonnxruntime4j_jni.so" -d "$run/native"
    ;;
  *) echo "pack-gpu.sh: --cuda: got $cuda, expected 12 or 13" >&2; exit 2 ;;
esac
python3 - "$jar" "$natives" <<'PYTHON'
import os, sys, zipfile
jar, natives = sys.argv[1:]
with zipfile.ZipFile(jar) as old, zipfile.ZipFile(jar + ".new", "w", zipfile.ZIP_DEFLATED) as new:
    for entry in old.infolist():
        if not entry.filename.startswith(natives):
            new.writestr(entry, old.read(entry))
os.replace(jar + ".new", jar)
PYTHON
jlink --add-modules java.base,java.desktop,java.logging,java.management,java.naming,java.net.http,java.sql,java.xml,jdk.unsupported,jdk.zipfs \
  --strip-debug --no-header-files --no-man-pages --compress=2 --output "$run/jre"
cp "$root"/bench/*.py "$root/bench/gpu.sh" "$run/bench/"
cp -r "$root/cli/src/test/resources/oracle" "$run/oracle"
cp -r "$root/demo/model" "$run/demo"
cp "$root/conf/demo.yaml" "$run/demo/"
cp "$root/bench/packed-steersweep" "$run/steersweep"
commit=$(git -C "$root" rev-parse --short HEAD 2>/dev/null || echo unknown)
echo "$commit" >"$run/commit"

rm -f "$out"/part-*
tar -C "$work" -c run | xz -6 -T0 | split -b "$part" -d - "$out/part-"
du -sh --apparent-size "$run"/* | sed "s:$run/::" >&2
ls -l "$out" >&2
